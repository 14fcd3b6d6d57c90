public import SharedMemory

/// The prefixes whose servers are asked for a name: one, or all of the user's that run.
///
/// A server is never started. Where none runs there are no names (error 2).
public struct WinePrefixes: Sendable {
  /// Which prefixes are meant.
  private enum Choice: Sendable {
    case all
    /// A prefix's folder, as it was written.
    case folder([UInt8])
    /// The prefix of an open section.
    case like(WineServer)
  }

  private let choice: Choice
  let system: System
  /// How long an operation may take, in nanoseconds, however many servers are asked.
  package var patience: Int64 = 1_000_000_000

  /// - Parameter prefix: the prefix's folder, as in `WINEPREFIX`; `~/` is the home directory. Nil
  ///   means the value of `MOONPOOL_WINE`; empty, or nil without that variable, means all that run.
  ///   A server of another user is only asked by root, and only if its prefix is given.
  public init(prefix: String? = nil) { self.init(prefix: prefix.map { Array($0.utf8) }, System()) }

  package init(prefix: [UInt8]?, _ system: System) {
    let given = prefix ?? System.environment("MOONPOOL_WINE") ?? []
    choice = given.isEmpty ? .all : .folder(given)
    self.system = system
  }

  /// For a line that somebody is typing: waits only briefly for a server that is stopped.
  package static var hasty: WinePrefixes {
    var prefixes = WinePrefixes()
    prefixes.patience = 300_000_000
    return prefixes
  }

  init(of server: WineServer, _ system: System) {
    choice = .like(server)
    self.system = system
  }

  // MARK: Opening and making

  /// Opens a section by its name, `Wine\Local\x`, `Wine\Global\x` or `Wine\x`.
  ///
  /// - Parameter holding: keep the name, and so the prefix's server; nil: only if it is for
  ///   writing.
  /// - Throws: 2 there is no such name, or no server runs; 5 another user's, or memory that must
  ///   not be written; 6 another type of object; 50 a section or a version of wine that is not
  ///   supported; 87 two prefixes have the name; 170 a server does not answer; 1006 the section's
  ///   file is shorter than the section; and the errors of names (3, 6, 123, 161, 206).
  public func open(
    _ name: String, access: Access = .readWrite, holding: Bool? = nil
  ) throws(SharedMemoryError) -> WineSection {
    try open(bytes: Array(name.utf8), access: access, holding: holding)
  }

  /// The same with a name of any bytes.
  public func open(
    bytes name: [UInt8], access: Access = .readWrite, holding: Bool? = nil
  ) throws(SharedMemoryError) -> WineSection {
    try open(
      WineName(name, for: "open"), access, holding: holding ?? (access == .readWrite), for: "open")
  }

  func open(
    _ name: WineName, _ access: Access, holding: Bool, for operation: String
  ) throws(SharedMemoryError) -> WineSection {
    try choosing(name, operation) { (server, client) throws(SharedMemoryError) in
      try server.open(name, access, holding: holding, for: operation, over: client, system)
    }
  }

  /// Asks each server that is meant; exactly one must have the name.
  func choosing<R>(
    _ name: WineName, _ operation: String,
    _ question: (WineServer, WineClient) throws(SharedMemoryError) -> R
  ) throws(SharedMemoryError) -> R {
    let servers = try servers(for: operation, name.text)
    var found: [(server: WineServer, result: R)] = []
    var refusal: SharedMemoryError?
    for (server, answer) in zip(servers, ask(servers, operation, name.text, question)) {
      switch answer {
      case .success(let result): found.append((server, result))
      case .failure(let error):
        // A name missing here may be elsewhere, so any other reason is a better answer.
        if refusal == nil || refusal?.code == .fileNotFound { refusal = error }
      }
    }
    if found.count > 1 {
      throw ambiguous(found.map(\.server), operation, name.text, "has an object of this name")
    }
    if let only = found.first { return only.result }
    throw refusal ?? noServer(operation, name.text)
  }

  /// Creates a section that Windows programs open by name, or opens the one that exists.
  ///
  /// - Parameter holding: false: only the memory is kept; the name lives only as long as Windows
  ///   programs hold it.
  /// - Throws: as `open`; 87 an invalid size, or two servers that could have it; 183 an existing
  ///   name and `exclusive`; 1455 no room for the pages.
  public func create(
    _ name: String, size: Int, _ options: MemoryObject.CreateOptions = .init(),
    holding: Bool = true
  ) throws(SharedMemoryError) -> WineSection {
    try create(bytes: Array(name.utf8), size: size, options, holding: holding)
  }

  /// The same with a name of any bytes.
  public func create(
    bytes name: [UInt8], size: Int, _ options: MemoryObject.CreateOptions = .init(),
    holding: Bool = true
  ) throws(SharedMemoryError) -> WineSection {
    let name = try WineName(name, for: "create")
    if size <= 0 {
      throw SharedMemoryError(
        .invalidParameter, "create", name.text, "the size must be at least 1 byte")
    }
    return try ask(server(for: "create", name.text), "create", name.text) {
      (server, client) throws(SharedMemoryError) in
      try server.create(name, size: size, options, holding: holding, over: client, system)
    }
  }

  /// Gives one of our objects a name that Windows programs open. Scripts, native programs and
  /// Windows programs then share the same bytes. The whole object is offered, whichever window of
  /// it is mapped. The section that this returns holds the name.
  ///
  /// - Throws: as `create`; 183 the name exists.
  public func offer(
    _ object: borrowing MemoryObject, as name: String
  ) throws(SharedMemoryError) -> WineSection {
    try offer(object, bytes: Array(name.utf8))
  }

  /// The same with a name of any bytes.
  public func offer(
    _ object: borrowing MemoryObject, bytes name: [UInt8]
  ) throws(SharedMemoryError) -> WineSection {
    if !WineName.isOne(name) {
      throw SharedMemoryError(
        .invalidParameter, "offer", shown(name),
        "an object is offered to Windows programs under a name that begins with Wine\\")
    }
    let name = try WineName(name, for: "offer")
    let server = try server(for: "offer", name.text)
    return try ask(server, "offer", name.text) { (server, client) throws(SharedMemoryError) in
      try server.offer(object, name, over: client, system)
    }
  }

  // MARK: Whom to ask

  /// The servers that are meant, in the order of their process numbers.
  ///
  /// - Throws: 2 none runs; 5 they are closed to us; 4, 8 no resources are left to look for them.
  func servers(
    for operation: String, _ object: String
  ) throws(SharedMemoryError) -> [WineServer] {
    let found = try running(for: operation, object)
    let meant = found.servers
    if !meant.isEmpty { return meant }
    if let closed = found.closed.first {
      throw SharedMemoryError(
        .accessDenied, operation, object,
        "process \(closed) is a wineserver, but its /proc/\(closed) is closed to us; run as its "
          + "user, outside of a sandbox")
    }
    throw noServer(operation, object)
  }

  /// The server that is to have a new name.
  private func server(
    for operation: String, _ object: String
  ) throws(SharedMemoryError) -> WineServer {
    let all = try servers(for: operation, object)
    if all.count > 1 { throw ambiguous(all, operation, object, "runs") }
    return all[0]
  }

  /// Those that run and are meant, and all that are closed to us.
  func running(
    for operation: String, _ object: String
  ) throws(SharedMemoryError) -> WineServer.Found {
    do throws(Errno) {
      var found = try WineServer.running(of: asksEverybody ? nil : System.user, system.unheard)
      let all = found.servers
      found.servers = []
      for server in all where try isMeant(server) { found.servers.append(server) }
      return found
    } catch {
      throw SharedMemoryError(
        ErrorCode(error), errno: error, operation, object,
        "the kernel refused to let us look in /proc for wineservers")
    }
  }

  private var asksEverybody: Bool {
    switch choice {
    case .all: false
    case .folder, .like: System.user == 0
    }
  }

  private func isMeant(_ server: WineServer) throws(Errno) -> Bool {
    switch choice {
    case .all: true
    case .like(let other):
      server.identity.map { $0 == other.identity } ?? (server.process == other.process)
    case .folder(let written):
      try isFolder(Self.expanded(written), of: server)
    }
  }

  private func isFolder(_ path: [UInt8], of server: WineServer) throws(Errno) -> Bool {
    let system = system.unheard
    let status = try seen { () throws(Errno) in
      try system.status(system.open(System.path(path), [.pathOnly, .directory]))
    }
    guard let identity = server.identity, let status else { return path == server.prefix }
    return WineServer.Identity(status) == identity
  }

  static func expanded(_ path: [UInt8]) -> [UInt8] {
    guard path.first == UInt8(ascii: "~"), path.dropFirst().first ?? 0x2F == 0x2F,
      let home = System.environment("HOME")
    else { return path }
    return home + path.dropFirst()
  }

  private func noServer(_ operation: String, _ object: String) -> SharedMemoryError {
    let whose =
      switch choice {
      case .all: "of yours runs"
      case .folder(let path): "runs for the prefix \(shown(path))"
      case .like(let server): "runs for the prefix \(server.prefixText) any more"
      }
    return SharedMemoryError(
      .fileNotFound, operation, object,
      "no wineserver \(whose); start the Windows program first")
  }

  private func ambiguous(
    _ servers: [WineServer], _ operation: String, _ object: String, _ verb: String
  ) -> SharedMemoryError {
    let prefixes = servers.map(\.prefixText).joined(separator: " and ")
    return SharedMemoryError(
      .invalidParameter, operation, object,
      "more than one prefix \(verb): \(prefixes); say which, { wine = \"\(servers[0].prefixText)\" "
        + "} or MOONPOOL_WINE")
  }
}

extension System {
  /// For looking around in /proc, which `--explain` does not show.
  var unheard: System { observer.map { $0.seesSweeps } ?? true ? self : System() }
}
