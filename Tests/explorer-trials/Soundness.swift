@testable import Explorer

/// Each way to search finds the same: the sets of final memory, ends, output, and failed properties
/// are those of the search that leaves out nothing.
enum Soundness {
  /// As many schedules as the plain search may take; of longer programs it finds a part.
  private static let most = 5_000

  static func complaint(_ name: String) throws -> String? {
    let cached = Corpus.outcomes(try Corpus.model(name), .cache)
    if !cached.result.isComplete || cached.all.isEmpty { return "the cache is not complete" }
    for strategy in [Search.Strategy.plain, .sleep, .dpor] {
      let other = Corpus.outcomes(try Corpus.model(name), strategy, most: most)
      if !isSame(other.all, cached.all, other.result) {
        return "\(strategy): \(other.all)\ncache: \(cached.all)"
      }
    }
    for strategy in [Search.Strategy.cache, .sleep, .dpor] {
      let other = Corpus.outcomes(
        try Corpus.model(name), strategy, most: strategy == .cache ? .max : most, isSymmetric: true)
      if !isSame(other.ofEquals, cached.ofEquals, other.result) {
        return "symmetric \(strategy): \(other.ofEquals)\ncache: \(cached.ofEquals)"
      }
    }
    return nil
  }

  private static func isSame(
    _ one: Set<String>, _ all: Set<String>, _ result: Search.Result
  ) -> Bool {
    result.isComplete ? one == all : one.isSubset(of: all)
  }

  /// How much each way to search does for the same answer: states and paths of the cache, schedules of
  /// sleep sets and of all, if these end within so many.
  ///
  /// Sleep sets come to the end of one schedule of each kind (Mazurkiewicz trace), which is the least
  /// that any partial-order reduction without a cache must do; on the way they begin many that are
  /// given up, which the reduction by races does not.
  static func figures(_ name: String) throws -> String {
    let most = 100_000
    let cached = Corpus.outcomes(try Corpus.model(name), .cache)
    var parts = [name, "cache \(cached.result.states) states \(cached.result.schedules) paths"]
    for strategy in [Search.Strategy.sleep, .dpor, .plain] {
      let result = Corpus.outcomes(try Corpus.model(name), strategy, most: most).result
      parts.append("\(strategy) \(result.isComplete ? "" : "> ")\(result.schedules) schedules")
    }
    for strategy in [Search.Strategy.cache, .dpor] {
      let result = Corpus.outcomes(
        try Corpus.model(name), strategy, most: most, isSymmetric: true
      ).result
      parts.append(
        "symmetric \(strategy) \(result.isComplete ? "" : "> ")\(result.schedules) schedules")
    }
    return parts.joined(separator: ", ")
  }

  static func isFoundSoon(_ name: String) throws -> String? {
    let exploration = Exploration(try Corpus.model(name), file: name, .init())
    try exploration.run()
    let isFound = exploration.verdict == .failed && exploration.smallest != nil
    if isFound && exploration.foundBySchedule <= 200 && exploration.story() != nil { return nil }
    return "\(exploration.verdict) by schedule \(exploration.foundBySchedule)"
  }

  /// What is said of an actor that does this; nothing: it is explored.
  static func refusal(_ body: String) throws -> String? {
    let text = """
      local memory = assert(shm.create("refusals", 64))
      scenario "refusals"
      actor("one", function()
        \(body)
      end)
      """
    do throws(Model.Refusal) {
      let exploration = Exploration(
        try Corpus.refusable(text), file: "test.lua", .init())
      try exploration.run()
      return nil
    } catch {
      if case .misuse(let text) = error { return text }
      return "\(error)"
    }
  }
}
