/// Carries the protocol out: does each step's system call and asks `LifetimeRules` what follows.
struct Lifetime: ~Copyable {
  /// A failure that is not one of the protocol's answers.
  enum Failure: Error {
    /// A system call failed.
    case system(Errno, LifetimeStep)
    /// The path names something that is no object: a directory, a link, a pipe.
    case notAnObject
    /// The name's dead object cannot be removed by this user; its owner can.
    case undead(owner: UInt32)
    /// Others were deciding, or were stopped while they did, for longer than we wait.
    case busy
  }

  /// What c3 gives a file before it is seen.
  struct Preparation {
    var size: Int
    var reserve = false
    var mode: UInt32
    var header: [UInt8] = []
    /// The object's name, for those who meet the file without it.
    var attribute: [UInt8]?
    /// The file's own name cannot hold it.
    var isShortened = false
  }

  private let intent: LifetimeIntent
  private let system: System
  private let directory: Namespace.Directory
  private let file: [CChar]
  private let preparation: Preparation?
  /// The file that c1 made, and a second description of it to map: a lock taken on a
  /// description that was mapped would outlive its close (the mapping keeps it).
  private var own = Descriptor.none
  private var ownMemory = Descriptor.none
  /// The file that o1 opened, or the handle that is being closed.
  private var met = Descriptor.none
  private var metStatus: FileStatus?
  private var writer = true
  /// o8 was refused: the dead object is another user's, in a sticky directory.
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

  /// A handle as the protocol gives it.
  struct Grant: ~Copyable {
    /// `created`, `opened`, `notFound`, or `exists`, which takes no handle.
    let end: LifetimeEnd
    /// Carries the locks; never mapped.
    var lock: Descriptor
    /// Another description of a new file, to be mapped.
    var memory: Descriptor
    /// `lock` may take write locks.
    let writer: Bool
    /// The mode of the file that was met; nil for a new one.
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

  /// Removes the name if its object is dead. False: it lives, or it is not ours to judge.
  static func reap(
    _ file: [CChar], in directory: Namespace.Directory, _ system: System
  ) throws(Failure) -> Bool {
    var run = Lifetime(.reap, file, directory, system)
    return try run.toTheEnd() == .notFound
  }

  /// Gives a handle up. Nothing can be done about a failure: the descriptor's end drops the
  /// locks, and a name that then stays is dead and removed by the next sweep.
  /// - Returns: whether it was the last, and the name went with it.
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
        // What failed on the way out changes no answer; the next operation finishes it.
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

  /// Drops what was met and waits, longer each time and never the same, so that two who
  /// refused each other do not meet again.
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

  /// Some 0.3 s in all: others decide in microseconds, unless they are stopped.
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
      // A umask that shuts out even the owner.
      try system.setMode(own, 0o600)
      ownMemory = try system.reopen(own, .readWrite)
    }
    if !preparation.header.isEmpty { try system.write(own, preparation.header) }
    if let attribute = preparation.attribute {
      do throws(Errno) {
        try system.setAttribute(own, NameEncoding.attribute, attribute)
      } catch {
        // Without attributes listings show a shortened name, and nobody can name an object whose
        // file was removed. Nothing depends on that of a name which the file's own holds.
        if preparation.isShortened && error != .notSupported { throw error }
      }
    }
    // Last, as the mode may shut out even us; and fchmod obeys no umask.
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

  /// O_NONBLOCK: a pipe in an object's place must not make us wait for its writer.
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
