/// Carries out the lifetime protocol: makes each step's system call and asks `LifetimeRules` which
/// step follows.
///
/// How the parts play together. `LifetimeStep` names the steps, `LifetimeRules` is the table that
/// says which follows which, and this type holds the descriptors between the steps. An operation
/// is one value of it, used once: `create`, `open`, `reap` or `close` runs from the intent's first
/// step to an end. `Acquisition` turns the result into a handle or an error, `Handle` keeps what
/// was granted and closes it, and `Sweep` reaps what killed processes left. Each system call takes
/// effect as a whole or is refused, and a process may be killed after any of them.
struct Lifetime: ~Copyable {
  /// A failure that is not one of the protocol's answers.
  enum Failure: Error {
    /// A system call of this step failed.
    case system(Errno, LifetimeStep)
    /// The path names something that is no object: a directory, a link, a pipe.
    case notAnObject
    /// The name's object is dead, and this user may not remove it; its owner can.
    case undead(owner: UInt32)
    /// Others were deciding about the name for longer than we wait; they may be stopped.
    case busy
  }

  /// What step c3 gives a file before it becomes visible.
  struct Preparation {
    var size: Int
    var reserve = false
    var mode: UInt32
    var header: [UInt8] = []
    /// The object's name, for those who find the file without knowing it.
    var attribute: [UInt8]?
    /// The file's name is too short to hold the object's name.
    var isShortened = false
  }

  private let intent: LifetimeIntent
  private let system: System
  private let directory: Namespace.Directory
  private let file: [CChar]
  private let preparation: Preparation?
  /// The file that c1 made, and a second description of it that is mapped. The locks need one that
  /// never is: a mapping keeps its description, and the locks on it, beyond the close.
  private var own = Descriptor.none
  private var ownMemory = Descriptor.none
  /// The file that o1 opened, or the file of the handle that is being closed.
  private var met = Descriptor.none
  private var metStatus: FileStatus?
  private var writer = true
  /// o8 was refused: the dead object belongs to another user, in a sticky directory.
  private var undeletable = false
  /// o8 or x4 removed the name.
  private var removed = false
  private var attempts = 0

  private init(
    _ intent: LifetimeIntent, _ file: [CChar], _ directory: Namespace.Directory,
    _ system: System, _ preparation: Preparation? = nil
  ) {
    self.intent = intent
    self.file = file
    self.directory = directory
    self.system = system
    self.preparation = preparation
  }

  /// What the protocol grants: a handle's descriptors.
  struct Grant: ~Copyable {
    /// `created`, `opened`, `notFound`; or `exists`, which comes without a handle.
    let end: LifetimeEnd
    /// Carries the locks and is never mapped.
    var lock: Descriptor
    /// A second description of a new file, for the mapping.
    var memory: Descriptor
    /// May `lock` take write locks?
    let writer: Bool
    /// The status of the file that was found; nil for a new one.
    let met: FileStatus?
  }

  static func create(
    _ file: [CChar], in directory: Namespace.Directory, _ system: System,
    _ preparation: Preparation, exclusively: Bool
  ) throws(Failure) -> Grant {
    try Lifetime(
      exclusively ? .createExclusively : .create, file, directory, system, preparation
    ).granted()
  }

  static func open(
    _ file: [CChar], in directory: Namespace.Directory, _ system: System
  ) throws(Failure) -> Grant {
    try Lifetime(.open, file, directory, system).granted()
  }

  /// Removes the name if its object is dead. False: it lives, or this process may not judge.
  static func reap(
    _ file: [CChar], in directory: Namespace.Directory, _ system: System
  ) throws(Failure) -> Bool {
    var run = Lifetime(.reap, file, directory, system)
    return try run.toTheEnd() == .notFound
  }

  /// Gives up a handle. A failure needs no treatment: closing the descriptor drops the locks, and
  /// if the name stays, it is dead and the next sweep removes it.
  ///
  /// - Returns: whether this was the last handle, and the name went with it.
  static func close(
    _ file: [CChar], in directory: Namespace.Directory, _ system: System,
    _ lock: consuming Descriptor, writer: Bool
  ) -> Bool {
    var run = Lifetime(.close, file, directory, system)
    run.met = lock
    run.writer = writer
    _ = try? run.toTheEnd()
    return run.removed
  }

  private consuming func granted() throws(Failure) -> Grant {
    let end = try toTheEnd()
    if end == .created {
      return Grant(end: end, lock: own, memory: ownMemory, writer: true, met: nil)
    }
    return Grant(end: end, lock: met, memory: .none, writer: writer, met: metStatus)
  }

  private mutating func toTheEnd() throws(Failure) -> LifetimeEnd {
    var step = LifetimeRules.first(intent)
    defer { system.entering(nil) }
    while true {
      system.entering(step)
      let yes: Bool
      do throws(Errno) { yes = try perform(step) } catch {
        // A failure while leaving does not change the answer; the next operation completes it.
        if step.leaves, intent == .createExclusively { return .exists }
        throw .system(error, step)
      }
      system.observer?.answer(step, yes)
      if step == .o1, yes, metStatus?.isRegular != true { throw .notAnObject }
      switch LifetimeRules.next(after: step, yes: yes, intent, writer: writer) {
      case .step(let following): step = following
      case .end(let end): return end
      case .again: step = try lookAgain(.o1)
      case .publishAgain: step = try lookAgain(.c5)
      }
    }
  }

  /// Drops the file that was found and waits. Each wait is longer, and random, so that two
  /// processes which refused each other do not collide again.
  private mutating func lookAgain(_ step: LifetimeStep) throws(Failure) -> LifetimeStep {
    if step == .c5, undeletable { throw .undead(owner: metStatus?.owner ?? 0) }
    met = .none
    attempts += 1
    if attempts > Self.patience { throw .busy }
    if attempts > 1 {
      system.sleep(microseconds: .random(in: 10...(20 << min(attempts, 9))))
    }
    return step
  }

  /// 64 attempts take some 0.3 s. Others decide in microseconds, unless they are stopped.
  private static let patience = 64
}

// MARK: - The steps

extension Lifetime {
  private mutating func perform(_ step: LifetimeStep) throws(Errno) -> Bool {
    switch step {
    case .c1: try makeUnnamed()
    case .c2: try commit()
    case .c3: try prepare()
    case .c4: return try system.lock(own, .read, LifetimeLock.life)
    case .c5: return try publish()
    case .o1: return try meet()
    case .o2: return try system.lock(met, .read, LifetimeLock.pin)
    case .o3: return try system.conflicts(met, .write, LifetimeLock.life)
    case .o4: return try system.lock(met, .read, LifetimeLock.life)
    case .o5: return try system.lock(met, .unlock, LifetimeLock.pin)
    case .o6, .x2: return try system.lock(met, .write, LifetimeLock.both)
    case .o7, .x3: return try stillNamed()
    case .o8, .x4: try remove()
    case .o9: return try system.conflicts(met, .write, LifetimeLock.both)
    case .x1: return try system.lock(met, .unlock, LifetimeLock.life)
    }
    return true
  }

  private mutating func makeUnnamed() throws(Errno) {
    own = try system.open(
      in: directory.number, System.dot, [.readWrite, .unnamed], mode: 0o600)
  }

  private borrowing func commit() throws(Errno) {
    guard let preparation else { throw .invalid }
    if preparation.reserve {
      try system.reserve(own, size: preparation.size)
    } else {
      try system.commit(own, size: preparation.size)
    }
  }

  private mutating func prepare() throws(Errno) {
    guard let preparation else { throw .invalid }
    do throws(Errno) {
      ownMemory = try system.reopen(own, .readWrite)
    } catch {
      if error != .accessDenied { throw error }
      // The umask may shut out even the owner.
      try system.setMode(own, 0o600)
      ownMemory = try system.reopen(own, .readWrite)
    }
    if !preparation.header.isEmpty { try system.write(own, preparation.header) }
    if let attribute = preparation.attribute {
      do throws(Errno) {
        try system.setAttribute(own, NameEncoding.attribute, attribute)
      } catch {
        // Without attributes, listings show a shortened name, and nobody can name an object whose
        // file was removed. A name that fits into its file's name does not depend on the attribute.
        if preparation.isShortened && error != .notSupported { throw error }
      }
    }
    // This comes last, as the mode may shut out even us. fchmod ignores the umask.
    try system.setMode(own, preparation.mode)
  }

  private borrowing func publish() throws(Errno) -> Bool {
    do throws(Errno) {
      try system.link(own, in: directory.number, file)
      return true
    } catch {
      if error == .exists { return false }
      throw error
    }
  }

  /// O_NONBLOCK: if a pipe stands in the object's place, we must not wait for its writer.
  private mutating func meet() throws(Errno) -> Bool {
    do throws(Errno) {
      met = try openMet()
      metStatus = try system.status(met)
      return true
    } catch {
      if error == .notFound { return false }
      throw error
    }
  }

  private mutating func openMet() throws(Errno) -> Descriptor {
    let flags: System.OpenFlags = [.noFollow, .nonBlocking]
    do throws(Errno) {
      writer = true
      return try system.open(in: directory.number, file, flags.union(.readWrite))
    } catch {
      if error != .accessDenied { throw error }
      writer = false
      return try system.open(in: directory.number, file, flags)
    }
  }

  private borrowing func stillNamed() throws(Errno) -> Bool {
    let held = try system.status(met)
    if held.links == 0 { return false }
    do throws(Errno) {
      return try system.status(in: directory.number, file).isSameFile(as: held)
    } catch {
      if error == .notFound { return false }
      throw error
    }
  }

  private mutating func remove() throws(Errno) {
    do throws(Errno) {
      try system.unlink(in: directory.number, file)
      removed = true
    } catch {
      switch error {
      case .notFound: break
      case .notPermitted, .accessDenied: undeletable = true
      default: throw error
      }
    }
  }
}
