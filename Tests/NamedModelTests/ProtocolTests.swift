import SharedMemory
import Testing

/// The table of `NamedRules` under all interleavings of a few participants, and some kills.
@Suite struct NamedProtocolTests {
  @Test(arguments: [
    (ObjectKind.mutex, 2, 2), (.mutex, 3, 0), (.semaphore, 2, 2), (.event, 2, 2),
  ])
  func theProtocolHolds(_ kind: ObjectKind, _ processes: Int, _ crashes: Int) {
    let found = Exploration(Model(kind, processes: processes, crashes: crashes))
    #expect(found.violation == nil)
    #expect(found.states > 100)
  }

  @Test(arguments: Mutant.allCases)
  func wrongVariantsAreFound(_ mutant: Mutant) {
    let (processes, crashes) = mutant.size
    let found = Exploration(
      Model(mutant.kind, processes: processes, crashes: crashes, mutant))
    #expect(found.violation != nil, "\(mutant)")
  }
}

/// The claims of slots, explored in the same way.
@Suite struct NamedClaimTests {
  @Test(arguments: [(2, 2), (3, 1), (3, 2)])
  func claimsHold(_ processes: Int, _ crashes: Int) {
    let found = Claims(processes: processes, crashes: crashes)
    #expect(found.violation == nil)
    #expect(found.states > 100)
  }

  @Test(arguments: Claims.Mutant.allCases)
  func wrongVariantsAreFound(_ mutant: Claims.Mutant) {
    #expect(Claims(processes: 3, crashes: 2, mutant).violation != nil, "\(mutant)")
  }
}

/// Who looks for all that sleep on a mutex.
@Suite struct NamedLookerTests {
  /// The larger ones as far as the first states go, which are the shortest ways.
  @Test(arguments: [(2, 1, 1), (3, 0, 0), (3, 1, 0), (3, 1, 1), (4, 0, 0), (4, 1, 0)])
  func somebodyLooks(_ processes: Int, _ crashes: Int, _ stops: Int) {
    let found = Lookers.explore(
      processes: processes, crashes: crashes, stops: stops, most: 60_000)
    #expect(found.violation == nil)
    #expect(found.states > 100)
  }

  @Test(arguments: Lookers.Mutant.allCases)
  func wrongVariantsAreFound(_ mutant: Lookers.Mutant) {
    // Some need a death, and the way to the others is shorter without.
    let isFound = [(1, 1, 30_000), (1, 0, 60_000), (0, 0, 60_000)].contains {
      crashes, stops, most in
      Lookers.explore(processes: 4, crashes: crashes, stops: stops, most: most, mutant).violation
        != nil
    }
    #expect(isFound, "\(mutant)")
  }

  /// Twenty milliseconds and then twice as long each time, up to a second.
  @Test func sleepsBecomeLonger() {
    var watch = NamedWatch()
    let rules = NamedRules(kind: .event)
    let word = NamedState(rawValue: NamedState.sleepers)
    var now: Int64 = 5
    var slices: [Int64] = []
    for _ in 0..<8 {
      watch.begin(word, rules, at: now)
      slices.append((watch.due - now) / 1_000_000)
      now = watch.due
      watch.goOn(rules, at: now)
    }
    // The long ones end at common moments, the first a little early.
    #expect(slices == [20, 40, 80, 160, 320, 640, 989, 1000])
    // What changes makes them begin anew; but a look is never put off.
    watch.begin(NamedState(rawValue: 2 | NamedState.sleepers), rules, at: now + 300_000_000)
    #expect(watch.due == now + 320_000_000)
    watch.restart(rules, at: now + 310_000_000)
    #expect(watch.due == now + 320_000_000)
  }

  @Test func theLookerLooksAndTheOthersRest() {
    let rules = NamedRules(kind: .mutex)
    var watch = NamedWatch()
    watch.begin(NamedState(rawValue: 1), rules, at: 0)
    #expect(watch.due == 25_000_000)
    watch.goOn(looking: true, at: 25_000_000)
    #expect(watch.due == 50_000_000 && watch.isLooker)
    watch.goOn(looking: false, at: 50_000_000)
    #expect(watch.due == 1_000_000_000 && !watch.isLooker)
    // For long only on a state that says so, and the looker says so.
    let (silent, looked) = (NamedState(rawValue: 1), NamedState(rawValue: 1 | NamedState.looked))
    watch.begin(looked, rules, at: 60_000_000)
    #expect(watch.due == 1_000_000_000 && watch.saying(silent) == silent)
    watch.begin(silent, rules, at: 86_000_000)
    #expect(watch.due == 111_000_000)
    watch.goOn(looking: true, at: 111_000_000)
    #expect(watch.saying(silent) == looked)
  }

  @Test func theTimeOfALookMayWrapAndMayBeForged() {
    let mark = NamedMark(slot: 3, epoch: 1)
    #expect(!NamedLooker(mark, at: .max).isOld(at: 99))
    #expect(NamedLooker(mark, at: .max).isOld(at: 100))
    #expect(!NamedLooker(mark, at: 7).isOld(at: 107))
    #expect(NamedLooker(mark, at: 8).isOld(at: 7), "it lies in the future")
    #expect(NamedLooker(mark, at: 7).isFresh(at: 47) && !NamedLooker(mark, at: 7).isFresh(at: 48))
  }
}

/// Waits for any of several.
@Suite struct NamedAnyTests {
  @Test(arguments: [1, 2]) func theFirstThatCanBeHadIsTaken(_ owners: Int) {
    let found = AnyOf.explore(owners: owners)
    #expect(found.violation == nil)
    #expect(found.states > 20)
  }

  @Test(arguments: AnyOf.Mutant.allCases)
  func wrongVariantsAreFound(_ mutant: AnyOf.Mutant) {
    #expect(AnyOf.explore(owners: 1, mutant).violation != nil, "\(mutant)")
  }
}
