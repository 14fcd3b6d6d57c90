/// A name as the caller wrote it, and the namespace and object that it means.
///
/// The rules are Win32's, from Microsoft's page "Kernel object namespaces" and from measurements
/// (facts 27 to 47 of `Tests/Facts.md`): prefixes and names are case sensitive, a backslash only
/// separates the prefix, and every other byte is legal. Names are bytes; text is UTF-8.
package struct ObjectName: Hashable, Sendable {
  package enum Place: Hashable, Sendable {
    /// `Local\x` or `x`: the user's objects.
    case local
    /// `Global\x`: every user's objects on this machine.
    case global
    /// `/x`: the POSIX object of `shm_open("/x")`, which lives until it is unlinked
    /// (`shm_unlink(3)`).
    case raw
  }

  package let place: Place
  /// The object's name without its prefix.
  package let bytes: [UInt8]
  /// The complete name, for messages.
  package let text: String

  /// Win32's limit, in characters: 32,767 with the terminator.
  package static let limit = 32_766

  /// - Parameter operation: the call that errors name.
  /// - Throws: 123 an empty or impossible name, 161 a leading backslash, 3 a further backslash,
  ///   6 a reserved word, 206 a name that is too long.
  package init(_ written: [UInt8], for operation: String) throws(SharedMemoryError) {
    text = shown(written)
    let text = text
    func refused(_ code: ErrorCode, _ advice: String) -> SharedMemoryError {
      SharedMemoryError(code, operation, text, advice)
    }
    if written.count > Self.limit {
      throw refused(.filenameTooLong, "a name has at most \(Self.limit) bytes")
    }
    if written.first == UInt8(ascii: "/") {
      place = .raw
      bytes = try Self.rawName(written.dropFirst(), refused)
      return
    }
    let (place, rest) = Self.split(written)
    self.place = place
    if rest.isEmpty {
      let advice = written.isEmpty ? "" : "; write something after the prefix"
      throw refused(.invalidName, "the name is empty\(advice)")
    }
    if let advice = Self.reserved(written) { throw refused(.invalidHandle, advice) }
    if written.first == UInt8(ascii: "\\") {
      throw refused(.badPathname, "a name does not begin with a backslash")
    }
    if rest.contains(UInt8(ascii: "\\")) {
      throw refused(
        .pathNotFound,
        "a backslash only ends the prefixes Local\\, Global\\ and Wine\\, which are case sensitive")
    }
    bytes = Array(rest)
  }

  private static func split(_ written: [UInt8]) -> (Place, ArraySlice<UInt8>) {
    if written.starts(with: "Local\\".utf8) { return (.local, written.dropFirst(6)) }
    if written.starts(with: "Global\\".utf8) { return (.global, written.dropFirst(7)) }
    return (.local, written[...])
  }

  /// On Windows these three are links in the session's directory of names (fact 33).
  private static func reserved(_ written: [UInt8]) -> String? {
    if written.elementsEqual("Global".utf8) || written.elementsEqual("Local".utf8)
      || written.elementsEqual("Session".utf8)
    {
      return "\(shown(written)) is reserved; an object needs a name of its own"
    }
    return nil
  }

  private static func rawName(
    _ rest: ArraySlice<UInt8>, _ refused: (ErrorCode, String) -> SharedMemoryError
  ) throws(SharedMemoryError) -> [UInt8] {
    if rest.isEmpty || rest.elementsEqual(".".utf8) || rest.elementsEqual("..".utf8)
      || rest.contains(UInt8(ascii: "/")) || rest.contains(0)
    {
      throw refused(
        .invalidName,
        "a POSIX object is written /name, with no further slash and no NUL; it is not . or ..")
    }
    if rest.count > 255 {
      throw refused(.filenameTooLong, "a POSIX name has at most 255 bytes after the slash")
    }
    return Array(rest)
  }
}
