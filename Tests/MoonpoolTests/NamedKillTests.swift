import Glibc
import SharedMemory
import TestSupport
import Testing

/// An operation on named objects in some state, as `named-victim` knows it.
struct KillScenario: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// What is found after some kill each.
  let words: [String]

  /// Two are killed one after the other, at each pair of points.
  private var isNested: Bool { testDescription.hasSuffix("after a kill in the same") }

  /// Not all pairs of points, which are minutes; `scripts/torture step` has them.
  static let brief = all.filter {
    !$0.isNested
      || ["lock, abandoned", "unlock", "set", "push, empty"].contains {
        [text = $0.testDescription] in
        text.hasPrefix($0)
      }
  }

  static let all: [KillScenario] = run(Places.namedVictim, ["list"]).output.split(separator: "\n")
    .map { line in
      let parts = line.split(separator: "\t")
      return KillScenario(
        testDescription: String(parts[0]), words: parts[1].split(separator: " ").map(String.init))
    }
}

/// Killed by SIGKILL at every instruction of each operation on a named object, in each state.
///
/// All instructions between which no byte of the object changed and no system call was made are
/// one point, as others cannot tell them apart; `scripts/torture step` kills at each of them.
@Suite(.serialized, .enabled(if: Places.canStep, "ptrace is not permitted here, or no x86-64"))
struct NamedKillTests {
  /// Several at once: most of their time goes into waiting for what must not happen.
  @Test(.timeLimit(.minutes(20))) func theNextProcessGoesOnAndNothingIsLostOrDoubled() {
    var begun: [(KillScenario, Child)] = []
    for scenario in KillScenario.brief {
      if begun.count == 6 { check(begun.removeFirst()) }
      let arguments = ["changes", Places.namedVictim, scenario.testDescription]
      begun.append((scenario, Child(Places.killstep, arguments)))
    }
    for rest in begun { check(rest) }
  }

  private func check(_ begun: (scenario: KillScenario, harness: Child)) {
    let (scenario, harness) = begun
    let name = scenario.testDescription
    #expect(harness.wait() == 0, "\(name): \(harness.complained)")
    let printed = harness.printed
    print("\(name): \(printed)", terminator: "")
    let points = printed.split(separator: " ").first.flatMap { Int($0) } ?? 0
    #expect(points >= 4, "\(name)")
    for word in scenario.words {
      #expect(printed.contains(" \(word)"), "\(name): no kill led to it: \(word)")
    }
  }

  @Test func thereAreScenariosOfEachOperation() {
    for operation in [
      "lock", "try", "unlock", "acquire", "release", "set", "reset", "wait", "wait for all",
      "wait for any", "push", "pop", "take", "done", "give back", "finish", "publish", "next",
      "latest",
    ] {
      #expect(
        KillScenario.all.contains { $0.testDescription.hasPrefix("\(operation), ") },
        "\(operation)")
    }
  }

  @Test func whatIsNoScenarioIsAUsage() {
    #expect(run(Places.namedVictim, ["jump"]).status == 64)
    #expect(run(Places.killstep, ["some"]).status == 64)
  }
}

/// Random kills and random bytes.
struct NamedTortureTests {
  @Test(.timeLimit(.minutes(10))) func twoThousandRandomKillsHarmNobody() {
    let torture = run(Places.torture, ["named", "2000"])
    print(torture.output)
    #expect(torture.status == 0, "\(torture.errors)")
    #expect(torture.output.contains(" 2000 kills,"))
    #expect(torture.output.contains(" 0 violations"))
    // It came to everything often enough for the checks to mean something.
    for event in ["locked", "acquired", "set", "signalled", "both", "either"] {
      #expect(count(of: event, in: torture.output) >= 100, "\(event): \(torture.output)")
    }
    #expect(count(of: "abandoned", in: torture.output) >= 10)
  }

  private func count(of event: String, in summary: String) -> Int {
    let words = summary.split { " ,()".contains($0) }
    return zip(words, words.dropFirst()).first { $1 == event }.flatMap { Int($0.0) } ?? 0
  }
}

struct QueueTortureTests {
  @Test(.timeLimit(.minutes(10))) func killsLoseAndDoubleNoMoreThanTheyMay() {
    let torture = run(Places.torture, ["queues", "2000"])
    print(torture.output)
    #expect(torture.status == 0, "\(torture.errors)")
    #expect(torture.output.contains(" 2000 kills,"))
    #expect(torture.output.contains(" 0 violations"))
  }
}

struct TopicTortureTests {
  @Test(.timeLimit(.minutes(10))) func lostCountsAreExactOverManyLaps() {
    let torture = run(Places.torture, ["topics", "3000"])
    print(torture.output)
    #expect(torture.status == 0, "\(torture.errors)")
    #expect(torture.output.contains(" 0 violations"))
    #expect(count(before: " kills,", in: torture.output) > 10)
    #expect(count(before: " lost,", in: torture.output) > 1000)
  }

  private func count(before word: String, in summary: String) -> Int {
    guard let end = summary.firstRange(of: word)?.lowerBound else { return 0 }
    return summary[..<end].split(separator: " ").last.flatMap { Int($0) } ?? 0
  }
}

/// Also under AddressSanitizer: `scripts/test`.
struct FlipTests {
  @Test(.timeLimit(.minutes(10))) func hostileBytesAreErrorsOrTimeouts() {
    let flips = run(Places.torture, ["flips", "200000"])
    print(flips.output)
    #expect(flips.status == 0, "\(flips.errors)")
    #expect(flips.output.contains(" 0 violations"))
  }
}

/// Stopped by SIGSTOP, which is not dead.
struct NamedStopTests {
  @Test(.timeLimit(.minutes(2))) func othersTimeOutWhileAnOwnerIsStopped() throws {
    let session = Places.unique("stop")
    let holder = Child(
      Places.moonpool,
      [
        "-e",
        """
        local m = assert(shm.mutex("m")) assert(m:lock())
        local s = assert(shm.semaphore("s", 1, 1)) assert(s:acquire())
        local e = assert(shm.event("e"))
        io.write("held") io.flush()
        console.getch()
        assert(m:unlock()) assert(s:release()) assert(e:set())
        io.write(" free") io.flush()
        console.getch()
        """,
      ], environment: ["MOONPOOL_SESSION": session], input: .open)
    #expect(holder.prints("held"))
    let own = Session(named: session)
    let mutex = try NamedMutex.open("m", in: own)
    let semaphore = try NamedSemaphore.open("s", in: own)
    let event = try NamedEvent.open("e", in: own)
    holder.kill(SIGSTOP)
    for _ in 0..<5 {
      #expect(try mutex.lock(timeout: .milliseconds(30)) == .timedOut)
      #expect(try !semaphore.acquire(timeout: .milliseconds(30)))
      #expect(try !event.wait(timeout: .milliseconds(30)))
      #expect(try Waiting.any([mutex, semaphore, event], timeout: .milliseconds(30)) == nil)
      #expect(try Waiting.all([mutex, semaphore], timeout: .milliseconds(30)) == .timedOut)
    }
    #expect(try mutex.owner == .other(process: holder.pid))
    #expect(throws: SharedMemoryError.self) { try mutex.unlock() }
    holder.kill(SIGCONT)
    holder.write("x")
    #expect(holder.prints(" free"))
    #expect(try mutex.lock(timeout: .seconds(20)) == .locked)
    #expect(try semaphore.acquire(timeout: .seconds(20)))
    #expect(try event.wait(timeout: .seconds(20)))
    try mutex.unlock()
    holder.closeInput()
    #expect(holder.wait() == 0)
  }
}

extension Places {
  static let killstep = "\(binaries)/killstep"
  static let namedVictim = "\(binaries)/named-victim"

  /// Containers may forbid ptrace, and the harness knows x86-64's instructions.
  static let canStep = run(killstep, ["changes", namedVictim, "unlock, alone"]).status == 0
}
