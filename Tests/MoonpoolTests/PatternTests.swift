import Glibc
import SharedMemory
import TestSupport
import Testing

/// Starts `moonpool run …`; its standard input stays open.
private func start(_ words: String..., session: String) -> Child {
  Child(
    Places.moonpool, ["run"] + words, environment: ["MOONPOOL_SESSION": session], input: .open)
}

/// All have closed or are dead: one operation of anybody, and nothing is there.
private func expectNothingIsLeft(_ session: String) {
  let answer = refusal { _ = try MemoryObject.open("unrelated", in: Session(named: session)) }
  #expect(answer == 2)
  #expect(entries(of: "/dev/shm/moonpool-\(geteuid())@\(session)") == nil)
}

/// What programs do with named objects, as the documents show it, in processes of their own.
@Suite(.timeLimit(.minutes(5))) struct PatternTests {
  @Test(arguments: [true, false])
  func aSignalInsteadOfAKeyInEitherOrder(_ firstIsFirst: Bool) {
    let session = Places.unique("pattern")
    let names =
      firstIsFirst ? ["signal-first", "signal-second"] : ["signal-second", "signal-first"]
    let children = names.map { start($0, "60", session: session) }
    for child in children {
      #expect(child.wait() == 0)
      #expect(child.complained == "")
    }
    #expect(children.map(\.printed).joined() == "Message from first process.\n")
    expectNothingIsLeft(session)
  }

  @Test func nobodyWaitsLongerThanItWants() {
    let session = Places.unique("pattern")
    let first = start("signal-first", "0.05", session: session)
    #expect(first.wait() == 124)
    #expect(first.complained == "signal-first: nobody has read the message\n")
    let second = start("signal-second", "0.05", session: session)
    #expect(second.wait() == 124)
    #expect(second.complained == "signal-second: nobody has written a message\n")
    expectNothingIsLeft(session)
  }

  @Test func theFirstProcessHoldsTheNameUntilItIsRead() {
    let session = Places.unique("pattern")
    let first = start("signal-first", session: session)
    let isThere = poll {
      refusal { _ = try MemoryObject.open("SignalledObject", in: Session(named: session)) } == nil
    }
    #expect(isThere)
    usleep(50_000)
    #expect(
      refusal { _ = try MemoryObject.open("SignalledObject", in: Session(named: session)) } == nil)
    let second = start("signal-second", session: session)
    #expect(second.wait() == 0)
    #expect(second.printed == "Message from first process.\n")
    #expect(first.wait() == 0)
    expectNothingIsLeft(session)
  }

  @Test func aGuardedCounterIsExactThoughAnyMayBeKilled() {
    let session = Places.unique("pattern")
    let keeper = start("counter", "c", session: session)
    #expect(keeper.prints("counting in c"))
    let victim = start("counter", "c", "100000000", session: session)
    let adding = (0..<3).map { _ in start("counter", "c", "2000", session: session) }
    let isCounting = poll { word("c", session) > 100 }
    #expect(isCounting)
    victim.kill()
    #expect(victim.wait() == 128 + SIGKILL)
    for child in adding { #expect(child.wait() == 0, "\(child.complained)") }
    // The victim's share is whatever it came to; nobody's is lost.
    let before = word("c", session)
    #expect(before >= 6000)
    let again = (0..<2).map { _ in start("counter", "c", "1000", session: session) }
    for child in again { #expect(child.wait() == 0) }
    keeper.closeInput()
    #expect(keeper.wait() == 0)
    #expect(keeper.printed == "counting in c; a key ends it\n\(before + 2000)\n")
    expectNothingIsLeft(session)
  }

  /// An object's first word; 0 where there is none.
  private func word(_ name: String, _ session: String) -> Int {
    guard let object = try? MemoryObject.open(name, in: Session(named: session)),
      let view = try? object.map()
    else { return 0 }
    return view.base.load(as: Int.self)
  }

  @Test func aBoundedBufferPassesEachNumberOnOnce() {
    let session = Places.unique("pattern")
    let consumers = (0..<3).map { _ in start("bounded-buffer", "consume", "200", session: session) }
    let producers = (0..<2).map { number in
      start("bounded-buffer", "produce", "300", "\(1 + 300 * number)", session: session)
    }
    for child in producers + consumers { #expect(child.wait() == 0, "\(child.complained)") }
    let sums = consumers.map { $0.printed.split { "\t\n".contains($0) }.compactMap { Int($0) } }
    #expect(sums.allSatisfy { $0.count == 2 && $0[0] == 200 })
    #expect(sums.reduce(0) { $0 + ($1.last ?? 0) } == 600 * 601 / 2)
    expectNothingIsLeft(session)
  }

  @Test func aFullBufferHoldsItsProducerBack() {
    let session = Places.unique("pattern")
    let producer = start("bounded-buffer", "produce", "9", session: session)
    #expect(poll { word("bounded-buffer", session) == 8 })
    usleep(50_000)
    #expect(word("bounded-buffer", session) == 8, "a ninth was put into eight places")
    #expect(start("bounded-buffer", "consume", "9", session: session).wait() == 0)
    #expect(producer.wait() == 0)
    expectNothingIsLeft(session)
  }

  @Test func whatManySendTheDebugMonitorShowsOnce() {
    let session = Places.unique("pattern")
    let monitor = start("debug-monitor", "12", session: session)
    let listens = poll { monitor.complained.contains("listening") }
    #expect(listens)
    let second = start("debug-monitor", session: session)
    #expect(second.wait() == 1)
    #expect(second.complained == "debug-monitor: another monitor runs\n")
    var expected: [String] = []
    for round in 0..<3 {
      let senders = (0..<4).map {
        ($0, start("debug-send", "text", "\(round).\($0)", session: session))
      }
      for (number, sender) in senders {
        #expect(sender.wait() == 0)
        expected.append("\(sender.pid)\ttext \(round).\(number)")
      }
    }
    #expect(monitor.wait() == 0)
    #expect(monitor.printed.split(separator: "\n").map(String.init).sorted() == expected.sorted())
    expectNothingIsLeft(session)
  }

  @Test func aLongTextGoesToTheDebugMonitorInParts() {
    let session = Places.unique("pattern")
    let monitor = start("debug-monitor", "2", session: session)
    let listens = poll { monitor.complained.contains("listening") }
    #expect(listens)
    let sender = start("debug-send", String(repeating: "x", count: 5000), session: session)
    #expect(sender.wait() == 0)
    #expect(monitor.wait() == 0)
    let lines = monitor.printed.split(separator: "\n")
    #expect(lines.map { $0.count { $0 == "x" } } == [4091, 909])
    expectNothingIsLeft(session)
  }

  @Test func withoutADebugMonitorATextIsDropped() {
    let session = Places.unique("pattern")
    let sender = start("debug-send", "to nobody", session: session)
    #expect(sender.wait() == 0)
    #expect(sender.printed + sender.complained == "")
    expectNothingIsLeft(session)
  }

  /// A stale monitor is like none, and one that died holding a text harms no later one.
  @Test func aKilledDebugMonitorLeavesTheNextOneAlone() {
    let session = Places.unique("pattern")
    let killed = start("debug-monitor", session: session)
    let listens = poll { killed.complained.contains("listening") }
    #expect(listens)
    killed.kill()
    killed.wait()
    let monitor = start("debug-monitor", "1", session: session)
    let listensNow = poll { monitor.complained.contains("listening") }
    #expect(listensNow, "\(monitor.complained)")
    let sender = start("debug-send", "again", session: session)
    #expect(sender.wait() == 0)
    #expect(monitor.wait() == 0)
    #expect(monitor.printed == "\(sender.pid)\tagain\n")
    expectNothingIsLeft(session)
  }

  @Test func telemetryIsSeenWholeByEveryReader() {
    let session = Places.unique("pattern")
    let readers = (0..<2).map { _ in start("telemetry-reader", "20", "60", session: session) }
    let writer = start("telemetry-writer", "1000000", "0.002", session: session)
    for reader in readers {
      // A half update is an error of the reader's.
      #expect(reader.wait() == 0, "\(reader.complained)")
      let lines = reader.printed.split(separator: "\n")
      #expect(lines.count == 20)
      #expect(lines.allSatisfy { $0.contains(" s  1: ") && $0.contains("  3: ") })
      #expect(Set(lines.map { $0.prefix { $0 != " " } }).count == 20)
    }
    writer.kill()
    writer.wait()
    expectNothingIsLeft(session)
  }

  @Test func withoutAWriterTelemetryIsATimeout() {
    let session = Places.unique("pattern")
    let reader = start("telemetry-reader", "1", "0.05", session: session)
    #expect(reader.wait() == 124)
    #expect(reader.complained == "telemetry-reader: nothing is published\n")
    expectNothingIsLeft(session)
  }

  @Test(arguments: [
    ["bounded-buffer"], ["bounded-buffer", "eat", "1"], ["bounded-buffer", "produce", "x"],
    ["telemetry-writer", "x"], ["telemetry-reader", "1", "x"], ["debug-monitor", "x"],
  ])
  func whatIsWrongIsAUsage(_ words: [String]) {
    let outcome = run(Places.moonpool, ["run"] + words)
    #expect(outcome.status == 64)
    #expect(outcome.errors.hasPrefix("usage: \(words[0])"))
  }
}
