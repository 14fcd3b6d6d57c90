import RingModel
import Testing

/// The steps of `COperationsRings.h` as several participants make them, in every order. The model has
/// one stage, so one scene runs at a time.
@Suite(.serialized)
struct ModelTests {
  private static let scenes: [Int32] = Array(
    sequence(first: Int32(0)) { ring_scene_at($0 + 1) == nil ? nil : $0 + 1 })

  /// The larger scenes are explored as far as this; `ring-model` explores all of them.
  private static let most: UInt64 = 40_000
  /// A mutant ends the search where it is found.
  private static let mostForMutants: UInt64 = 200_000

  @Test(arguments: scenes)
  func nothingIsLostOrTwiceWhoeverDies(_ index: Int32) throws {
    let scene = try #require(ring_scene_at(index))
    var report = ring_explore(scene, RING_RIGHT, Self.most)
    let violation = String(cString: ring_violation(&report))
    #expect(violation.isEmpty, "\(violation): \(String(cString: ring_way(&report)))")
    #expect(report.states > 500)
  }

  @Test(arguments: 1..<RING_MUTANTS.rawValue)
  func everyMutantIsFound(_ number: UInt32) throws {
    let mutant = ring_mutant(rawValue: number)
    let name = String(cString: ring_mutant_name(mutant))
    let scene = try #require(ring_scene_against(mutant), "\(name) has no scene")
    var report = ring_explore(scene, mutant, Self.mostForMutants)
    #expect(!String(cString: ring_violation(&report)).isEmpty, "\(name) was not found")
  }

  @Test func thereAreEnoughMutants() { #expect(RING_MUTANTS.rawValue > 28) }
}
