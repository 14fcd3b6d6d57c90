internal import CShm
internal import Glibc
internal import SharedMemory

/// How many columns text takes on a terminal: `wcwidth(3)`, in a UTF-8 locale of its own.
package enum TextWidth {
  private nonisolated(unsafe) static let utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)

  /// Runs `body` in a locale that knows wide characters. Without such a locale each character
  /// counts 1.
  private static func inLocale<Result>(_ body: () -> Result) -> Result? {
    guard let utf8 else { return nil }
    let previous = uselocale(utf8)
    defer { uselocale(previous) }
    return body()
  }

  /// The width for a message box; control characters count 0.
  package static func columns(of text: String) -> Int {
    inLocale { text.unicodeScalars.reduce(0) { $0 + Int(max(cshm_columns($1.value), 0)) } }
      ?? text.count
  }

  /// The columns of a scalar that may be shown.
  private static func columns(of scalar: Unicode.Scalar) -> Int {
    if scalar.isASCII { return 1 }
    return inLocale { Int(max(cshm_columns(scalar.value), 0)) } ?? 1
  }

  /// The columns of a line whose characters are shown as `shown` makes them.
  package static func columnsShown(of text: String) -> Int {
    text.reduce(0) { $0 + shown($1).columns }
  }

  /// A character as it is shown: itself, or a notation for it. `Printable` decides, as everywhere,
  /// which characters may be shown; only the notation is the editor's own, so that it can be told
  /// from typed text.
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
    // Pictures that are joined into one take the place of one.
    return (text, isJoined ? widest : columns)
  }

  /// `^[` for ESC; `<202E>` for a character that would reorder the line.
  private static func visible(_ scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    case ..<0x20: "^" + String(UnicodeScalar(UInt8(scalar.value) + 0x40))
    case 0x7F: "^?"
    default: "<" + String(scalar.value, radix: 16, uppercase: true) + ">"
    }
  }

  /// The text with everything visible that could command a terminal; for lists and messages.
  package static func shown(_ text: String) -> String {
    text.reduce(into: "") { $0 += shown($1).text }
  }
}
