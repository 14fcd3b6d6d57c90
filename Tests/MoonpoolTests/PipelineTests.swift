import Glibc
import TestSupport
import Testing

#if arch(x86_64)
  private let clockNanosleep = 230
#else
  private let clockNanosleep = 115
#endif

/// The bundled script `pipeline`: three stages over two queues, any of which may be killed.
@Suite(.timeLimit(.minutes(5))) struct PipelineTests {
  private let session = Places.unique("pipeline")
  private let lines = "two words\n\none\n"
  private let sums = "1: 2\n2: 0\n3: 1\n3 words in 3 lines\n"

  private func start(_ words: String...) -> Child {
    Child(
      Places.moonpool, ["run", "pipeline"] + words, environment: ["MOONPOOL_SESSION": session],
      input: .open)
  }

  /// A stage that reads them, and is at their end.
  private func reader() -> Child {
    let reader = start("read")
    reader.write(lines)
    reader.closeInput()
    return reader
  }

  private func stat(_ queue: String) -> String {
    moonpool("stat", queue, session: session).output
  }

  private func expectEnds(_ children: Child...) {
    for child in children {
      #expect(child.wait() == 0, "\(child.complained)")
      #expect(child.complained == "")
    }
  }

  @Test func eachStageEndsWhenTheOneBeforeIsOver() {
    let sum = start("sum")
    let count = start("count")
    expectEnds(reader(), count, sum)
    #expect(sum.printed == sums)
  }

  @Test func whatAKilledOneHadIsCountedByAnother() {
    let sum = start("sum")
    let reader = reader()
    let doomed = start("count", "60")
    #expect(poll { stat("lines").contains("3 messages") && !stat("lines").contains("no consumer") })
    // It has the first line as soon as it sleeps.
    #expect(poll { callAsleep(doomed.pid) == clockNanosleep })
    doomed.kill()
    #expect(doomed.wait() == 128 + SIGKILL)
    let count = start("count")
    expectEnds(reader, count, sum)
    #expect(sum.printed == sums)
  }

  @Test func aKilledReaderEndsTheStagesBehindIt() {
    let sum = start("sum")
    let reader = start("read")
    reader.write(lines)
    let count = start("count")
    #expect(sum.prints("3: 1\n"))
    reader.kill()
    #expect(reader.wait() == 128 + SIGKILL)
    expectEnds(count, sum)
    #expect(sum.printed == sums)
  }

  @Test func theLastStageGoesOnInAnotherProcess() {
    let reader = start("read")
    reader.write("one\n")
    let count = start("count")
    let doomed = start("sum")
    #expect(doomed.prints("1: 1\n"))
    #expect(poll { stat("counts").contains("0 messages") })
    doomed.kill()
    #expect(doomed.wait() == 128 + SIGKILL)
    reader.write("two words\n")
    reader.closeInput()
    #expect(poll { stat("counts").contains("1 message,") })
    let sum = start("sum")
    expectEnds(reader, count, sum)
    #expect(sum.printed == "2: 2\n2 words in 1 lines\n")
  }

  @Test(arguments: [[], ["write"], ["count", "soon"], ["count", "-1"], ["sum", "1"]])
  func whatIsNoStageIsAWrongUsage(_ words: [String]) {
    let outcome = run(
      Places.moonpool, ["run", "pipeline"] + words, environment: ["MOONPOOL_SESSION": session])
    #expect(outcome.errors.hasPrefix("usage: pipeline read <FILE\n"))
    #expect(outcome.status == 64)
  }
}
