import TestSupport
import Testing

struct TortureTests {
  @Test(.timeLimit(.minutes(5))) func twoThousandRandomKillsHarmNobody() {
    let torture = run(Places.torture, ["2000"])
    print(torture.output)
    #expect(torture.status == 0, "\(torture.errors)")
    #expect(torture.output.contains(" 2000 kills,"))
    #expect(torture.output.contains(" 0 violations"))
    // Names were born, died and were missed often enough for the checks to mean something.
    for event in ["created", "opened", "notFound", "exists", "closed", "quiet"] {
      #expect(count(of: event, in: torture.output) >= 500, "\(event): \(torture.output)")
    }
  }

  @Test func tortureRefusesWhatIsNoNumber() {
    #expect(run(Places.torture, ["many"]).status == 64)
    #expect(run(Places.torture, []).status == 64)
  }

  private func count(of event: String, in summary: String) -> Int {
    let words = summary.split { " ,()".contains($0) }
    return zip(words, words.dropFirst()).first { $1 == event }.flatMap { Int($0.0) } ?? 0
  }
}

extension Places {
  static let torture = "\(binaries)/torture"
}
