/// The types of named objects. A name belongs to one type at a time, as in Win32 (error 6).
///
/// A mapping's file contains the user's bytes and nothing else, so its type cannot stand in it. The
/// file of every other type begins with a header that names the type (`WaitableKind.number`) and is
/// marked by the sticky bit, which means nothing for a regular file and which a mapping never has.
package struct ObjectKind: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let mapping = ObjectKind(rawValue: 0)

  /// The types that this build knows.
  package static var allCases: [ObjectKind] {
    [mapping] + WaitableKinds.all.map { ObjectKind(rawValue: $0.number) }
  }

  /// Nil: a mapping.
  package var waitable: (any WaitableKind)? {
    self == .mapping ? nil : WaitableKinds.numbered(rawValue)
  }

  package var name: String { waitable?.name ?? "mapping" }

  /// The type with its article, for messages.
  var one: String { waitable?.one ?? "a mapping" }

  /// The file's mode bits other than permissions.
  var modeBits: UInt32 { self == .mapping ? 0 : 0o1000 }

  /// `moonpool`, then the format's number and the kind, little-endian: 16 bytes.
  private static let magic = Array("moonpool".utf8)
  private static let format: UInt32 = 4
  static let headerLength = 16

  var header: [UInt8] {
    if self == .mapping { return [] }
    return Self.magic
      + [Self.format, rawValue].flatMap { word in
        (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
      }
  }

  /// The type that a header names; nil: this build does not know it.
  init?(header: [UInt8]) {
    guard header.count == Self.headerLength, header.starts(with: Self.magic) else { return nil }
    let words = stride(from: 8, to: 16, by: 4).map { at in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(header[at + $1]) << UInt32($1 * 8) }
    }
    guard words[0] == Self.format, WaitableKinds.numbered(words[1]) != nil else { return nil }
    self.init(rawValue: words[1])
  }
}

extension WaitableKind {
  var objectKind: ObjectKind { ObjectKind(rawValue: number) }
}
