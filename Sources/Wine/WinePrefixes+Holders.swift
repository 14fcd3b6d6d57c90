package import SharedMemory

/// Which Windows programs hold a section, that is, have a handle of it.
extension WinePrefixes {
  package struct Holder: Sendable {
    /// The kernel's number of the process; nil: a native program, which tells wine none.
    package let process: Int?
    /// The program's file name, `first.exe`; empty: unknown.
    package let program: String
    package let handles: Int
  }

  /// Copies each handle of each process, compares it with ours, and closes the copy.
  ///
  /// - Throws: as `open`.
  package func holders(of name: [UInt8]) throws(SharedMemoryError) -> [Holder] {
    try only(WineName(name, for: "find"), "find") { (_, _, client, opened) throws(WineFailure) in
      var holders: [Holder] = []
      for process in try client.processes().sorted(by: { $0.process < $1.process })
      where process.process != client.process {
        let count = try handles(of: opened.handle, in: process, client)
        if count == 0 { continue }
        holders.append(
          Holder(
            process: process.native > 0 ? Int(process.native) : nil,
            program: Self.fileName(process.image), handles: count))
      }
      return holders
    }
  }

  private func handles(
    of ours: UInt32, in process: WineClient.ProcessEntry, _ client: WineClient
  ) throws(WineFailure) -> Int {
    if process.handles == 0 { return 0 }
    let opened: UInt32
    do throws(WineFailure) { opened = try client.open(process: process.process) } catch {
      if case .refused = error { return 0 }  // it has ended
      throw error
    }
    let count = try client.count(of: ours, in: opened, having: process.handles)
    try client.close(opened)
    return count
  }

  private static func fileName(_ image: [UInt16]) -> String {
    let name = image.split(separator: UInt16(UInt8(ascii: "\\"))).last ?? []
    return shown(WineText.bytes(of: name))
  }
}
