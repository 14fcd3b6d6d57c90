internal import PrintableText

/// What is wrong with a C declaration, and where. Lua: `shm.layout` raises its `description`.
public struct LayoutError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Counted from 1.
  public let line: Int
  /// Counted from 1, in characters.
  public let column: Int
  /// The file that contains the mistake, if it was included or named.
  public let file: String?
  /// What is wrong, in one line: `unknown type name 'foo'`.
  public let message: String
  /// The offending line; a long one is cut around the column, and unprintable characters are
  /// U+FFFD.
  public let source: String
  /// The caret's column under `source`, from 0.
  let caret: Int

  /// Place and message, then the offending line and a caret under it:
  ///
  ///     line 2, column 3: unknown type name 'foo'
  ///       foo bar;
  ///       ^
  public var description: String {
    if line == 0 { return message + advice }
    let place = (file.map { "\($0): " } ?? "") + "line \(line), column \(column): \(message)"
    // At the end of a file there is nothing to point at.
    if source.allSatisfy(\.isWhitespace) { return place + advice }
    return "\(place)\n\(source)\n\(String(repeating: " ", count: caret))^" + advice
  }

  /// What else can be done, beginning with a line's end; or nothing.
  private(set) var advice = ""

  /// An error that belongs to no line, such as a missing file.
  package init(_ message: String) {
    (line, column, file, self.message, source, caret) = (0, 0, nil, message, "", 0)
  }

  /// The same error, and the command that may know more.
  package func naming(command: String?) -> LayoutError {
    var error = self
    if let command { error.advice = "\n" + command }
    return error
  }
}

/// An error inside the parser: its place is an offset, as lines have not been counted yet.
struct LayoutFault: Error {
  let position: Int
  let message: String
  /// The text there is C++ and not C.
  var isCPlusPlus = false
  /// The error follows from a name that is declared elsewhere.
  var isForeign = false
  /// Of these it says that nobody declares them.
  var unknownTypes: [String] = []

  init(
    _ position: Int, _ message: String, isForeign: Bool = false, unknownTypes: [String] = []
  ) {
    self.position = position
    self.message = message
    self.isForeign = isForeign
    self.unknownTypes = unknownTypes
  }

  static func tooDeep(_ position: Int) -> LayoutFault {
    LayoutFault(position, "nested deeper than \(LayoutTypes.mostLevels) levels")
  }
}

extension LayoutError {
  /// Counts lines and columns in the original text.
  init(_ fault: LayoutFault, in bytes: [UInt8]) {
    self.init(fault, in: bytes[...], nil)
  }

  /// The same for a text followed by the files that it included.
  init(_ fault: LayoutFault, in lexer: LayoutLexer, _ name: String?) {
    let source = lexer.sources.first { $0.range.contains(fault.position) }
    let end = lexer.sources.first?.range.lowerBound ?? lexer.bytes.count
    self.init(fault, in: lexer.bytes[source?.range ?? 0..<end], source?.name ?? name)
  }

  private init(_ fault: LayoutFault, in bytes: ArraySlice<UInt8>, _ file: String?) {
    self.file = file
    let position = max(min(fault.position, bytes.endIndex), bytes.startIndex)
    let newline = UInt8(ascii: "\n")
    let start = bytes[..<position].lastIndex(of: newline).map { $0 + 1 } ?? bytes.startIndex
    // A line may have megabytes: the bytes of a few characters after the place are enough.
    let near = bytes[position...].prefix(4 * Self.shownAfter)
    let end = near.firstIndex(of: newline) ?? near.endIndex
    let before = Self.characters(bytes[start..<position])
    let after = Self.characters(bytes[position..<end])
    let shown = before.suffix(Self.shownBefore)
    line = bytes[..<start].count { $0 == newline } + 1
    column = before.count + 1
    message = PrintableText.shown(fault.message.utf8)
    var text = String.UnicodeScalarView(shown)
    text.append(contentsOf: after.prefix(Self.shownAfter))
    source = String(text)
    caret = shown.count
  }

  private static let shownBefore = 70
  private static let shownAfter = 50

  /// One printable character for each that stands there, so that the caret is in the right place.
  private static func characters(_ bytes: ArraySlice<UInt8>) -> [Unicode.Scalar] {
    let all = Array(
      String(decoding: bytes, as: UTF8.self).unicodeScalars
        .filter { $0 != "\r" && $0 != "\u{feff}" })
    var rule = Printable()
    return all.indices.map { index in
      if all[index] == "\t" { return " " }
      let following = index + 1 < all.count ? all[index + 1] : nil
      return rule.shows(all[index], before: following) ? all[index] : "\u{fffd}"
    }
  }
}
