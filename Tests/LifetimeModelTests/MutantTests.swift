import LifetimeModel
import Testing

@Suite("Wrong protocols")
struct MutantTests {
  @Test("every mutant is rejected", arguments: Mutant.all)
  func isRejected(_ mutant: Mutant) throws {
    let counterexample = try #require(mutant.counterexample(), "\(mutant) survives")
    #expect(!counterexample.broken.isDisjoint(with: mutant.breaks))
    #expect(!counterexample.lines.isEmpty)
  }

  @Test("every promise has a mutant that breaks it")
  func promisesAreTested() {
    #expect(Property(Mutant.all.map(\.breaks)) == .all)
  }

  @Test("a counterexample is told step by step, and is a shortest one")
  func isTold() throws {
    let mutant = try #require(Mutant.all.first { $0.name == "one byte is enough" })
    #expect(
      mutant.counterexample()?.description == """
        broken: the dead stay dead
          1  A  c1  (begins to create)
          2  A  c2
          3  A  c3
          4  A  c4
          5  A  c5 yes  -> created
          6  B  o1 yes  (begins to open)
          7  B  o6 no
          8  A  x1  (begins to close)
          9  B  o4  -> opened
        """)
  }
}
