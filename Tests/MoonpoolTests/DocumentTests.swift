import TestSupport
import Testing

@Test func aChunkRuns() {
  let outcome = moonpool("-e", "print(1 + 1)", session: Places.unique())
  #expect(outcome.output == "2\n")
  #expect(outcome.status == 0)
}
