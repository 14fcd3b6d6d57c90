import SharedMemory
import Testing

/// The table of `NamedRules` under all interleavings and up to two kills.
@Suite struct ProtocolTests {
  @Test(arguments: [ObjectKind.mutex, .semaphore, .event])
  func theProtocolHolds(_ kind: ObjectKind) {
    for processes in 2...3 {
      let found = Exploration(Model(kind, processes: processes, permits: 2))
      #expect(found.violation == nil)
      #expect(found.states > 100)
      print("\(kind.name), \(processes) processes: \(found.states) states")
    }
  }

  @Test(arguments: Mutant.allCases)
  func wrongVariantsAreFound(_ mutant: Mutant) {
    let found = Exploration(Model(mutant.kind, processes: 3, permits: 2, mutant))
    #expect(found.violation != nil, "\(mutant)")
    print("\(mutant): \(found.violation?.joined(separator: ", ") ?? "not found")")
  }
}
