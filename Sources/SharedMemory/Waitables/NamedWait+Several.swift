internal import Synchronization

/// A wait for several objects: for any of them, or for all at once.
struct SeveralWait {
  private let objects: [NamedHandle]
  /// Where they stand in the caller's list, in rising order.
  private let places: [Int]
  private var waiters: [NamedRules.Waiter]
  private var watches: [NamedWatch]
  /// What ends the wait as well, and is not taken.
  private var conditions: WaitConditions
  private let deadline: Deadline
  private let isStopped: NamedSleep.Stop?
  private var grace: Deadline?
  /// Turns since the last sleep.
  private var looks = 0

  /// What the caller gets: how it ended, and at which object, or `~place` of a condition.
  typealias End = (outcome: WaitOutcome, index: Int)

  /// Win32's `MAXIMUM_WAIT_OBJECTS`.
  static let most = 64

  init(
    _ objects: [NamedHandle], all: Bool, places: [Int], beside conditions: WaitConditions,
    nanoseconds: Int64?, until isStopped: NamedSleep.Stop?
  ) throws(SharedMemoryError) {
    self.objects = objects
    self.places = places
    self.conditions = conditions
    self.isStopped = isStopped
    deadline = Deadline(after: nanoseconds)
    try Self.check(objects, all: all, conditions.count)
    waiters = []
    watches = Array(repeating: NamedWatch(), count: objects.count)
    for object in objects {
      try object.require(.wait, "wait")
      var waiter = try object.waiter("wait")
      // A reservation says whose it is, in whatever kind of object.
      if all && !object.rules.isPassed { waiter.mark = try object.claimedMark("wait") }
      waiters.append(waiter)
    }
  }

  private static func check(
    _ objects: [NamedHandle], all: Bool, _ conditions: Int
  ) throws(SharedMemoryError) {
    let count = objects.count + conditions
    if count == 0 || count > most {
      throw SharedMemoryError(
        .invalidParameter, "wait", "", "\(count) objects are given; wait for 1 to \(most)")
    }
    if !all { return }
    if conditions > 0 {
      throw SharedMemoryError(
        .invalidParameter, "wait", "",
        "nobody can take a cell's word or a process, as a wait for all does with each")
    }
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
        leave(but: end)
        return end
      }
      try checkLoss()
      guard case .blocked(let blocked) = result, let end = sleep(blocked) else { continue }
      leave(but: end)
      return end
    }
    let end: End = (deadline.isOver ? .timedOut : .interrupted, 0)
    leave(but: end)
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
    let blocked = blocked.map { index, seen, asleep in
      (index: index, seen: seen, asleep: watches[index].saying(asleep))
    }
    for (index, seen, asleep) in blocked
    where seen != asleep && !objects[index].words.swap(seen, asleep) { return nil }
    let waking = sleepOn(blocked)
    looks = 0
    for (index, _, asleep) in blocked {
      objects[index].passOn(waking, sleptOn: asleep, &waiters[index])
      objects[index].awake(waking, &waiters[index], &watches[index])
    }
    return NamedSleep.ends(waking, isStopped) ? (.interrupted, 0) : nil
  }

  /// Until one of them is to be looked at again, whether it has changed or not.
  private mutating func sleepOn(_ blocked: [Blocked]) -> NamedWords.Waking {
    let now = System.now
    let slice = conditions.nextSlice(beside: blocked.count)
    var due = slice == .max ? Int64.max : now + slice
    for (index, _, asleep) in blocked {
      watches[index].begin(asleep, objects[index].rules, at: now)
      due = min(due, watches[index].due)
    }
    let nanoseconds = (grace ?? deadline).sleep(until: due, from: now)
    if blocked.isEmpty { return conditions.sleep(nanoseconds: nanoseconds) }
    return NamedWords.sleep(
      blocked.map { (objects[$0.index].words, $0.asleep) }, beside: conditions.sleepers,
      nanoseconds: nanoseconds)
  }

  private mutating func doubt(_ blocked: [Blocked]) -> Bool {
    var isNew = false
    for (index, _, asleep) in blocked where objects[index].doubt(asleep, &waiters[index]) {
      isNew = true
    }
    return isNew
  }

  /// What woke us may have been meant for others, too.
  private mutating func leave(but end: End) {
    for (index, object) in objects.enumerated() {
      let isOurs = object.rules.hasOwner && object.words.depth > 0
      object.leave(
        waiters[index], &watches[index], takes: isOurs || end.outcome.isTaken && index == end.index)
      object.wakeNext(waiters[index])
    }
  }
}

// MARK: - Any

extension SeveralWait {
  private mutating func takeFirst() throws(SharedMemoryError) -> Turn {
    let met = conditions.firstMet()
    let looks = lookForFirst(before: met)
    var doubts = looks.indices.map { index -> Bool? in
      guard case .asleep(let seen, _) = looks[index] else { return nil }
      return objects[index].rules.doubtful(seen, waiters[index]) != nil
    }
    // What is met is behind all that were looked at, and can be had.
    if met != nil { doubts.append(nil) }
    switch NamedRules.first(doubts) {
    case .sleep: return .blocked(blocked(looks))
    case .ask(let index):
      _ = doubt(blocked(looks.prefix(index)))
      return .again
    case .have(let index):
      if hasUnsaid(looks, before: index) { return .again }
      if hasCome(before: index, met: index == looks.count ? met : nil) { return .again }
      if let met, index == looks.count { return .end((.acquired, ~met)) }
      guard let outcome = try objects[index].take(looks[index]) else { return .again }
      try objects[index].checkLoss("wait")
      return .end((outcome, index))
    }
  }

  /// Is there something in a ring before that, which nobody has signalled, such as the end? It is
  /// signalled now.
  private func hasUnsaid(_ looks: [NamedHandle.Look], before index: Int) -> Bool {
    looks.indices.prefix(index).contains { place in
      guard case .asleep = looks[place] else { return false }
      return objects[place].ring?.looksForAll() ?? false
    }
  }

  /// Has one before that come about since it was looked at? What was there before the one that can be
  /// had now is in the list before it, and is found by a second look behind the first one at that.
  private func hasCome(before index: Int, met: Int?) -> Bool {
    for place in objects.indices.prefix(index) {
      guard case .asleep = objects[place].look(waiters[place]) else { return true }
    }
    guard conditions.count > 0, let again = conditions.firstMet() else { return false }
    return again < (met ?? places[index])
  }

  /// As far as the first that can be had, or the condition that is met.
  private func lookForFirst(before met: Int?) -> [NamedHandle.Look] {
    var looks: [NamedHandle.Look] = []
    for index in objects.indices where met.map({ places[index] < $0 }) ?? true {
      looks.append(objects[index].look(waiters[index]))
      guard case .asleep = looks[index] else { break }
    }
    return looks
  }

  /// In the caller's list.
  func place(_ end: End) -> Int {
    if end.index < 0 { return ~end.index }
    return places.isEmpty ? 0 : places[end.index]
  }

  private func blocked(_ looks: some Collection<NamedHandle.Look>) -> [Blocked] {
    looks.enumerated().compactMap { index, look in
      guard case .asleep(let seen, let asleep) = look else { return nil }
      return (index, seen, asleep)
    }
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
      if let abandoned { return .end((.abandoned, abandoned)) }
      let removed = objects.firstIndex { $0.rules.hasOwner && $0.isRemoved }
      return .end((removed == nil ? .acquired : .removed, removed ?? 0))
    }
  }

  /// What can be had now is not slept on while others are missing: the wake-up that said so is for
  /// somebody who needs no others.
  private mutating func leave(but blocked: [Blocked]) {
    let missing = Set(blocked.map(\.index))
    for index in objects.indices where waiters[index].hasSlept && !missing.contains(index) {
      objects[index].leave(waiters[index], &watches[index], takes: isOwn(index))
      waiters[index].hasSlept = false
    }
  }

  /// A look that takes nothing.
  private func unavailable() -> [Blocked] {
    objects.indices.compactMap { index in
      let object = objects[index]
      // The end of a ring may be signalled by nobody, and what is set may be popped.
      _ = object.ring?.looksForAll()
      let state = object.words.state
      if object.rules.hasOwner && object.words.depth > 0 { return nil }
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

  /// What this owner holds already.
  private func isOwn(_ index: Int) -> Bool {
    objects[index].rules.hasOwner && objects[index].words.depth > 0
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
      if !object.rules.hasOwner { continue }
      object.words.depth = 1
      if let before, before.has(NamedState.left) { abandoned = min(abandoned ?? index, index) }
    }
    return abandoned
  }
}
