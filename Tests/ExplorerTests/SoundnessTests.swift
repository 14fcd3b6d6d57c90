import Testing

@testable import Explorer

/// Each way to search finds the same: the sets of final memory, ends, output, and failed properties
/// are those of the search that leaves out nothing.
@Suite(.serialized) struct SoundnessTests {
  /// As many schedules as the plain search may take; of longer programs the others are compared.
  static let most = 5_000

  @Test(arguments: Corpus.all) func allSearchesFindTheSame(_ name: String) throws {
    let cached = Corpus.outcomes(try Corpus.model(name), .cache)
    #expect(cached.result.isComplete)
    #expect(!cached.outcomes.isEmpty)
    let plain = Corpus.outcomes(try Corpus.model(name), .plain, most: Self.most)
    let sleeping = Corpus.outcomes(try Corpus.model(name), .sleep, most: Self.most)
    if plain.result.isComplete {
      #expect(cached.outcomes == plain.outcomes)
      #expect(sleeping.outcomes == plain.outcomes)
      #expect(sleeping.result.schedules <= plain.result.schedules)
    } else {
      #expect(plain.outcomes.isSubset(of: cached.outcomes))
    }
    if sleeping.result.isComplete {
      #expect(sleeping.outcomes == cached.outcomes)
    } else {
      #expect(sleeping.outcomes.isSubset(of: cached.outcomes))
    }
  }
}
