/// The types of named objects. One name belongs to one type at a time, as in Win32 (error 6).
///
/// A mapping's file holds the user's bytes and nothing else, so the type cannot stand in it. The
/// file of every other type has the sticky bit, which means nothing for a regular file and which
/// a mapping never has, and begins with a header that names the type.
package enum ObjectKind: UInt32, Sendable, CaseIterable {
  case mapping = 0
  case event = 1
  case mutex = 2
  case semaphore = 3

  package var name: String {
    switch self {
    case .mapping: "mapping"
    case .event: "event"
    case .mutex: "mutex"
    case .semaphore: "semaphore"
    }
  }

  /// With its article.
  var one: String { self == .event ? "an event" : "a \(name)" }

  /// Mode bits beside the permissions.
  var modeBits: UInt32 { self == .mapping ? 0 : 0o1000 }

  /// `moonpool`, then the format's number and the kind, little-endian: 16 bytes.
  private static let magic = Array("moonpool".utf8)
  private static let format: UInt32 = 3
  static let headerLength = 16

  var header: [UInt8] {
    if self == .mapping { return [] }
    return Self.magic
      + [Self.format, rawValue].flatMap { word in
        (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
      }
  }

  /// The kind that a header names; nil for one that this build does not know.
  init?(header: [UInt8]) {
    guard header.count == Self.headerLength, header.starts(with: Self.magic) else { return nil }
    let words = stride(from: 8, to: 16, by: 4).map { at in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(header[at + $1]) << UInt32($1 * 8) }
    }
    guard words[0] == Self.format, words[1] != 0 else { return nil }
    self.init(rawValue: words[1])
  }
}
