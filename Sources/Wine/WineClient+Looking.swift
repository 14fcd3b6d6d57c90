/// What a server says about its names, its processes and their handles.
extension WineClient {
  /// A name in one of the server's directories.
  package struct DirectoryEntry {
    let name: [UInt16]
    let type: [UInt16]

    var isSection: Bool { type.elementsEqual("Section".utf16) }
  }

  /// More names than a server has. Bounds a walk whose length the server decides.
  private static let mostEntries = 100_000

  package func entries(_ place: WineName.Place) throws(WineFailure) -> [DirectoryEntry] {
    var message = WineMessage(.openDirectory)
    message.add(1, 0, 0)  // DIRECTORY_QUERY
    message.append(WineName.folder(place, session: session))
    let directory: UInt32
    do throws(WineFailure) {
      directory = try handle(of: perform(message), message)
    } catch {
      // The session's directory is created with its first name.
      if case .refused(WineStatus.notFound) = error { return [] }
      if case .refused(0xC000_003A) = error { return [] }
      throw error
    }
    let entries =
      numbers[.getDirectoryEntries] != nil
      ? try several(of: directory) : try oneByOne(of: directory)
    try close(directory)
    return entries
  }

  /// `get_directory_entry`, up to Wine 8.
  private func oneByOne(of directory: UInt32) throws(WineFailure) -> [DirectoryEntry] {
    var entries: [DirectoryEntry] = []
    while entries.count < Self.mostEntries {
      var message = WineMessage(.getDirectoryEntry, room: Room.names)
      message.add(directory, UInt32(entries.count))
      let reply: WineReply
      do throws(WineFailure) { reply = try perform(message) } catch {
        if case .refused(WineStatus.noMoreEntries) = error { break }
        throw error
      }
      let length = Int(reply.word(12))
      guard let name = reply.units(0, bytes: length),
        let type = reply.units(length, bytes: reply.variable.count - length)
      else { throw .strange("answers get_directory_entry with lengths that cannot be") }
      entries.append(DirectoryEntry(name: name, type: type))
    }
    return entries
  }

  /// `get_directory_entries`, from Wine 9 on.
  private func several(of directory: UInt32) throws(WineFailure) -> [DirectoryEntry] {
    var entries: [DirectoryEntry] = []
    while entries.count < Self.mostEntries {
      var message = WineMessage(.getDirectoryEntries, room: Room.names)
      message.add(directory, UInt32(entries.count), 512)
      // Together with the last entries the status says that there are no more.
      let reply = try perform(message, besides: WineStatus.noMoreEntries)
      let before = entries.count
      try append(reply, to: &entries)
      if entries.count == before { break }
    }
    return entries
  }

  /// Each entry consists of two lengths, a name, a type, and zeroes up to a multiple of 4.
  private func append(
    _ reply: WineReply, to entries: inout [DirectoryEntry]
  ) throws(WineFailure) {
    var at = 0
    while at < reply.variable.count {
      guard let nameLength = reply.variableWord(at), let typeLength = reply.variableWord(at + 4),
        let name = reply.units(at + 8, bytes: Int(nameLength)),
        let type = reply.units(at + 8 + Int(nameLength), bytes: Int(typeLength))
      else { throw .strange("answers get_directory_entries with lengths that cannot be") }
      entries.append(DirectoryEntry(name: name, type: type))
      at = (at + 8 + Int(nameLength) + Int(typeLength) + 3) & ~3
    }
  }

  /// A Windows process.
  package struct ProcessEntry {
    let process: UInt32
    /// Its number in the kernel; -1: a native program, as we are.
    let native: Int32
    let handles: UInt32
    let image: [UInt16]
  }

  package func processes() throws(WineFailure) -> [ProcessEntry] {
    let reply = try perform(WineMessage(.listProcesses, room: Room.list))
    var found: [ProcessEntry] = []
    var at = 0
    // A record has 40 bytes, its image's name, and 40 bytes for each thread; it is aligned to 8.
    while at + 40 <= reply.variable.count {
      guard let nameLength = reply.variableWord(at + 8),
        let threads = reply.variableWord(at + 12), let process = reply.variableWord(at + 20),
        let handles = reply.variableWord(at + 32), let native = reply.variableWord(at + 36),
        let image = reply.units(at + 40, bytes: Int(nameLength))
      else { throw .strange("answers list_processes with lengths that cannot be") }
      found.append(
        ProcessEntry(
          process: process, native: Int32(bitPattern: native), handles: handles, image: image))
      at = ((at + 40 + Int(nameLength) + 7) & ~7) + Int(threads) * 40
      at = (at + 7) & ~7
    }
    return found
  }

  /// Opens a process; the handle allows copying the process's handles.
  package func open(process: UInt32) throws(WineFailure) -> UInt32 {
    var message = WineMessage(.openProcess)
    message.add(process, 0x40, 0)  // PROCESS_DUP_HANDLE
    return try handle(of: perform(message), message)
  }

  /// How many handles of another process refer to the same object as ours.
  ///
  /// `get_system_handles` would list them all, but wine (8.0, and its sources later) reads past the
  /// table of a process without any handle, as each process begins, and then crashes together with
  /// all programs of the prefix. So the numbers are tried: they start at 4, in steps of 4, and a
  /// new handle gets the lowest free one.
  ///
  /// - Parameters:
  ///   - process: a handle of the process, from `open(process:)`.
  ///   - count: how many handles the process has in all.
  package func count(
    of ours: UInt32, in process: UInt32, having count: UInt32
  ) throws(WineFailure) -> Int {
    let last = 4 * UInt64(min(2 * UInt64(count) + Self.mostGaps, Self.mostHandles))
    var (met, same, theirs) = (UInt32(0), 0, UInt64(4))
    while met < count && theirs <= last {
      if let isSame = try isSame(ours, as: UInt32(theirs), of: process) {
        met += 1
        same += isSame ? 1 : 0
      }
      theirs += 4
    }
    return same
  }

  /// How many free numbers are tried in addition to the number of handles.
  private static let mostGaps: UInt64 = 1_024
  /// More handles than a program has. Bounds a walk whose length somebody else decides.
  private static let mostHandles: UInt64 = 50_000

  /// Does this handle of another process refer to the same object as ours? Nil: it has no such
  /// handle.
  package func isSame(
    _ ours: UInt32, as theirs: UInt32, of process: UInt32
  ) throws(WineFailure) -> Bool? {
    var copy = WineMessage(.dupHandle)
    copy.add(process, theirs, UInt32.max, 0, 0, 2)  // to this process, with the same access
    let copied: UInt32
    do throws(WineFailure) { copied = try handle(of: perform(copy), copy) } catch {
      if case .refused = error { return nil }
      throw error
    }
    var compare = WineMessage(.compareObjects)
    compare.add(ours, copied)
    let notSame: UInt32 = 0xC000_01AC
    let isSame: Bool
    do throws(WineFailure) { isSame = try perform(compare).status == WineStatus.success } catch {
      guard case .refused(notSame) = error else { throw error }
      isSame = false
    }
    try close(copied)
    return isSame
  }
}
