import Glibc
import SharedMemory
import Synchronization
import TestSupport

/// Random kills of who pushes, pops and works, with accounts that the library has no part in.
///
/// Two queues: from "pops" messages are popped, from "jobs" they are taken and done. A message says
/// which life of a producer pushed it, and as which. Every life notes what it begins and what was
/// acknowledged; whoever gets a message notes that. So at the end it is known of each message what
/// may have become of it:
///
///     pops   acknowledged: popped once, but for one that each killed consumer may have popped and
///            not noted; begun only: once or never; never twice, and for each consumer in the
///            order of the pushes
///     jobs   acknowledged: done, none is missing; twice for each killed worker at most
struct QueueTorture {
  private static let workers = 7
  /// Messages of one life.
  static let most = 512
  private let crew: Crew
  private let accounts: QueueAccounts
  private let seed: UInt64

  init(seed: UInt64, kills: Int) {
    self.seed = seed
    let accounts = QueueAccounts(lives: kills + 64)
    self.accounts = accounts
    crew = Crew(of: Self.workers) { crew, me, seed in
      QueueWorker(crew, accounts, me, seed: seed).run()
    }
  }

  /// - Returns: whether nothing was found.
  func run(kills: Int) -> Bool {
    var dice = Dice(seed: seed)
    var killed = [0, 0, 0, 0]
    for worker in 0..<Self.workers { crew.spawn(worker, seed: dice.next()) }
    if !poll(within: 60, { crew.ledger[.ready, 6].value == 1 }) {
      crew.ledger.violation("the queues' holder does not come")
    }
    for _ in 0..<kills where crew.ledger[.violations].value < 20 {
      usleep(UInt32(dice.below(4) == 0 ? dice.below(20_000) : dice.below(1500)))
      let worker = dice.below(6)
      crew.signal(worker, SIGKILL)
      _ = crew.wait(worker)
      killed[QueueWorker.role(worker).rawValue] += 1
      crew.spawn(worker, seed: dice.next())
    }
    crew.ledger[.stop].set(1)
    for worker in 0..<6 { if crew.wait(worker) != 0 { crew.ledger.violation("it ended badly") } }
    takeTheRest()
    judge(killed)
    crew.ledger[.phase].set(1)
    _ = crew.wait(6)
    print(
      """
      queues: seed \(seed), \(kills) kills, \(accounts.summary), longest \
      \(crew.ledger[.longest].value / 1_000_000) ms, \(crew.ledger[.violations].value) violations
      """)
    return crew.ledger[.violations].value == 0
  }

  private func takeTheRest() {
    let session = Session(named: crew.session)
    guard let pops = try? NamedQueue.open("pops", in: session),
      let jobs = try? NamedQueue.open("jobs", in: session)
    else { return crew.ledger.violation("the queues are gone") }
    while let message = try? pops.pop(timeout: .zero) { accounts.got(message, crew.ledger) }
    while let job = try? jobs.take(timeout: .zero) {
      accounts.got(job.message, crew.ledger)
      try? job.done()
    }
    if pops.count != 0 || jobs.count != 0 || pops.free != pops.capacity
      || jobs.free != jobs.capacity
    {
      crew.ledger.violation("something is left in an empty queue")
    }
  }

  private func judge(_ killed: [Int]) {
    let found = accounts.found()
    if found.popsTwice > 0 { crew.ledger.violation("\(found.popsTwice) were popped twice") }
    let consumers = killed[QueueWorker.Role.pops.rawValue]
    if found.popsMissing > consumers {
      crew.ledger.violation("\(found.popsMissing) are missing, \(consumers) consumers died")
    }
    if found.jobsMissing > 0 { crew.ledger.violation("\(found.jobsMissing) jobs are missing") }
    let workers = killed[QueueWorker.Role.works.rawValue]
    if found.jobsTwice > workers {
      crew.ledger.violation("\(found.jobsTwice) jobs came again, \(workers) workers died")
    }
    if found.never > 0 { crew.ledger.violation("\(found.never) came that nobody had pushed") }
  }
}

/// What was begun, acknowledged and got, in memory that has nothing to do with the library.
struct QueueAccounts: @unchecked Sendable {
  private let lives: Int
  /// The next life; then of each life whether it is of jobs, what it began, what was acknowledged.
  private let words: UnsafeMutablePointer<Atomic<UInt64>>
  private let got: UnsafeMutablePointer<Atomic<UInt8>>

  init(lives: Int) {
    self.lives = lives
    func pages(_ bytes: Int) -> UnsafeMutableRawPointer {
      mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)!
    }
    words = pages((1 + 3 * lives) * 8).bindMemory(to: Atomic<UInt64>.self, capacity: 1 + 3 * lives)
    let count = lives * QueueTorture.most
    got = pages(count).bindMemory(to: Atomic<UInt8>.self, capacity: count)
  }

  private func word(_ life: Int, _ at: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    words + 1 + 3 * life + at
  }

  func begin(ofJobs: Bool) -> Int {
    let life = Int(words.add(1)) - 1
    if life < lives { word(life, 0).set(ofJobs ? 1 : 0) }
    return life
  }

  func begins(_ life: Int) { word(life, 1).add(1) }
  func acknowledged(_ life: Int) { word(life, 2).add(1) }

  static func message(_ life: Int, _ number: Int) -> NamedQueue.Message {
    let head = [life, number].flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
    return NamedQueue.Message(head + [UInt8](repeating: UInt8(number & 255), count: number % 200))
  }

  /// - Returns: the life and the number; nil: it was torn.
  func seen(_ message: NamedQueue.Message, _ ledger: Ledger) -> (life: Int, number: Int)? {
    let bytes = message.bytes
    func value(_ at: Int) -> Int { (0..<4).reversed().reduce(0) { $0 << 8 | Int(bytes[at + $1]) } }
    if bytes.count < 8 || value(0) >= lives || value(4) >= QueueTorture.most
      || message != Self.message(value(0), value(4))
    {
      ledger.violation("a torn message")
      return nil
    }
    return (value(0), value(4))
  }

  /// - Returns: the life and the number.
  @discardableResult
  func got(_ message: NamedQueue.Message, _ ledger: Ledger) -> (Int, Int) {
    guard let (life, number) = seen(message, ledger) else { return (0, 0) }
    got[life * QueueTorture.most + number].wrappingAdd(1, ordering: .sequentiallyConsistent)
    return (life, number)
  }

  struct Found {
    var popsMissing = 0
    var popsTwice = 0
    var jobsMissing = 0
    var jobsTwice = 0
    var never = 0
  }

  func found() -> Found {
    var found = Found()
    for life in 0..<min(lives, Int(words.value)) {
      let (begun, known) = (Int(word(life, 1).value), Int(word(life, 2).value))
      let isOfJobs = word(life, 0).value == 1
      for number in 0..<QueueTorture.most {
        let count = Int(
          got[life * QueueTorture.most + number].load(ordering: .sequentiallyConsistent))
        if number >= begun {
          found.never += count > 0 ? 1 : 0
        } else if isOfJobs {
          found.jobsMissing += number < known && count == 0 ? 1 : 0
          found.jobsTwice += max(0, count - 1)
        } else {
          found.popsMissing += number < known && count == 0 ? 1 : 0
          found.popsTwice += count > 1 ? 1 : 0
        }
      }
    }
    return found
  }

  var summary: String {
    let lives = min(self.lives, Int(words.value))
    let pushed = (0..<lives).reduce(0) { $0 + Int(word($1, 2).value) }
    let found = found()
    return "\(lives) producers' lives, \(pushed) messages acknowledged, \(found.popsMissing) lost "
      + "with a consumer, \(found.jobsTwice) jobs done again"
  }
}

/// One process of the crew.
private struct QueueWorker {
  enum Role: Int { case pushes, pops, works, holds }

  private let crew: Crew
  private let accounts: QueueAccounts
  private let me: Int
  private var dice: Dice
  private let overseer = getppid()

  init(_ crew: Crew, _ accounts: QueueAccounts, _ me: Int, seed: UInt64) {
    self.crew = crew
    self.accounts = accounts
    self.me = me
    dice = Dice(seed: seed)
  }

  static func role(_ me: Int) -> Role {
    [.pushes, .pushes, .pops, .pops, .works, .works, .holds][me]
  }

  private var isOver: Bool { crew.ledger[.stop].value != 0 || getppid() != overseer }

  func run() {
    let session = Session(named: crew.session)
    guard let pops = try? NamedQueue.create("pops", bytes: 4096, in: session),
      let jobs = try? NamedQueue.create("jobs", bytes: 4096, in: session)
    else { return crew.ledger.violation("\(me) gets no queues") }
    crew.ledger[.ready, me].set(1)
    var worker = self
    switch Self.role(me) {
    case .pushes: worker.push(me == 0 ? pops : jobs, ofJobs: me != 0)
    case .pops: worker.pop(pops)
    case .works: worker.work(jobs)
    case .holds: while crew.ledger[.phase].value == 0 && getppid() == overseer { usleep(5000) }
    }
  }

  /// A call within its time; the end and its counterpart are no violations, as all of one side may
  /// be dead for a moment.
  private func attempt<Value>(_ body: () throws -> Value?) -> Value? {
    let begun = now()
    defer {
      let time = now() - begun
      crew.ledger[.longest].raise(to: time)
      if time > 5_000_000_000 { crew.ledger.violation("a call of \(me) took 5 s") }
    }
    do { return try body() } catch {
      let code = (error as? SharedMemoryError)?.code
      if code == .brokenPipe || code == .noData {
        usleep(500)
      } else {
        crew.ledger.violation("\(me): \(error)")
      }
      return nil
    }
  }

  private func push(_ queue: NamedQueue, ofJobs: Bool) {
    let life = accounts.begin(ofJobs: ofJobs)
    for number in 0..<QueueTorture.most where !isOver {
      accounts.begins(life)
      let message = QueueAccounts.message(life, number)
      var isIn = false
      while !isIn {
        isIn = attempt { try queue.push(message, timeout: .milliseconds(1500)) } ?? false
        if isOver && !isIn { return }
      }
      accounts.acknowledged(life)
    }
    while !isOver { usleep(1000) }
  }

  /// Now and then: what is next, which stays. It is not torn, whoever dies.
  private mutating func peek(_ queue: NamedQueue) {
    guard dice.below(4) == 0, let next = attempt({ try queue.peek() }) else { return }
    _ = accounts.seen(next, crew.ledger)
  }

  private mutating func pop(_ queue: NamedQueue) {
    var last: [Int: Int] = [:]
    while !isOver {
      peek(queue)
      guard let message = attempt({ try queue.pop(timeout: .milliseconds(20)) }) else { continue }
      let (life, number) = accounts.got(message, crew.ledger)
      if number <= last[life] ?? -1 { crew.ledger.violation("\(number) after \(last[life]!)") }
      last[life] = number
    }
  }

  private mutating func work(_ queue: NamedQueue) {
    while !isOver {
      peek(queue)
      guard let job = attempt({ try queue.take(timeout: .milliseconds(20)) }) else { continue }
      if dice.below(8) == 0 { continue }  // it goes back
      accounts.got(job.message, crew.ledger)
      _ = attempt { try job.done() }
    }
  }
}
