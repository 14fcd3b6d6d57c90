import Glibc
import SharedMemory
import TestSupport

/// How a round ended.
enum Verdict: Error {
  case good(String)
  /// It took longer than it may: perhaps the machine's fault, and to be tried again.
  case slow(String)
  case bad(String)

  var line: String {
    switch self {
    case .good(let word): "good \(word)"
    case .slow(let text): "slow \(text)"
    case .bad(let text): "bad \(text)"
    }
  }
}

/// The processes of a scenario beside its victim: `a` makes the objects and keeps them alive.
final class Stage {
  /// Who comes then goes on within 50 ms, and so does who sleeps on a mutex whose owner is killed.
  static let bound: Int64 = 50_000_000
  /// Who has slept for a while, and was to be woken by the victim, goes on within 1.1 s.
  static let longest: Int64 = 1_100_000_000

  let session = Places.unique("step")
  let a: Actor
  let b: Actor
  let c: Actor
  private(set) var round: Int64 = 0
  /// When the victim was killed.
  var killed: Int64 = 0
  /// A byte of the objects has changed since the first victim began.
  var isChanged = false
  /// Whether what it waits for has come.
  private var isReleased = false
  /// When somebody did last what sleepers wait for.
  private var released: Int64 = 0
  private var slots: [Slot] = []

  init() {
    a = Actor(session: session)
    b = Actor(session: session)
    c = Actor(session: session)
  }

  /// Whatever they were in the middle of: one operation of anybody, and nothing is there.
  deinit {
    for actor in [a, b, c] { actor.die() }
    ended(forked { _ = try? MemoryObject.open("unrelated", in: Session(named: session)) })
  }

  var directory: String { "/dev/shm/moonpool-\(geteuid())@\(session)" }

  var files: [String] { slots.map { "\(directory)/\(Objects.name($0, round))" } }

  func begin(_ makings: [(Slot, Making)]) throws(Verdict) {
    round += 1
    isReleased = false
    isChanged = false
    killed = 0
    released = 0
    slots = makings.map(\.0)
    for (slot, making) in makings {
      try expect(.done, a, .create, slot, making.word)
      for actor in [b, c] { try expect(.done, actor, .open, slot) }
    }
  }

  func end() throws(Verdict) {
    for actor in [c, b, a] { try expect(.done, actor, .close, .mutex) }
  }

  /// What the victim waits for comes, once.
  func release(_ deed: () throws(Verdict) -> Void) throws(Verdict) {
    if isReleased { return }
    isReleased = true
    try deed()
  }

  /// A process did this, and is dead; or it sleeps in it, and is killed there.
  func corpse(_ deed: Deed, _ slot: Slot, _ argument: Int64 = 5000, asleep: Bool = false)
    throws(Verdict)
  {
    let actor = Actor(session: session)
    for slot in slots { try expect(.done, actor, .open, slot) }
    if asleep {
      try sleeps(actor, deed, slot)
    } else {
      try expect(.done, actor, deed, slot, argument)
    }
    withExtendedLifetime(actor) {}
  }
}

// MARK: - Deeds

extension Stage {
  func ask(
    _ actor: Actor, _ deed: Deed, _ slot: Slot, _ argument: Int64 = 2000
  ) throws(Verdict) -> Actor.Answer {
    if [.release, .set, .unlock, .push, .pop, .finish, .publish].contains(deed) {
      released = monotonicNow()
    }
    actor.begin(deed, slot, argument, round: round)
    guard let answer = try actor.answer(within: 20_000) else {
      throw .bad("\(deed) of the \(slot) does not end")
    }
    return answer
  }

  func expect(
    _ outcome: Outcome, _ actor: Actor, _ deed: Deed, _ slot: Slot, _ argument: Int64 = 2000
  ) throws(Verdict) {
    let answer = try ask(actor, deed, slot, argument)
    if answer.outcome != outcome {
      throw .bad("\(deed) of the \(slot): \(answer.outcome) instead of \(outcome)")
    }
  }

  /// Within 50 ms of its begin, and of the kill.
  @discardableResult
  func goesOn(
    _ actor: Actor, _ deed: Deed, _ slot: Slot, _ argument: Int64 = 2000, as allowed: Outcome...
  ) throws(Verdict) -> Outcome {
    let answer = try ask(actor, deed, slot, argument)
    return try judge(answer, "\(deed) of the \(slot)", allowed)
  }

  private func judge(
    _ answer: Actor.Answer, _ what: String, _ allowed: [Outcome], within bound: Int64 = bound
  ) throws(Verdict) -> Outcome {
    if !allowed.contains(answer.outcome) {
      throw .bad("\(what): \(answer.outcome) instead of \(allowed)")
    }
    let time = answer.ended - max(answer.begun, killed, released)
    if time > bound { throw .slow("\(what) took \(time / 1_000_000) ms") }
    return answer.outcome
  }

  /// It sleeps in this from here on.
  func sleeps(_ actor: Actor, _ deed: Deed, _ slot: Slot) throws(Verdict) {
    actor.begin(deed, slot, 10_000, round: round)
    try actor.fallAsleep()
  }

  /// It slept, and was to be woken by the kill, or by the release.
  @discardableResult
  func awakes(
    _ actor: Actor, as allowed: Outcome..., within bound: Int64 = longest
  ) throws(Verdict) -> Outcome {
    guard let answer = try actor.answer(within: 5000) else { throw .bad("a sleeper never wakes") }
    return try judge(answer, "a sleeper", allowed, within: bound)
  }

  /// Does it wake, in a time in which it would if it could? That is a longer one where something is
  /// there for it: who should have woken it may be dead.
  func isAwake(_ actor: Actor, within milliseconds: Int32) -> Bool {
    actor.isReady(within: milliseconds)
      || isSomethingThere && actor.isReady(within: Int32(Self.longest / 1_000_000))
  }

  /// An event that is set, or a permit.
  private var isSomethingThere: Bool {
    let session = Session(named: session)
    return slots.contains { slot in
      guard let entry = try? session.find(Array(Objects.name(slot, round).utf8)),
        let state = try? session.state(of: entry)
      else { return false }
      switch state {
      case let event as NamedEvent.State: return event.isSet
      case let semaphore as NamedSemaphore.State: return semaphore.count > 0
      case let queue as NamedQueue.State: return queue.messages > 0 || queue.isFinished
      // The first one was read before anybody slept.
      case let topic as NamedTopic.State: return topic.published > 1
      default: return false
      }
    }
  }

  /// Which of two wakes; nil: neither.
  func firstAwake(_ one: Actor, _ other: Actor, within milliseconds: Int) -> Actor? {
    for turn in 0...Int(Self.longest / 1_000_000) {
      if turn > milliseconds && !isSomethingThere { return nil }
      if one.isReady(within: 0) { return one }
      if other.isReady(within: 1) { return other }
    }
    return nil
  }

  /// Does nobody have to wait for it? Takes what there is.
  func isReady(_ slot: Slot) throws(Verdict) -> Bool {
    try ask(a, slot == .semaphore ? .acquire : .wait, slot, 0).outcome == .done
  }
}

// MARK: - What is left

extension Stage {
  /// One gets the mutex, at once, and nobody else has it; the next one hears nothing of a death.
  func mutexGoesOn(_ allowed: [Outcome]) throws(Verdict) -> Outcome {
    let answer = try ask(b, .lock, .mutex)
    let outcome = try judge(answer, "lock", allowed)
    try expect(.timedOut, c, .lock, .mutex, 0)
    try expect(.notOwner, c, .unlock, .mutex)
    try expect(.done, b, .unlock, .mutex)
    try goesOn(c, .lock, .mutex, as: .done)
    try expect(.done, c, .unlock, .mutex)
    try goesOn(a, .lock, .mutex, as: .done)
    try expect(.done, a, .unlock, .mutex)
    return outcome
  }

  /// Takes all permits, and puts them back.
  func permits(_ actor: Actor) throws(Verdict) -> Int {
    var count = 0
    while try ask(actor, .acquire, .semaphore, 0).outcome == .done { count += 1 }
    if count > 0 { try expect(.done, actor, .release, .semaphore, Int64(count)) }
    return count
  }

  /// Permits afterwards: one of these numbers. And the next one gets what is released.
  func semaphoreGoesOn(_ allowed: [Int]) throws(Verdict) -> Int {
    let count = try permits(b)
    if !allowed.contains(count) { throw .bad("\(count) permits instead of \(allowed)") }
    try expect(.done, b, .release, .semaphore, 1)
    try goesOn(c, .acquire, .semaphore, as: .done)
    return count
  }

  /// An auto event: is it set? It is then reset, and passes a signal on.
  func eventGoesOn(_ slot: Slot = .event) throws(Verdict) -> Bool {
    let isSet = try ask(b, .wait, slot, 0).outcome == .done
    if isSet { try expect(.timedOut, c, .wait, slot, 0) }
    try expect(.done, a, .set, slot)
    try goesOn(c, .wait, slot, as: .done)
    try expect(.timedOut, b, .wait, slot, 0)
    return isSet
  }

  /// A manual event: is it set? It stays so until it is reset.
  func manualEventGoesOn() throws(Verdict) -> Bool {
    let isSet = try ask(b, .wait, .event, 0).outcome == .done
    try expect(isSet ? .done : .timedOut, c, .wait, .event, 0)
    try expect(.done, a, .set, .event)
    try goesOn(c, .wait, .event, as: .done)
    try expect(.done, a, .reset, .event)
    try expect(.timedOut, b, .wait, .event, 0)
    return isSet
  }
}
