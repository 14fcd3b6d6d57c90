internal import Synchronization

/// Decides which names are meant: the user's, the session's (`MOONPOOL_SESSION`), and the
/// machine's.
///
/// A process normally uses `Session.current`, which every call takes by default.
public final class Session: Sendable {
  /// The session given by this process's user and environment, read once.
  ///
  /// `MOONPOOL_SESSION=word` keeps `Local\` names apart from the user's other sessions.
  /// `MOONPOOL_GLOBAL=strict` refuses to create in `Global\` to everybody but root (error 5), as
  /// Windows does to ordinary users. `MOONPOOL_GLOBAL=session`, beside a session's word, keeps
  /// `Global\` names within the session, too.
  public static let current = Session()

  package let system: System
  package let user: UInt32
  package let strictGlobal: Bool
  private let globalOfMachine: Namespace?
  package let raw: Namespace

  /// The word in `MOONPOOL_SESSION`; nil: none.
  private let word: [UInt8]?
  private let outside: @Sendable (UInt32) -> UInt32
  private let places = Mutex<Local?>(nil)

  /// - Parameter outside: the number that a user has outside of our user namespace.
  package init(
    session: [UInt8]? = System.environment("MOONPOOL_SESSION"),
    strictGlobal: Bool = System.environment("MOONPOOL_GLOBAL") == Array("strict".utf8),
    ownGlobal: Bool = System.environment("MOONPOOL_GLOBAL") == Array("session".utf8),
    root: String = "/dev/shm", system: System = System(),
    outside: @escaping @Sendable (UInt32) -> UInt32 = { OutsideUser.number(of: $0) }
  ) {
    self.system = system
    self.strictGlobal = strictGlobal
    self.outside = outside
    word = session.flatMap { $0.isEmpty ? nil : $0 }
    user = System.user
    globalOfMachine =
      ownGlobal && word != nil
      ? nil
      : Namespace(
        path: Array("\(root)/moonpool-global".utf8),
        rule: .init(mode: 0o1777, owner: nil, isTemporary: false), system)
    raw = Namespace(path: Array(root.utf8), rule: nil, system)
  }

  /// The directory of `Local\`, and how the names of session directories begin.
  private struct Local {
    let stem: [UInt8]
    let namespace: Namespace
    /// Of `Global\` names that stay within the session.
    let global: Namespace
  }

  package var global: Namespace { globalOfMachine ?? own.global }
  package var local: Namespace { own.namespace }

  /// Made when it is first asked for, so that a process without `Local\` names does not read
  /// `/proc`.
  private var own: Local {
    places.withLock { places in
      if let known = places { return known }
      let made = makeLocal()
      places = made
      return made
    }
  }

  private func makeLocal() -> Local {
    let stem = Array("moonpool-\(outside(user))".utf8)
    var name = stem
    if let word {
      name.append(UInt8(ascii: "@"))
      name += NameEncoding.encode(word, room: NameEncoding.longest - name.count)
    }
    let namespace = Namespace(
      path: raw.path + [UInt8(ascii: "/")] + name,
      rule: word == nil
        ? .init(mode: 0o700, owner: user, isTemporary: false) : .ofSession(user),
      system)
    let global = Namespace(
      path: namespace.path + Array(".global".utf8), rule: .ofSession(user), system)
    return Local(stem: stem, namespace: namespace, global: global)
  }

  /// Removes what killed processes left in this user's other sessions, which nobody may use again.
  func sweepOtherSessions() {
    let system = system.forSweeps
    let prefix = own.stem + [UInt8(ascii: "@")]
    guard let stream = try? system.stream(System.path(raw.path)),
      let names = try? system.entries(stream)
    else { return }
    for name in names where name.starts(with: prefix) {
      let path = raw.path + [UInt8(ascii: "/")] + name
      if path == local.path { continue }
      let other = Namespace(path: path, rule: .ofSession(user), system)
      guard let directory = try? other.directory(making: false) else { continue }
      other.sweep.withLock { $0.complete(other, directory) }
      other.removeIfTemporary(system)
    }
  }

  /// A session with a name of its own among this user's, whatever the environment says.
  ///
  /// - Parameter name: any text; sessions with the same name share their `Local\` objects.
  public convenience init(named name: String) {
    self.init(session: Array(name.utf8))
  }

  /// The same, and `Global\` names stay within the session if they shall.
  package convenience init(named name: String, ownGlobal: Bool) {
    self.init(session: Array(name.utf8), ownGlobal: ownGlobal)
  }

  package func namespace(_ place: ObjectName.Place) -> Namespace {
    switch place {
    case .local: local
    case .global: global
    case .raw: raw
    }
  }
}
