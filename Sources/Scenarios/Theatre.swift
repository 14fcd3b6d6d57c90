internal import CShm
internal import Glibc
internal import SharedMemory

/// Where plays happen: a `/dev/shm` of the command's own, where the kernel lets us have one, and a
/// session for each run.
///
/// In one's own the names `Global\x` and `/x` are nobody else's, `fault.full` harms nobody, and the
/// kernel ends all processes with the conductor (`pid_namespaces(7)`). Without it `Global\x` stays
/// within the run's session, and `/x` and `fault.full` are refused.
struct Theatre {
  let isPrivate: Bool
  /// What the names of sessions begin with.
  let stem: String

  /// For the process from which the conductor is forked.
  ///
  /// - Parameter isPrivate: whether to try; tests look at both.
  static func enter(isPrivate: Bool) -> Theatre {
    let isOwn = isPrivate && cshm_private_shm() == 0
    return Theatre(isPrivate: isOwn, stem: "play-\(getpid())-\(cshm_now() & 0xFFFFFF)")
  }

  func session(_ name: String) -> Session { Session(named: name, ownGlobal: !isPrivate) }

  /// Makes the session's directory, `mkdir(2)` and `chmod(2)`: each process that creates an object
  /// before it is there would do so by a child of its own (`cshm_mkdirat`). What fails here fails
  /// there again, and is said there.
  func open(_ session: Session) {
    let path = String(decoding: session.local.path, as: UTF8.self)
    if mkdir(path, 0o700) == 0 { chmod(path, 0o700) }
  }

  /// In the process of a part: whose names it means, before it asks for any.
  func setEnvironment(_ session: String) {
    setenv("MOONPOOL_SESSION", session, 1)
    if isPrivate {
      unsetenv("MOONPOOL_GLOBAL")
    } else {
      setenv("MOONPOOL_GLOBAL", "session", 1)
    }
  }

  /// The number of the child that was forked last, as others on this machine see it: our `/proc`
  /// is still theirs.
  func outsideNumber(of process: pid_t) -> pid_t {
    isPrivate ? Children.ofThisProcess().last ?? process : process
  }

  // MARK: Faults

  /// Nobody finds room on `/dev/shm`; nil: it is so.
  func fill() -> String? {
    if !isPrivate {
      return "fault.full needs a /dev/shm of the play's own, which cannot be had here"
    }
    return cshm_fill_shm(true) == 0 ? nil : "fault.full: \(String(cString: strerror(errno)))"
  }

  // MARK: After a run

  /// Whether the names are gone that the scenario expects to be.
  func judge(_ scenario: Scenario, _ session: Session, _ outcome: inout Outcome) {
    for (place, what) in scenario.expectations {
      guard case .gone(let name) = what, (try? session.find(name)) != nil else { continue }
      let text = String(decoding: Printable.escaped(name, .line), as: UTF8.self)
      outcome.failures.append(.init(text: "expect.gone: \(text) is still there", place: place))
    }
  }

  /// Removes what the run left on `/dev/shm`, and says what that was. Nobody holds any of it: of
  /// killed processes it is what the next operation would have removed.
  func clear(_ session: Session, _ isFull: Bool) -> [String] {
    if isFull { _ = cshm_fill_shm(false) }
    return isPrivate ? clearAll() : clearSession(session)
  }

  private func clearSession(_ session: Session) -> [String] {
    [session.local, session.global].flatMap { Self.empty($0.path + [0]) }
  }

  private func clearAll() -> [String] {
    Self.entries("/dev/shm").flatMap { entry -> [String] in
      let path = "/dev/shm/\(entry)"
      if entry == "moonpool-global" { return Self.empty(Array(path.utf8) + [0], itself: false) }
      if entry.hasPrefix("moonpool-") { return Self.empty(Array(path.utf8) + [0]) }
      unlink(path)
      return ["/\(entry)"]
    }
  }

  /// Removes the directory with all that is in it.
  private static func empty(_ path: [UInt8], itself: Bool = true) -> [String] {
    let text = String(decoding: path.dropLast(), as: UTF8.self)
    let found = entries(text)
    for entry in found { unlink("\(text)/\(entry)") }
    if itself { rmdir(text) }
    return found
  }

  private static func entries(_ path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }
}
