import TestSupport
import Testing

/// Eight processes at a barrier want one name, 400 rounds: in every other one they create or open
/// and stay, in the others they create exclusively or open, and close at once.
struct RaceTests {
  @Test(.timeLimit(.minutes(2))) func ofEightCreatorsOneIsFirstAndAllSeeItsMemory() {
    let race = run(Places.torture, ["race", "400"])
    print(race.output)
    #expect(race.status == 0, "\(race.errors)")
    // 200 rounds: one is new, seven existed. Sizes and marks are compared in every round.
    #expect(race.output.contains(" 1400 existed,"))
    #expect(race.output.contains(" 0 violations"))
    // 100 rounds in which the first holds until seven were refused, and 100 without order.
    let (created, refused) = (count(of: "created", race), count(of: "refused", race))
    let (opened, missed) = (count(of: "opened", race), count(of: "found", race))
    #expect(created + refused + opened + missed == 200 + 200 * 8)
    #expect(created >= 400)
    #expect(refused >= 700)
  }

  private func count(of event: String, _ race: Outcome) -> Int {
    let words = race.output.split { " ,".contains($0) }
    return words.firstIndex { $0 == event }.map { at in
      words[..<at].last { Int($0) != nil }.flatMap { Int($0) } ?? 0
    } ?? 0
  }
}
