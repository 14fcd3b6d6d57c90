import TestSupport
import Testing

/// What several processes did with one queue at once, and when the end of a stream is told.
struct QueueHistoryTests {
  @Test(.timeLimit(.minutes(5))) func everyHistoryHasAnOrder() {
    let histories = run(Places.torture, ["histories", "400"])
    print(histories.output)
    #expect(histories.status == 0, "\(histories.errors)")
    #expect(histories.output.contains(" 400 histories,"))
    #expect(histories.output.contains(" 50 kills, 0 violations"))
    // Otherwise they were no histories of several.
    #expect(!histories.output.contains(" 0 pairs at once"))
  }

  /// How long it took is `scripts/torture ends`' business: others use this machine, too.
  @Test(.timeLimit(.minutes(5))) func theEndIsToldAfterEveryKill() {
    let ends = run(Places.torture, ["ends", "5"])
    print(ends.output)
    #expect(ends.output.contains("of a queue: "), "\(ends.errors)")
    #expect(ends.output.contains(" 5 ends,"))
    #expect(ends.output.contains("of a topic: "))
    #expect(ends.output.contains(" 1 ends,"))
  }

  @Test(.timeLimit(.minutes(5))) func randomBytesAreValuesOrErrors() {
    let values = run(Places.torture, ["values", "20000"])
    print(values.output)
    #expect(values.status == 0, "\(values.output)\(values.errors)")
    #expect(values.output.contains(" 20000 messages, ") && !values.output.contains(" 0 errors"))
  }
}
