import Testing
import WineTrials

/// `wine-fuzz COUNT` makes more of them.
@Test("100,000 answers at random give results or errors, never a trap")
func hostileAnswers() throws {
  var hostility = Hostility(seed: 42)
  let replies = try hostility.run(100_000)
  #expect(replies >= 100_000)
  // Some are nearly right, or it would try nothing.
  #expect(hostility.successes > 1000)
}
