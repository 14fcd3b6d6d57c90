package import SharedMemory

/// Which Windows programs hold a section: those that have a handle of it.
extension WinePrefixes {
  package struct Holder: Sendable {
    /// The kernel's number of the process; nil: a native program's, which tells wine none.
    package let process: Int?
    /// The program's file name, `first.exe`; empty: unknown.
    package let program: String
    package let handles: Int
  }

  /// The server lists all handles of its processes; each that may mean the section is copied to
  /// us, compared with ours, and closed again.
  ///
  /// - Throws: as `open`.
  package func holders(of name: [UInt8]) throws(SharedMemoryError) -> [Holder] {
    try only(WineName(name, for: "find"), "find") { (_, _, client, opened) throws(WineFailure) in
      let counts = try handles(of: opened.handle, client)
      let known = try client.processes()
      return counts.sorted { $0.key < $1.key }.map { owner, count in
        let process = known.first { $0.process == owner }
        return Holder(
          process: process.flatMap { $0.native > 0 ? Int($0.native) : nil },
          program: Self.fileName(process?.image ?? []), handles: count)
      }
    }
  }

  /// More than a prefix has; the bound of a walk that somebody else leads.
  private static let mostHandles = 50_000

  private func handles(
    of ours: UInt32, _ client: WineClient
  ) throws(WineFailure) -> [UInt32: Int] {
    let all = try client.handles()
    // Types are numbered differently in each version: ours tells which is that of sections.
    guard let type = all.first(where: { $0.owner == client.process && $0.handle == ours })?.type
    else { throw .strange("does not list our own handle") }
    var counts: [UInt32: Int] = [:]
    let others = all.prefix(Self.mostHandles).filter {
      $0.type == type && $0.owner != client.process
    }
    for (owner, theirs) in Dictionary(grouping: others, by: \.owner) {
      let process: UInt32
      do throws(WineFailure) { process = try client.open(process: owner) } catch {
        if case .refused = error { continue }  // it has ended
        throw error
      }
      for entry in theirs where try client.isSame(ours, as: entry.handle, of: process) {
        counts[owner, default: 0] += 1
      }
      try client.close(process)
    }
    return counts
  }

  private static func fileName(_ image: [UInt16]) -> String {
    let name = image.split(separator: UInt16(UInt8(ascii: "\\"))).last ?? []
    return shown(WineText.bytes(of: name))
  }
}
