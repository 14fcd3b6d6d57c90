import Glibc
import SharedMemory
import TestSupport

/// How long it takes until one that pops is told the end, after all that pushed were killed.
struct StreamEnds {
  private static let producers = 2
  /// In nanoseconds: the 99th percentile is at most this.
  private static let limit: UInt64 = 40_000_000
  private let crew: Crew
  private let seed: UInt64

  init(seed: UInt64) {
    self.seed = seed
    crew = Crew(of: Self.producers) { crew, me, seed in
      let session = Session(named: crew.session)
      guard let queue = try? NamedQueue.open("e", in: session),
        (try? queue.push(NamedQueue.Message([1]), timeout: .zero)) == true
      else { return crew.ledger.violation("\(me) cannot push") }
      crew.ledger[.ready, me].set(1)
      // Until it is killed; and it keeps the queue, whatever the optimiser thinks of endless loops.
      repeat { pause() } while queue.count >= 0
    }
  }

  /// - Returns: whether nothing was found.
  func run(_ count: Int) -> Bool {
    var dice = Dice(seed: seed)
    let session = Session(named: crew.session)
    guard let queue = try? NamedQueue.create("e", bytes: 4096, in: session) else {
      crew.ledger.violation("there is no queue")
      return false
    }
    var times: [UInt64] = []
    while times.count < count && crew.ledger[.violations].value == 0 {
      if let time = time(queue, &dice) { times.append(time) }
    }
    times.sort()
    let worst = times.isEmpty ? 0 : times[(times.count * 99 + 99) / 100 - 1]
    if worst > Self.limit { crew.ledger.violation("the 99th percentile is over 40 ms") }
    func shown(_ time: UInt64?) -> String { "\((time ?? 0) / 1_000_000) ms" }
    print(
      """
      ends: seed \(seed), \(times.count) ends, told after \(shown(times[safe: times.count / 2])) in the \
      median, \(shown(worst)) at the 99th percentile, \(shown(times.last)) at most, \
      \(crew.ledger[.violations].value) violations
      """)
    return crew.ledger[.violations].value == 0
  }

  /// From the kill to what a waiting pop says.
  private func time(_ queue: NamedQueue, _ dice: inout Dice) -> UInt64? {
    for me in 0..<Self.producers {
      crew.ledger[.ready, me].set(0)
      crew.spawn(me)
    }
    let areReady = poll(within: 20) {
      (0..<Self.producers).allSatisfy { crew.ledger[.ready, $0].value == 1 }
    }
    if !areReady { crew.ledger.violation("the producers do not come") }
    for _ in 0..<Self.producers { _ = try? queue.pop(timeout: .zero) }
    // Another process kills them while this one waits.
    let wait = UInt32(20_000 + dice.below(60_000))
    let killer = forked {
      usleep(wait)
      crew.ledger[.begun, 0].set(now())
      for me in 0..<Self.producers { crew.signal(me, SIGKILL) }
    }
    var told: UInt64?
    do throws(SharedMemoryError) {
      _ = try queue.pop(timeout: .seconds(10))
      crew.ledger.violation("nobody was told")
    } catch {
      if error.code == .brokenPipe { told = now() } else { crew.ledger.violation("\(error)") }
    }
    _ = ended(killer)
    for me in 0..<Self.producers { _ = crew.wait(me) }
    return told.map { $0 - crew.ledger[.begun, 0].value }
  }
}

extension Array {
  fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
