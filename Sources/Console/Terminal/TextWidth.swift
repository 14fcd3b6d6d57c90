internal import CShm
internal import Glibc
internal import SharedMemory

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

  /// The columns of a scalar that may be shown.
  private static func columns(of scalar: Unicode.Scalar) -> Int {
    if scalar.isASCII { return 1 }
    return inLocale { Int(max(cshm_columns(scalar.value), 0)) } ?? 1
  }

  /// A line's columns, its characters as `shown` has them.
  package static func columnsShown(of text: String) -> Int {
    text.reduce(0) { $0 + shown($1).columns }
  }

  /// A character as it is shown: itself, or in characters that may be shown what it is. Which may
  /// is the rule of `Printable`, as everywhere; only the notation is the editor's, one that can be
  /// told from what was typed.
  package static func shown(_ character: Character) -> (text: String, columns: Int) {
    if let byte = character.asciiValue, (0x20...0x7E).contains(byte), character != "\r\n" {
      return (String(character), 1)
    }
    var text = ""
    var columns = 0
    var widest = 0
    var isJoined = false
    let scalars = Array(character.unicodeScalars)
    var rule = Printable()
    for (index, scalar) in scalars.enumerated() {
      let following = index + 1 < scalars.count ? scalars[index + 1] : nil
      if !rule.shows(scalar, before: following) {
        let visible = visible(scalar)
        text += visible
        columns += visible.utf8.count
        continue
      }
      let width = Self.columns(of: scalar)
      text.unicodeScalars.append(scalar)
      columns += width
      widest = max(widest, width)
      isJoined = isJoined || scalar.value == 0x200D || (0x1F3FB...0x1F3FF).contains(scalar.value)
    }
    // Joined pictures are one.
    return (text, isJoined ? widest : columns)
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
