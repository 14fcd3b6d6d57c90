internal import Synchronization

/// A wait for several objects: for any of them, or for all at once.
struct SeveralWait {
  private let objects: [NamedHandle]
  private var waiters: [NamedRules.Waiter]
  private let deadline: Deadline
  private let isStopped: NamedSleep.Stop?
  private var grace: Deadline?
  /// Turns since the last sleep.
  private var looks = 0
  /// When the kernel is asked again whether they live whom the words name. Not only after a whole
  /// slice: other objects may wake this wait all the time.
  private var trust = Deadline(after: NamedSleep.slice)

  /// What the caller gets: how it ended, and at which object.
  typealias End = (outcome: WaitOutcome, index: Int)

  /// Win32's `MAXIMUM_WAIT_OBJECTS`.
  static let most = 64

  init(
    _ objects: [NamedHandle], all: Bool, nanoseconds: Int64?, until isStopped: NamedSleep.Stop?
  ) throws(SharedMemoryError) {
    self.objects = objects
    self.isStopped = isStopped
    deadline = Deadline(after: nanoseconds)
    try Self.check(objects, all: all)
    waiters = []
    for object in objects {
      try object.require(.wait, "wait")
      var waiter = try object.waiter("wait")
      // A reservation says whose it is, in whatever kind of object.
      if all && !object.rules.isManual { waiter.mark = try object.claimedMark("wait") }
      waiters.append(waiter)
    }
  }

  private static func check(_ objects: [NamedHandle], all: Bool) throws(SharedMemoryError) {
    if objects.isEmpty || objects.count > most {
      throw SharedMemoryError(
        .invalidParameter, "wait", "", "\(objects.count) objects are given; wait for 1 to \(most)")
    }
    if !all { return }
    var seen: Set<FileIdentity> = []
    for object in objects where !seen.insert(object.file).inserted {
      throw object.refused(
        .invalidParameter, "wait", "the object is given twice; a wait for all takes each once")
    }
  }

  // MARK: The loop of both

  /// What one turn through the objects came to.
  private enum Turn {
    case end(End)
    /// These have to change first.
    case blocked([Blocked])
    /// A word changed meanwhile.
    case again
  }

  /// What was seen of an object, and what to swap in before the sleep.
  private typealias Blocked = (index: Int, seen: NamedState, asleep: NamedState)

  mutating func any() throws(SharedMemoryError) -> End {
    try loop { wait throws(SharedMemoryError) in try wait.takeFirst() }
  }

  mutating func all() throws(SharedMemoryError) -> End {
    try loop { wait throws(SharedMemoryError) in try wait.takeAll() }
  }

  private mutating func loop(
    _ turn: (inout SeveralWait) throws(SharedMemoryError) -> Turn
  ) throws(SharedMemoryError) -> End {
    try checkLoss()
    while looks < NamedSleep.looks {
      looks += 1
      let result = try turn(&self)
      if case .end(let end) = result {
        passOn(but: end)
        return end
      }
      try checkLoss()
      guard case .blocked(let blocked) = result, let end = sleep(blocked) else { continue }
      passOn(but: end)
      return end
    }
    let end: End = (deadline.isOver ? .timedOut : .interrupted, 0)
    passOn(but: end)
    return end
  }

  /// Never once something was taken: nobody would know of it.
  private func checkLoss() throws(SharedMemoryError) {
    for object in objects { try object.checkLoss("wait") }
  }

  /// Nil: look again.
  private mutating func sleep(_ blocked: [Blocked]) -> End? {
    if (grace ?? deadline).isOver {
      if doubt(blocked) { return nil }
      let isUndecided = blocked.contains { objects[$0.index].rules.isReserved($0.seen) }
      if grace != nil || !isUndecided { return (.timedOut, 0) }
      grace = Deadline(after: NamedSleep.grace)
      return nil
    }
    for (index, seen, asleep) in blocked
    where seen != asleep && !objects[index].words.swap(seen, asleep) { return nil }
    let words = blocked.map { (objects[$0.index].words, $0.asleep) }
    let waking = NamedWords.sleep(words, nanoseconds: (grace ?? deadline).slice)
    for (index, _, _) in blocked { waiters[index].hasSlept = true }
    looks = 0
    if NamedSleep.ends(waking, isStopped) { return (.interrupted, 0) }
    if waking == .ranOut || trust.isOver {
      _ = doubt(blocked)
      trust = Deadline(after: NamedSleep.slice)
    }
    return nil
  }

  private mutating func doubt(_ blocked: [Blocked]) -> Bool {
    var isNew = false
    for (index, _, asleep) in blocked where objects[index].doubt(asleep, &waiters[index]) {
      isNew = true
    }
    return isNew
  }

  /// What woke us may have been meant for others, too.
  private func passOn(but end: End) {
    let isTaken = end.outcome == .acquired || end.outcome == .abandoned
    for (index, object) in objects.enumerated()
    where waiters[index].hasSlept && !(isTaken && index == end.index) {
      if object.rules.kind == .mutex && object.words.depth > 0 { continue }
      object.passOn(waiters[index])
    }
  }
}

// MARK: - Any

extension SeveralWait {
  private mutating func takeFirst() throws(SharedMemoryError) -> Turn {
    var blocked: [Blocked] = []
    for (index, object) in objects.enumerated() {
      if object.rules.kind == .mutex && object.words.depth > 0 {
        return .end((try object.lockAgain("wait"), index))
      }
      switch object.look(waiters[index]) {
      case .taken(let outcome):
        try object.checkLoss("wait")
        return .end((outcome, index))
      case .asleep(let seen, let asleep): blocked.append((index, seen, asleep))
      case .restless: return .again
      }
    }
    return .blocked(blocked)
  }
}

// MARK: - All

extension SeveralWait {
  /// Marks are an owner's: its threads decide one after the other.
  private static let deciding = Mutex(())

  private mutating func takeAll() throws(SharedMemoryError) -> Turn {
    let blocked = unavailable()
    if !blocked.isEmpty {
      leave(but: blocked)
      return .blocked(blocked)
    }
    for object in objects where object.words.depth == .max { _ = try object.lockAgain("wait") }
    let attempt = Self.deciding.withLock { _ in decide() }
    switch attempt {
    case .failed: return .again
    case .taken(let abandoned):
      return .end((abandoned == nil ? .acquired : .abandoned, abandoned ?? 0))
    }
  }

  /// What can be had now is not slept on while others are missing: the wake-up that said so is for
  /// somebody who needs no others.
  private mutating func leave(but blocked: [Blocked]) {
    let missing = Set(blocked.map(\.index))
    for index in objects.indices where waiters[index].hasSlept && !missing.contains(index) {
      waiters[index].hasSlept = false
      if !isOwn(index) { objects[index].passOn(waiters[index]) }
    }
  }

  /// A look that changes nothing.
  private func unavailable() -> [Blocked] {
    objects.indices.compactMap { index in
      let object = objects[index]
      let state = object.words.state
      if object.rules.kind == .mutex && object.words.depth > 0 { return nil }
      if case .unavailable = object.rules.reservation(state, waiters[index]) {
        return (index, state, NamedState(rawValue: state.rawValue | NamedState.sleepers))
      }
      return nil
    }
  }

  private enum Attempt {
    case failed
    /// The first mutex whose owner had died, if any.
    case taken(abandoned: Int?)
  }

  private func decide() -> Attempt {
    let order = objects.indices.sorted { objects[$0].file < objects[$1].file }
    var reserved: [(index: Int, state: NamedState)] = []
    for index in order where !isOwn(index) {
      guard let state = reserve(index) else {
        giveBack(reserved)
        return .failed
      }
      reserved.append((index, state))
    }
    let stands = reserved.allSatisfy { index, noted in
      objects[index].rules.stands(
        objects[index].words.state, noted: noted, by: waiters[index].mark)
    }
    if !stands || objects.contains(where: \.words.isLost) {
      giveBack(reserved)
      return .failed
    }
    return .taken(abandoned: commit(order))
  }

  /// A mutex that this owner holds already.
  private func isOwn(_ index: Int) -> Bool {
    objects[index].rules.kind == .mutex && objects[index].words.depth > 0
  }

  private func reserve(_ index: Int) -> NamedState? {
    let words = objects[index].words
    for _ in 0..<NamedSleep.looks {
      let state = words.state
      switch objects[index].rules.reservation(state, waiters[index]) {
      case .unavailable: return nil
      case .note: return state
      case .reserve(let reserved): if words.swap(state, reserved) { return reserved }
      }
    }
    return nil
  }

  private func giveBack(_ reserved: [(index: Int, state: NamedState)]) {
    for (index, _) in reserved {
      let object = objects[index]
      _ = object.words.change { object.rules.returned($0, by: waiters[index].mark) }
    }
  }

  /// - Returns: the first mutex whose owner had died.
  private func commit(_ order: [Int]) -> Int? {
    var abandoned: Int?
    for index in order {
      let object = objects[index]
      if isOwn(index) {
        object.words.depth += 1
        continue
      }
      let mark = waiters[index].mark
      let before = object.words.change { object.rules.committed($0, by: mark)?.0 }
      if object.rules.kind != .mutex { continue }
      object.words.depth = 1
      if let before, before.has(NamedState.left) { abandoned = min(abandoned ?? index, index) }
    }
    return abandoned
  }
}
