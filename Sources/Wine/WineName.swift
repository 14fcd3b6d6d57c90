package import SharedMemory

/// A name of the form `Wine\Local\x`, `Wine\Global\x` or `Wine\x`. Windows programs under Wine know
/// it without the first part.
///
/// The rules for the rest are Win32's (`ObjectName`): prefixes and names are case sensitive, and a
/// backslash only separates the prefix. Windows keeps names in UTF-16; here they are UTF-8, in
/// which a lone surrogate becomes the three bytes that its code would have.
package struct WineName: Hashable, Sendable {
  package enum Place: Sendable, CaseIterable {
    /// `Local\x` or `x`: in the user's session, by Wine's numbers.
    case local
    case global

    var prefix: String { self == .local ? "Local\\" : "Global\\" }
  }

  package let place: Place
  /// The name without any prefix, in UTF-16.
  let units: [UInt16]
  /// The whole name for messages.
  package let text: String

  package static let start = Array("Wine\\".utf8)

  /// Is the name under Wine? All other names belong to `ObjectName`.
  package static func isOne(_ written: [UInt8]) -> Bool { written.starts(with: start) }

  /// Refuses names under Wine for what Wine's sections cannot do, and for other kinds of objects.
  ///
  /// - Throws: 50 for any name under Wine.
  package static func refuse(_ written: [UInt8], for operation: String) throws(SharedMemoryError) {
    if !isOne(written) { return }
    let advice =
      switch operation {
      case "path": "memory under Wine has no file with a name; open it by its name"
      case "unlink": "a name under Wine goes with its last handle"
      default:
        "of Wine's objects only memory is shared: under Proton's fsync and ntsync events, mutexes "
          + "and semaphores are other objects of the server's, and waiting for them differs between "
          + "versions"
      }
    throw SharedMemoryError(.notSupported, operation, shown(written), advice)
  }

  /// - Throws: 123 an empty name, or one that Windows cannot have; 161 a leading backslash; 3 a
  ///   further backslash; 6 a reserved word; 206 a name that is too long.
  package init(_ written: [UInt8], for operation: String) throws(SharedMemoryError) {
    text = shown(written)
    let text = text
    func refused(_ code: ErrorCode, _ advice: String) -> SharedMemoryError {
      SharedMemoryError(code, operation, text, advice)
    }
    let windows = written.dropFirst(Self.start.count)
    let (place, rest) = Self.split(windows)
    self.place = place
    if rest.isEmpty {
      throw refused(.invalidName, "the name is empty; write something after the prefix")
    }
    if Self.reserved.contains(where: { windows.elementsEqual($0.utf8) }) {
      throw refused(
        .invalidHandle, "\(shown(windows)) is reserved; an object needs a name of its own")
    }
    if windows.first == Self.backslash {
      throw refused(.badPathname, "a Windows name does not begin with a backslash")
    }
    if rest.contains(Self.backslash) {
      throw refused(
        .pathNotFound,
        "after Wine\\ a backslash only ends the prefixes Local\\ and Global\\, which are case "
          + "sensitive")
    }
    guard let units = WineText.units(of: rest), !units.contains(0) else {
      throw refused(
        .invalidName, "Windows keeps names in UTF-16 without a NUL; these bytes are no UTF-8")
    }
    if units.count > Self.limit {
      throw refused(.filenameTooLong, "a Windows name has at most \(Self.limit) characters")
    }
    self.units = units
  }

  /// A name found by a listing.
  init(_ place: Place, units: [UInt16]) {
    self.place = place
    self.units = units
    text = shown(Self.start + Array(place.prefix.utf8) + WineText.bytes(of: units))
  }

  /// The name to open it with.
  package var bytes: [UInt8] {
    Self.start + Array(place.prefix.utf8) + WineText.bytes(of: units)
  }

  /// The path in NT's tree of names; `session` is the number that the server gave us.
  func path(session: UInt32) -> [UInt16] {
    Self.folder(place, session: session) + [UInt16(Self.backslash)] + units
  }

  /// The directory that contains the names of a place.
  static func folder(_ place: Place, session: UInt32) -> [UInt16] {
    let text =
      place == .global
      ? "\\BaseNamedObjects" : "\\Sessions\\\(session)\\BaseNamedObjects"
    return Array(text.utf16)
  }

  /// In UTF-16 units: the 32,767 of an NT path, less those of the directory.
  static let limit = 32_700
  private static let backslash = UInt8(ascii: "\\")
  /// Names of links in the session's directory.
  private static let reserved = ["Global", "Local", "Session"]

  private static func split(_ windows: ArraySlice<UInt8>) -> (Place, ArraySlice<UInt8>) {
    for place in Place.allCases where windows.starts(with: place.prefix.utf8) {
      return (place, windows.dropFirst(place.prefix.utf8.count))
    }
    return (.local, windows)
  }
}

/// Converts between UTF-16 as Windows keeps it, with lone surrogates, and UTF-8 with the same.
enum WineText {
  /// Nil: the bytes are not UTF-8, even if lone surrogates are allowed.
  static func units(of bytes: ArraySlice<UInt8>) -> [UInt16]? {
    if let text = String(validating: bytes, as: UTF8.self) { return Array(text.utf16) }
    var units: [UInt16] = []
    var rest = bytes
    while let first = rest.first {
      let length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
      let piece = rest.prefix(length)
      if let text = String(validating: piece, as: UTF8.self) {
        units += text.utf16
      } else if let lone = surrogate(piece) {
        units.append(lone)
      } else {
        return nil
      }
      rest = rest.dropFirst(length)
    }
    return units
  }

  static func bytes(of units: some Collection<UInt16>) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(units)[...]
    while let first = rest.first {
      let isPair =
        UTF16.isLeadSurrogate(first) && rest.dropFirst().first.map(UTF16.isTrailSurrogate) == true
      let piece = rest.prefix(isPair ? 2 : 1)
      if isPair || !UTF16.isLeadSurrogate(first) && !UTF16.isTrailSurrogate(first) {
        bytes += String(decoding: piece, as: UTF16.self).utf8
      } else {
        bytes += [
          0xE0 | UInt8(first >> 12), 0x80 | UInt8(first >> 6 & 63), 0x80 | UInt8(first & 63),
        ]
      }
      rest = rest.dropFirst(piece.count)
    }
    return bytes
  }

  /// The lone surrogate that these three bytes encode.
  private static func surrogate(_ piece: ArraySlice<UInt8>) -> UInt16? {
    let bytes = Array(piece)
    guard bytes.count == 3, bytes[0] == 0xED, 0xA0...0xBF ~= bytes[1], 0x80...0xBF ~= bytes[2]
    else { return nil }
    return 0xD000 | UInt16(bytes[1] & 63) << 6 | UInt16(bytes[2] & 63)
  }
}
