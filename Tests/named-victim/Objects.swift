import Glibc
import SharedMemory

/// What a scenario is about: at most one object of each of these.
enum Slot: Int64, CaseIterable {
  case mutex, semaphore, event, other
}

/// How one of them is made.
enum Making {
  case mutex
  case semaphore(_ initial: Int, _ maximum: Int)
  case event(manual: Bool, set: Bool)

  /// For a message, in one word.
  var word: Int64 {
    switch self {
    case .mutex: 0
    case .semaphore(let initial, let maximum): 1 | Int64(initial) << 8 | Int64(maximum) << 32
    case .event(let manual, let set): 2 | (manual ? 256 : 0) | (set ? 512 : 0)
    }
  }

  init(word: Int64) {
    switch word & 0xFF {
    case 0: self = .mutex
    case 1: self = .semaphore(Int(word >> 8 & 0xFFFFFF), Int(word >> 32))
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
    }
  }

  private func open(_ slot: Slot) throws(SharedMemoryError) {
    let name = Self.name(slot, round)
    switch slot {
    case .mutex: mutex = try NamedMutex.open(name, owner: owner, in: session)
    case .semaphore: semaphore = try NamedSemaphore.open(name, in: session)
    case .event, .other: events[slot] = try NamedEvent.open(name, in: session)
    }
  }

  private func closeAll() {
    mutex = nil
    semaphore = nil
    events = [:]
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
