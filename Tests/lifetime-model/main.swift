// The lifetime protocol, explored on demand: `scripts/model [PROCESSES] [OPTION...]`.

import LifetimeModel

#if canImport(Glibc)
  import Glibc
#endif

let usage = """
  usage: lifetime-model [PROCESSES] [--roles user,guest,reader] [--every-order] [--waits]
         lifetime-model --mutants

  Explores every interleaving of up to 4 processes (default 3), with a kill after every step.
    --roles        who takes part (default: user, and with up to 3 processes all)
    --every-order  without partial order reduction
    --waits        two processes: who tries again and again while the other is stopped
    --mutants      the shortest counterexample of each wrong variant
  """

/// The command line, understood.
struct Request {
  var processes = 3
  var roles: [Role]?
  var everyOrder = false
  var waits = false
  var mutants = false

  init?(_ arguments: some Sequence<String>) {
    var arguments = arguments.makeIterator()
    while let argument = arguments.next() {
      switch argument {
      case "--every-order": everyOrder = true
      case "--mutants": mutants = true
      case "--waits": waits = true
      case "--roles":
        guard let names = arguments.next() else { return nil }
        let all = Dictionary(uniqueKeysWithValues: Role.allCases.map { ("\($0)", $0) })
        roles = names.split(separator: ",").compactMap { all[String($0)] }
        if roles!.isEmpty { return nil }
      default:
        guard let number = Int(argument), (1...State.capacity).contains(number) else { return nil }
        processes = number
      }
    }
  }

  func run() -> Int32 {
    if mutants { return showMutants() }
    return waits ? showWaits() : explore()
  }

  private func explore() -> Int32 {
    let roles = roles ?? (processes < 4 ? Role.allCases : [.user])
    var explorer = Explorer(
      participants: processes, operations: Move.operations(of: roles), isReduced: !everyOrder)
    let time = ContinuousClock().measure { explorer.explore() }
    print("processes    \(processes) (\(roles.map { "\($0)" }.joined(separator: ", ")))")
    print("states       \(explorer.stateCount)")
    print("transitions  \(explorer.transitions)")
    print("violations   \(explorer.counterexample == nil ? 0 : 1)")
    print("time         \(time)")
    if let counterexample = explorer.counterexample { print(counterexample) }
    return explorer.counterexample == nil ? 0 : 1
  }

  private func showWaits() -> Int32 {
    var explorer = Explorer(
      participants: 2, operations: Move.operations(of: roles ?? Role.allCases))
    explorer.explore()
    for line in explorer.stalls().map(\.description).sorted() { print(line) }
    return 0
  }

  private func showMutants() -> Int32 {
    var survivors = 0
    for mutant in Mutant.all {
      let counterexample = mutant.counterexample()
      print("\(mutant.name): \(counterexample?.description ?? "SURVIVES, \(mutant.breaks)")\n")
      if counterexample == nil { survivors += 1 }
    }
    print("mutants    \(Mutant.all.count)\nsurvivors  \(survivors)")
    return survivors == 0 ? 0 : 1
  }
}

guard let request = Request(CommandLine.arguments.dropFirst()) else {
  print(usage)
  exit(64)
}
exit(request.run())
