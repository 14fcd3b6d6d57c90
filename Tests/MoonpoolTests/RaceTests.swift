import TestSupport
import Testing

/// Eight processes at a barrier want one name, 400 rounds: in every other one they create or open,
/// in the others they create exclusively.
struct RaceTests {
  @Test(.timeLimit(.minutes(2))) func ofEightCreatorsOneIsFirstAndAllSeeItsMemory() {
    let race = run(Places.torture, ["race", "400"])
    print(race.output)
    #expect(race.status == 0, "\(race.errors)")
    // 200 rounds: one is new, seven existed. Sizes and marks are compared in every round.
    #expect(race.output.contains(" 1400 existed,"))
    #expect(race.output.contains(" 0 violations"))
    // 100 rounds in which the first holds until the others were refused, and 100 with no order.
    let words = race.output.split(separator: " ")
    let created = words.firstIndex(of: "created,").flatMap { Int(words[$0 - 1]) } ?? 0
    let refused = words.firstIndex(of: "refused,").flatMap { Int(words[$0 - 1]) } ?? 0
    #expect(created + refused == 200 + 200 * 8)
    #expect(created >= 400)
    #expect(refused >= 700)
  }
}
