public import SharedMemory

/// A named section of a Windows program, or one that we made for such programs, in our memory.
///
/// A section that holds keeps its name as any Windows process would: the name goes with the last
/// handle, and the prefix's wineserver runs as long as there is one. A section that does not hold
/// has only the memory: it stays readable after the program has ended, and keeps nobody waiting.
public final class WineSection: Sendable {
  /// The name as it was written.
  public let name: String
  /// The prefix whose server has the name.
  public let prefix: String
  /// In bytes: what `create` was given; for a section that existed, what its creator asked for,
  /// rounded up to whole pages.
  public var size: Int { object.size }
  /// Did `create` find the section rather than make it?
  public var existed: Bool { object.existed }
  /// Does this keep the name, and with it the prefix's server?
  public var holds: Bool { client != nil }

  package let object: MemoryObject
  let server: WineServer
  private let parsed: WineName
  /// When it ends, the server closes our handle.
  private let client: WineClient?
  private let system: System

  init(
    _ name: WineName, _ object: consuming MemoryObject, on server: WineServer,
    held client: WineClient?, _ system: System
  ) {
    self.name = name.text
    prefix = server.prefixText
    parsed = name
    self.object = object
    self.server = server
    self.client = client
    self.system = system
  }

  /// A window on the section; parameters and errors as for `MemoryObject.map`.
  public func map(
    access: Access? = nil, offset: Int = 0, length: Int? = nil
  ) throws(SharedMemoryError) -> View {
    try object.map(access: access, offset: offset, length: length)
  }

  /// Asks by name whether Windows programs still find this section: a game that was restarted has
  /// another one. Lua: `view:check`.
  ///
  /// - Throws: 2 nobody has a section of this name, or it now belongs to another one; 170 the
  ///   server does not answer.
  public func check() throws(SharedMemoryError) {
    let prefixes = WinePrefixes(of: server, system)
    let now: WineSection
    do throws(SharedMemoryError) {
      now = try prefixes.open(parsed, .read, holding: false, for: "check")
    } catch {
      if error.code != .fileNotFound { throw error }
      throw SharedMemoryError(
        .fileNotFound, "check", name,
        "no Windows program in \(prefix) has it any more; the view shows what was there last: "
          + "close it, and open the name again once the program runs")
    }
    if try isSameFile(as: now) { return }
    throw SharedMemoryError(
      .fileNotFound, "check", name,
      "the program was started again, and its name means another section now; close the view and "
        + "open the name again")
  }

  private func isSameFile(as other: WineSection) throws(SharedMemoryError) -> Bool {
    do throws(Errno) { return try object.status().isSameFile(as: other.object.status()) } catch {
      throw SharedMemoryError(
        ErrorCode(error), errno: error, "check", name,
        "the kernel refused to say which file is behind it")
    }
  }
}
