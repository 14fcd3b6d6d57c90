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
