internal import CShm
internal import Glibc

/// Columns that text takes on a terminal: `wcwidth(3)`, in a UTF-8 locale of its own.
package enum TextWidth {
  private nonisolated(unsafe) static let utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)

  /// Runs `body` with the locale that knows wide characters; machines without it count 1 each.
  private static func inLocale<Result>(_ body: () -> Result) -> Result? {
    guard let utf8 else { return nil }
    let previous = uselocale(utf8)
    defer { uselocale(previous) }
    return body()
  }

  /// What a message box needs: control characters count nothing.
  package static func columns(of text: String) -> Int {
    inLocale { text.unicodeScalars.reduce(0) { $0 + Int(max(cshm_columns($1.value), 0)) } }
      ?? text.count
  }

  /// A scalar's columns, or -1: it would move the cursor or reorder the line.
  package static func columns(of scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x20...0x7E: 1
    case ..<0x20, 0x7F...0x9F: -1
    case 0x202A...0x202E, 0x2066...0x2069, 0x2028, 0x2029, 0x200E, 0x200F: -1
    default: inLocale { Int(cshm_columns(scalar.value)) } ?? 1
    }
  }

  /// A line's columns, its characters as `shown` has them.
  package static func columnsShown(of text: String) -> Int {
    text.reduce(0) { $0 + shown($1).columns }
  }

  /// A character as it is shown: itself, or in printable characters what it is.
  package static func shown(_ character: Character) -> (text: String, columns: Int) {
    if let byte = character.asciiValue, (0x20...0x7E).contains(byte), character != "\r\n" {
      return (String(character), 1)
    }
    var text = ""
    var columns = 0
    var widest = 0
    var isJoined = false
    for scalar in character.unicodeScalars {
      let width = Self.columns(of: scalar)
      if width < 0 {
        let visible = visible(scalar)
        text += visible
        columns += visible.utf8.count
        continue
      }
      text.unicodeScalars.append(scalar)
      columns += width
      widest = max(widest, width)
      isJoined = isJoined || scalar.value == 0x200D || (0x1F3FB...0x1F3FF).contains(scalar.value)
    }
    // Joined emoji are one picture; a combining mark with nothing before it gets a column.
    if isJoined { columns = widest }
    return columns == 0 ? ("\u{25CC}" + text, 1) : (text, columns)
  }

  /// `^[` for ESC, `<202E>` for what would reorder the line.
  private static func visible(_ scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    case ..<0x20: "^" + String(UnicodeScalar(UInt8(scalar.value) + 0x40))
    case 0x7F: "^?"
    default: "<" + String(scalar.value, radix: 16, uppercase: true) + ">"
    }
  }

  /// A text with all that could command a terminal made visible; for lists and messages.
  package static func shown(_ text: String) -> String {
    text.reduce(into: "") { $0 += shown($1).text }
  }
}
