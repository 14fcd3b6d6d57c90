import Glibc
import SharedMemory
import Synchronization
import TestSupport

/// A hostile peer overwrites every word of some objects with random values, while others use them:
/// they get errors and timeouts, and each of their calls ends.
struct Flips {
  private static let names = ["m", "s", "e", "l", "q", "t"]
  private static let users = 2
  /// No call takes longer than its timeout and this, on however busy a machine.
  private static let slack: UInt64 = 5_000_000_000

  /// What happened, counted in the ledger's words of that name.
  private typealias Event = Ledger.Event

  private let crew: Crew
  private let seed: UInt64

  init(seed: UInt64) {
    self.seed = seed
    crew = Crew(of: Self.users + 1, FlipUser.self)
  }

  /// - Returns: whether nothing was found.
  func run(flips: Int) -> Bool {
    var dice = Dice(seed: seed)
    for user in 0...Self.users { crew.spawn(user, seed: dice.next()) }
    let areReady = poll(within: 60) {
      (0...Self.users).allSatisfy { crew.ledger[.ready, $0].value == 1 }
    }
    if !areReady { crew.ledger.violation("the users do not come") }
    let words = flip(flips, &dice)
    crew.ledger[.stop].set(1)
    for user in 0...Self.users {
      let status = crew.wait(user)
      if status != 0 { crew.ledger.violation("user \(user) ended with status \(status)") }
    }
    let ledger = crew.ledger
    let longest = ledger[.longest].value
    if longest > Self.slack { ledger.violation("a call took \(longest / 1_000_000) ms too long") }
    print(
      """
      flips: seed \(seed), \(flips) flips of \(words) words, \(ledger[.verified].value) calls, \
      \(ledger[.opened].value) reopened, \(ledger[.notFound].value) errors, longest \
      \(longest / 1_000) µs over its time, \(ledger[.violations].value) violations
      """)
    return ledger[.violations].value == 0
  }

  /// - Returns: how many words there are.
  private func flip(_ count: Int, _ dice: inout Dice) -> Int {
    let files = Self.names.compactMap { HostileFile("\(crew.directory)/\($0)") }
    if files.count != Self.names.count { crew.ledger.violation("an object's file is missing") }
    if files.isEmpty { return 0 }
    var flipped = 0
    var burst = 0
    while flipped < count && crew.ledger[.violations].value < 20 {
      let file = files[flipped % files.count]
      if dice.below(256) == 0 { file.restore() }
      // Each word in its turn, and those that all use more often.
      let turn = flipped / files.count
      let word = dice.below(4) == 0 ? 16 + dice.below(2) : turn % (file.count / 4)
      file.write(dice.next(), at: word, isWide: dice.below(2) == 0)
      flipped += 1
      burst -= 1
      if burst <= 0 {
        burst = 1 + dice.below(32)
        _ = dice.below(4) == 0 ? usleep(UInt32(dice.below(50))) : sched_yield()
      }
    }
    for file in files { file.restore() }
    return files.reduce(0) { $0 + $1.count / 4 }
  }
}

/// An object's bytes, as somebody has them who knows nothing of the library.
private final class HostileFile {
  private let base: UnsafeMutableRawPointer
  private let original: [UInt8]
  let count: Int

  init?(_ path: String) {
    let file = open(path, O_RDWR | O_CLOEXEC)
    if file < 0 { return nil }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_size > 0 else { return nil }
    count = Int(status.st_size)
    let mapped = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    guard let mapped, mapped != MAP_FAILED else { return nil }
    base = mapped
    original = [UInt8](UnsafeRawBufferPointer(start: base, count: count))
  }

  deinit { munmap(base, count) }

  func write(_ value: UInt64, at word: Int, isWide: Bool) {
    if isWide {
      let at = (base + word / 2 * 8).assumingMemoryBound(to: Atomic<UInt64>.self)
      at.pointee.store(value, ordering: .sequentiallyConsistent)
    } else {
      let at = (base + word * 4).assumingMemoryBound(to: Atomic<UInt32>.self)
      at.pointee.store(UInt32(truncatingIfNeeded: value), ordering: .sequentiallyConsistent)
    }
  }

  /// As it was when nobody had used it: so that there is something to break again.
  func restore() {
    for word in 0..<count / 8 {
      let value = original[word * 8..<word * 8 + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
      write(value, at: word * 2, isWide: true)
    }
  }
}

/// Somebody who uses the objects and does not know what happens to them.
private struct FlipUser: CrewMember {
  private let crew: Crew
  private let me: Int
  private var dice: Dice
  private var objects: Objects?

  private struct Objects {
    let mutex: NamedMutex
    let semaphore: NamedSemaphore
    let event: NamedEvent
    let manual: NamedEvent
    let queue: NamedQueue
    let topic: NamedTopic

    init(_ session: Session) throws(SharedMemoryError) {
      mutex = try NamedMutex.create("m", in: session)
      semaphore = try NamedSemaphore.create("s", initial: 1, maximum: 2, in: session)
      event = try NamedEvent.create("e", in: session)
      manual = try NamedEvent.create("l", manual: true, in: session)
      queue = try NamedQueue.create("q", bytes: 4096, in: session)
      topic = try NamedTopic.create("t", bytes: 4096, in: session)
    }
  }

  init(_ crew: Crew, _ me: Int, seed: UInt64) {
    self.crew = crew
    self.me = me
    dice = Dice(seed: seed)
  }

  /// The first one only holds the objects.
  mutating func run() {
    let overseer = getppid()
    objects = try? Objects(Session(named: crew.session))
    if objects == nil { crew.ledger.violation("user \(me) has no objects") }
    crew.ledger[.ready, me].set(1)
    while crew.ledger[.stop].value == 0 && getppid() == overseer {
      if me == 0 { usleep(1000) } else { act() }
    }
  }

  private mutating func act() {
    let milliseconds = dice.below(4) == 0 ? dice.below(3) : 0
    let begun = now()
    do throws(SharedMemoryError) {
      try call(.milliseconds(Int64(milliseconds)))
    } catch {
      crew.ledger.count(.notFound)
    }
    crew.ledger.count(.verified)
    let time = now() - begun
    let allowed = UInt64(milliseconds) * 1_000_000
    crew.ledger[.longest].raise(to: time > allowed ? time - allowed : 0)
  }

  private mutating func call(_ timeout: Duration) throws(SharedMemoryError) {
    guard let objects, dice.below(64) != 0 else {
      objects = nil
      objects = try Objects(Session(named: crew.session))
      crew.ledger.count(.opened)
      return
    }
    switch dice.below(3) {
    case 0: return try callOfQueue(objects.queue, timeout)
    case 1: return try callOfTopic(objects.topic, timeout)
    default: break
    }
    switch dice.below(12) {
    case 0: _ = try objects.mutex.lock(timeout: timeout)
    case 1, 2: try objects.mutex.unlock()
    case 3: _ = try objects.semaphore.acquire(timeout: timeout)
    case 4: _ = try objects.semaphore.release(1)
    case 5: _ = try objects.event.wait(timeout: timeout)
    case 6: try objects.event.set()
    case 7: _ = try objects.manual.wait(timeout: timeout)
    case 8: dice.below(2) == 0 ? try objects.manual.set() : try objects.manual.reset()
    case 9: _ = try objects.mutex.owner
    case 10: _ = try Waiting.all(several(objects), timeout: timeout)
    default: _ = try Waiting.any(several(objects), timeout: timeout)
    }
  }

  private mutating func callOfQueue(
    _ queue: NamedQueue, _ timeout: Duration
  ) throws(SharedMemoryError) {
    let message = NamedQueue.Message([UInt8](repeating: 7, count: dice.below(900)))
    switch dice.below(10) {
    case 0, 1, 2: _ = try queue.push(message, timeout: timeout)
    case 3: _ = try queue.pushAll([message, message], timeout: timeout)
    case 4, 5: _ = try queue.pop(timeout: timeout)
    case 6: _ = try queue.popAll(timeout: timeout)
    case 7: try queue.take(timeout: timeout)?.done()
    case 8: _ = try queue.take(timeout: timeout)
    default: _ = (queue.count, queue.free, try queue.drain(timeout: timeout))
    }
  }

  private mutating func callOfTopic(
    _ topic: NamedTopic, _ timeout: Duration
  ) throws(SharedMemoryError) {
    let message = Message([UInt8](repeating: 7, count: dice.below(900)))
    switch dice.below(10) {
    case 0, 1, 2: try topic.publish(message)
    case 3: try topic.publishAll([message, message])
    case 4, 5, 6: _ = try topic.next(timeout: timeout)
    case 7: _ = try topic.latest()
    case 8: try topic.seek(dice.below(2) == 0 ? .oldest : .sequence(dice.next() >> 40))
    default: _ = (try topic.skip(), try topic.sequence(), topic.lost(), topic.age)
    }
  }

  private func several(_ objects: Objects) -> [any Waitable] {
    [objects.mutex, objects.semaphore, objects.event, objects.manual, objects.queue, objects.topic]
  }
}
