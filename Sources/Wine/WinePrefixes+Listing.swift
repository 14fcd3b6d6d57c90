package import SharedMemory

/// Looks at what Windows programs have shared, without holding any of it.
extension WinePrefixes {
  /// A section that has a name.
  package struct Entry: Sendable {
    /// The name to open it with.
    package let name: [UInt8]
    /// The name as one line of text.
    package let text: String
    /// In bytes, rounded up to whole pages.
    package let size: UInt64
    /// The number of handles in all of the server's processes, native ones included; nil: this
    /// version of wine does not say.
    package let handles: Int?
    package let prefix: [UInt8]
    /// The prefix as one line of text.
    package let prefixText: String
    /// The process number of the wineserver.
    package let server: Int32
    /// Is it a program or library, which Windows maps in pieces?
    package let isImage: Bool
  }

  /// The sections of all servers that are meant, and why some of those could not be asked.
  package func list() -> (entries: [Entry], refusals: [SharedMemoryError]) {
    let (lists, refusals) = listing(entries)
    return (lists.sorted { $0.name.lexicographicallyPrecedes($1.name) }, refusals)
  }

  /// Only their names, for completion.
  package func names() -> [[UInt8]] {
    listing { (_, client) throws(WineFailure) in try Self.names(client).map(\.bytes) }.results
  }

  private func listing<R>(
    _ list: (WineServer, WineClient) throws(WineFailure) -> [R]
  ) -> (results: [R], refusals: [SharedMemoryError]) {
    var (results, refusals) = ([R](), [SharedMemoryError]())
    do throws(SharedMemoryError) {
      let servers = try servers(for: "list", "Wine\\")
      let answers = ask(servers, "list", "Wine\\") {
        (server, client) throws(SharedMemoryError) in
        try server.reporting("list", "Wine\\", system) { () throws(WineFailure) in
          try list(server, client)
        }
      }
      for answer in answers {
        switch answer {
        case .success(let found): results += found
        case .failure(let error): refusals.append(error)
        }
      }
    } catch {
      if error.code != .fileNotFound { refusals.append(error) }
    }
    return (results, refusals)
  }

  private static func names(_ client: WineClient) throws(WineFailure) -> [WineName] {
    var names: [WineName] = []
    for place in WineName.Place.allCases {
      names += try client.entries(place).filter(\.isSection)
        .map { WineName(place, units: $0.name) }
    }
    return names
  }

  private func entries(
    _ server: WineServer, _ client: WineClient
  ) throws(WineFailure) -> [Entry] {
    var entries: [Entry] = []
    for name in try Self.names(client) {
      if let entry = try entry(name, server, client) { entries.append(entry) }
    }
    return entries
  }

  /// Nil: it is gone, or we may not look at it.
  private func entry(
    _ name: WineName, _ server: WineServer, _ client: WineClient
  ) throws(WineFailure) -> Entry? {
    do throws(WineFailure) {
      let opened = try client.open(name, .query)
      let entry = try entry(name, opened, server, client)
      try client.close(opened.handle)
      return entry
    } catch {
      if case .refused = error { return nil }
      throw error
    }
  }

  private func entry(
    _ name: WineName, _ opened: WineClient.Opened, _ server: WineServer, _ client: WineClient
  ) throws(WineFailure) -> Entry {
    let section = try client.section(opened.handle)
    var handles: Int?
    if client.numbers[.getObjectInfo] != nil {
      handles = max(try client.handleCount(opened.handle) - 1, 0)
    }
    return Entry(
      name: name.bytes, text: name.text, size: section.size, handles: handles,
      prefix: server.prefix, prefixText: server.prefixText, server: server.process,
      isImage: section.flags & WineClient.Section.image != 0)
  }

  /// The section with a name.
  ///
  /// - Throws: as `open`.
  package func find(_ name: [UInt8]) throws(SharedMemoryError) -> Entry {
    try only(WineName(name, for: "find"), "find") {
      (name, server, client, opened)
        throws(WineFailure) in
      try entry(name, opened, server, client)
    }
  }

  /// Opens the name on every server that is meant, and asks the one that has it.
  func only<R>(
    _ name: WineName, _ operation: String,
    _ question: (WineName, WineServer, WineClient, WineClient.Opened) throws(WineFailure) -> R
  ) throws(SharedMemoryError) -> R {
    try choosing(name, operation) { (server, client) throws(SharedMemoryError) in
      try server.reporting(operation, name.text, system) { () throws(WineFailure) in
        try question(name, server, client, client.open(name, .query))
      }
    }
  }
}
