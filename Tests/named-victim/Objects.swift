import Glibc
import SharedMemory

/// What a scenario is about: at most one object of each of these.
enum Slot: Int64, CaseIterable {
  case mutex, semaphore, event, other, queue, topic
}

/// How one of them is made.
enum Making {
  case mutex
  case semaphore(_ initial: Int, _ maximum: Int)
  case event(manual: Bool, set: Bool)
  /// Of a ring of 4,096 bytes.
  case queue, topic

  /// For a message, in one word.
  var word: Int64 {
    switch self {
    case .mutex: 0
    case .semaphore(let initial, let maximum): 1 | Int64(initial) << 8 | Int64(maximum) << 32
    case .event(let manual, let set): 2 | (manual ? 256 : 0) | (set ? 512 : 0)
    case .queue: 3
    case .topic: 4
    }
  }

  init(word: Int64) {
    switch word & 0xFF {
    case 0: self = .mutex
    case 1: self = .semaphore(Int(word >> 8 & 0xFFFFFF), Int(word >> 32))
    case 3: self = .queue
    case 4: self = .topic
    default: self = .event(manual: word & 256 != 0, set: word & 512 != 0)
    }
  }
}

/// One operation. The argument is a time in milliseconds where it waits, a count where it
/// releases.
enum Deed: Int64 {
  case create, open, close
  case lock, unlock, lockAndUnlock
  case acquire, release
  case wait, set, reset
  case waitAll, waitAny
  /// Of queues. A message is a digit from 1 to 9, repeated: the argument's last one, as often as the
  /// rest of the argument says, but 40 times at least. What was popped is told as `value`.
  case push, pop, popAll, peek, clear, take, takeAll, done, giveBack, finish
  /// Of topics, with the same messages. What was read is told as `value`; -1 also where what was
  /// lost and what was read do not add up.
  case publish, next, nextAll, latest
}

/// How it was answered.
enum Outcome: Int64 {
  /// Done, locked, acquired, signalled.
  case done
  case abandoned
  case timedOut
  /// `unlock` by one who does not own it.
  case notOwner
  case tooMany
  /// The end of a queue.
  case ended
  case failed
}

/// Does everything once, and closes all again: what a process does only once, such as binding
/// symbols and making types known, is not stepped through in each child.
func rehearse(_ session: String) {
  for round in 0..<2 {
    let objects = Objects(session, round: Int64(-1 - round), owner: Owner())
    let mine = Objects(session, round: Int64(-1 - round))
    for slot in Slot.allCases {
      let making: Making =
        switch slot {
        case .mutex: .mutex
        case .semaphore: .semaphore(2, 4)
        case .queue: .queue
        case .topic: .topic
        default: .event(manual: slot == .other, set: true)
        }
      _ = objects.perform(.create, slot, making.word)
      _ = mine.perform(.open, slot, 0)
    }
    let deeds: [(Deed, Slot, Int64)] = [
      (.lock, .mutex, 1), (.lock, .mutex, 1), (.unlock, .mutex, 0), (.unlock, .mutex, 0),
      (.lockAndUnlock, .mutex, 1), (.acquire, .semaphore, 1), (.release, .semaphore, 1),
      (.wait, .other, 1), (.waitAny, .mutex, 1), (.unlock, .mutex, 0), (.waitAll, .mutex, 1),
      (.unlock, .mutex, 0), (.reset, .other, 0), (.waitAll, .mutex, 1), (.waitAny, .mutex, 1),
      (.unlock, .mutex, 0), (.wait, .event, 1), (.set, .event, 0), (.acquire, .semaphore, 1),
      (.acquire, .semaphore, 1), (.acquire, .semaphore, 1), (.wait, .other, 1),
    ]
    for (deed, slot, argument) in deeds { _ = mine.perform(deed, slot, argument) }
    let messages: [(Deed, Int64)] = [
      (.push, 1), (.push, 2), (.peek, 0), (.pop, 1), (.take, 1), (.giveBack, 0), (.take, 1),
      (.done, 0),
      (.pop, 30), (.push, 19001), (.push, 19001), (.push, 19001), (.popAll, 0), (.take, 30),
      (.push, 1), (.clear, 0), (.finish, 0), (.push, 1), (.pop, 1),
    ]
    for (deed, argument) in messages { _ = mine.perform(deed, .queue, argument) }
    let published: [(Deed, Int64)] = [
      (.next, 1), (.publish, 1), (.publish, 9002), (.publish, 9003), (.latest, 0), (.next, 1),
      (.publish, 9004), (.publish, 9005), (.publish, 9006), (.nextAll, 0), (.next, 30),
    ]
    for (deed, argument) in published { _ = mine.perform(deed, .topic, argument) }
    // What sleeps for long, beside another owner.
    _ = objects.perform(.lock, .mutex, 1)
    let sleeps: [(Deed, Slot, Int64)] = [
      (.wait, .event, 1), (.lock, .mutex, 60), (.waitAny, .mutex, 60), (.waitAll, .mutex, 60),
    ]
    for (deed, slot, argument) in sleeps { _ = mine.perform(deed, slot, argument) }
  }
}

/// One process's handles of a round.
final class Objects {
  private let session: Session
  private let round: Int64
  private let owner: Owner
  private var mutex: NamedMutex?
  private var semaphore: NamedSemaphore?
  private var events: [Slot: NamedEvent] = [:]
  private var queue: NamedQueue?
  private var job: NamedQueue.Job?
  private var topic: NamedTopic?
  private var hasRead: UInt64 = 0
  /// The digits that were popped, as a number; -1: a torn message.
  private(set) var value: Int64 = 0

  init(_ session: String, round: Int64, owner: Owner = .process) {
    self.owner = owner
    self.session = Session(named: session)
    self.round = round
  }

  static func name(_ slot: Slot, _ round: Int64) -> String { "\(slot)\(round)" }

  func perform(_ deed: Deed, _ slot: Slot, _ argument: Int64) -> Outcome {
    do throws(SharedMemoryError) {
      return try attempt(deed, slot, argument)
    } catch {
      switch error.code {
      case .notOwner: return .notOwner
      case .tooManyPosts: return .tooMany
      case .brokenPipe, .noData: return .ended
      default:
        _ = "\(deed) \(slot): \(error)\n".withCString { write(STDERR_FILENO, $0, strlen($0)) }
        return .failed
      }
    }
  }

  private func attempt(
    _ deed: Deed, _ slot: Slot, _ argument: Int64
  ) throws(SharedMemoryError) -> Outcome {
    switch deed {
    case .create: try create(slot, Making(word: argument))
    case .open: try open(slot)
    case .close: closeAll()
    case .lock: return try lock(argument)
    case .unlock: try mutex!.unlock()
    case .lockAndUnlock:
      let outcome = try lock(argument)
      if outcome != .timedOut { try mutex!.unlock() }
      return outcome
    case .acquire:
      return try semaphore!.acquire(timeout: .milliseconds(argument)) ? .done : .timedOut
    case .release: _ = try semaphore!.release(Int(argument))
    case .wait: return try events[slot]!.wait(timeout: .milliseconds(argument)) ? .done : .timedOut
    case .set: try events[slot]!.set()
    case .reset: try events[slot]!.reset()
    case .waitAll: return try waitForAll(argument)
    case .waitAny: return try waitForAny(argument)
    case .push, .pop, .popAll, .peek, .clear, .take, .takeAll, .done, .giveBack, .finish:
      return try onQueue(deed, argument)
    case .publish, .next, .nextAll, .latest: return try onTopic(deed, argument)
    }
    return .done
  }

  private func lock(_ milliseconds: Int64) throws(SharedMemoryError) -> Outcome {
    outcome(try mutex!.lock(timeout: .milliseconds(milliseconds)))
  }

  private func outcome(_ lock: LockOutcome) -> Outcome {
    switch lock {
    case .locked: .done
    case .abandoned: .abandoned
    case .removed: .failed
    case .timedOut: .timedOut
    }
  }
}

// MARK: - Handles

extension Objects {
  private func create(_ slot: Slot, _ making: Making) throws(SharedMemoryError) {
    let name = Self.name(slot, round)
    switch making {
    case .mutex: mutex = try NamedMutex.create(name, owner: owner, in: session)
    case .semaphore(let initial, let maximum):
      semaphore = try NamedSemaphore.create(
        name, initial: initial, maximum: maximum, in: session)
    case .event(let manual, let set):
      events[slot] = try NamedEvent.create(name, manual: manual, set: set, in: session)
    case .queue: queue = try NamedQueue.create(name, bytes: 4096, owner: owner, in: session)
    case .topic: topic = try NamedTopic.create(name, bytes: 4096, owner: owner, in: session)
    }
  }

  private func open(_ slot: Slot) throws(SharedMemoryError) {
    let name = Self.name(slot, round)
    switch slot {
    case .mutex: mutex = try NamedMutex.open(name, owner: owner, in: session)
    case .semaphore: semaphore = try NamedSemaphore.open(name, in: session)
    case .event, .other: events[slot] = try NamedEvent.open(name, in: session)
    case .queue: queue = try NamedQueue.open(name, owner: owner, in: session)
    case .topic: topic = try NamedTopic.open(name, owner: owner, in: session)
    }
  }

  private func closeAll() {
    mutex = nil
    semaphore = nil
    events = [:]
    job = nil
    queue = nil
    topic = nil
    hasRead = 0
  }
}

// MARK: - Queues

extension Objects {
  private func onQueue(_ deed: Deed, _ argument: Int64) throws(SharedMemoryError) -> Outcome {
    value = 0
    switch deed {
    case .push:
      return try queue!.push(message(argument), timeout: .seconds(5)) ? .done : .timedOut
    case .pop: return met(try queue!.pop(timeout: .milliseconds(argument)))
    case .popAll:
      for message in try queue!.popAll(timeout: .zero) { _ = met(message) }
      return .done
    case .peek: return met(try queue!.peek())
    case .clear: try queue!.clear()
    case .take:
      job = try queue!.take(timeout: .milliseconds(argument))
      return met(job?.message)
    case .takeAll:
      while let taken = try queue!.take(timeout: .zero) {
        _ = met(taken.message)
        try taken.done()
      }
      return .done
    case .done: try job!.done()
    case .giveBack: job = nil
    default: try queue!.finish()
    }
    return .done
  }

  private func message(_ argument: Int64) -> Message {
    let digit = UInt8(ascii: "0") + UInt8(argument % 10)
    return Message([UInt8](repeating: digit, count: max(40, Int(argument / 10))))
  }

  private func met(_ message: Message?) -> Outcome {
    guard let message else { return .timedOut }
    let first = message.bytes.first ?? 0
    let isWhole = message.bytes.count >= 40 && message.bytes.allSatisfy { $0 == first }
    value = isWhole && value >= 0 ? value * 10 + Int64(first) - 48 : -1
    return .done
  }
}

// MARK: - Topics

extension Objects {
  private func onTopic(_ deed: Deed, _ argument: Int64) throws(SharedMemoryError) -> Outcome {
    value = 0
    switch deed {
    case .publish: try topic!.publish(message(argument))
    case .next: return read(try topic!.next(timeout: .milliseconds(argument)))
    case .latest: return met(try topic!.latest()?.message)
    default:
      while let received = try topic!.next(timeout: .zero) { _ = read(received) }
    }
    return .done
  }

  private func read(_ received: NamedTopic.Received?) -> Outcome {
    guard let received else { return .timedOut }
    let outcome = met(received.message)
    hasRead += 1
    if hasRead + topic!.lost().total != received.sequence { value = -1 }
    return outcome
  }
}

// MARK: - Waiting for several

extension Objects {
  private var several: [any Waitable] {
    let first: [(any Waitable)?] = [mutex, semaphore, events[.event], events[.other]]
    return first.compactMap(\.self)
  }

  private func waitForAll(_ milliseconds: Int64) throws(SharedMemoryError) -> Outcome {
    outcome(try Waiting.all(several, timeout: .milliseconds(milliseconds)))
  }

  private func waitForAny(_ milliseconds: Int64) throws(SharedMemoryError) -> Outcome {
    let found = try Waiting.any(several, timeout: .milliseconds(milliseconds))
    return found.map { $0.abandoned ? .abandoned : .done } ?? .timedOut
  }
}
