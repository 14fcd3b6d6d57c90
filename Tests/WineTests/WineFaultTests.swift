import Glibc
import SharedMemory
import Synchronization
import TestSupport
import Testing
import Wine

private let name = #"Wine\Local\telemetry"#

/// Every system call on the way to a server and back fails in turn.
///
/// In processes of their own, so that descriptors and mappings can be counted.
@Suite struct WineFaultTests {
  @Test func aFailedSystemCallIsAnErrorAndLeavesNothing() async {
    await #expect(processExitsWith: .success) {
      let trial = try WineFaultTrial()
      for scenario in WineFaultTrial.Scenario.allCases { trial.fail(scenario, seesSearch: false) }
      #expect(trial.runs > 300)
    }
  }

  /// The search for servers looks at every process of the machine.
  @Test func aFailedCallOfTheSearchForServersIsAnError() async {
    await #expect(processExitsWith: .success) {
      let trial = try WineFaultTrial()
      trial.fail(.read, seesSearch: true, [EMFILE])
      #expect(trial.runs > 30)
    }
  }

  /// The kernel cuts off a descriptor for which there is no number: the pipe of the greeting, and
  /// the section's file.
  @Test(arguments: [1, 2]) func aDescriptorWithoutRoomIsError4(number: Int) async {
    await #expect(processExitsWith: .success) { [number = number as Int] in
      let double = try Double()
      let before = WineFaultTrial.traces()
      let system = System(observer: Shortage(number))
      let refusal = #expect(throws: SharedMemoryError.self) {
        try WinePrefixes(prefix: Array(double.prefix.utf8), system).open(name, access: .read)
      }
      #expect(refusal?.code == .tooManyOpenFiles, "\(String(describing: refusal))")
      #expect(poll(within: 2) { WineFaultTrial.traces() == before })
      #expect(throws: Never.self) { _ = try double.prefixes.open(name, access: .read) }
    }
  }
}

/// No descriptor is free during recvmsg, from its Nth call on.
private final class Shortage: SystemObserver {
  let seesSweeps = false
  private let number: Int
  private let state = Mutex((calls: 0, limit: rlimit()))

  init(_ number: Int) { self.number = number }

  func step(_ step: LifetimeStep?) {}

  func before(_ call: SystemCall) -> Errno? {
    if call.name == "recvmsg" {
      state.withLock { state in
        state.calls += 1
        getrlimit(Self.resource, &state.limit)
        var none = rlimit(rlim_cur: 0, rlim_max: state.limit.rlim_max)
        if state.calls >= number { setrlimit(Self.resource, &none) }
      }
    }
    return nil
  }

  func after(_ call: SystemCall, _ result: Result<Int, Errno>) {
    if call.name == "recvmsg" { state.withLock { _ = setrlimit(Self.resource, &$0.limit) } }
  }

  private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
}

private final class WineFaultTrial {
  enum Scenario: CaseIterable {
    case open, read, create, offer, list, find

    func run(_ prefixes: WinePrefixes) throws(SharedMemoryError) {
      switch self {
      case .open: try prefixes.open(name).map().write("x")
      case .read:
        let section = try prefixes.open(name, access: .read)
        _ = try section.map().text()
        try section.check()
      case .create: try prefixes.create(#"Wine\Global\new"#, size: 300).map().write("x")
      case .offer:
        let ours = try MemoryObject.create(nil, size: 300)
        try prefixes.offer(ours, as: #"Wine\Local\ours"#).map().write("x")
      case .list:
        let (entries, refusals) = prefixes.list()
        if let refusal = refusals.first { throw refusal }
        #expect(entries.count == 1)
      case .find: _ = try prefixes.find(Array(name.utf8))
      }
    }
  }

  private let double: Double
  private(set) var runs = 0

  init() throws { double = try Double() }

  /// - Parameter seesSearch: the calls of the search for servers fail, too.
  func fail(
    _ scenario: Scenario, seesSearch: Bool,
    _ errors: [Int32] = [EMFILE, EIO, EAGAIN]
  ) {
    // Twice: the first to meet a program reads its table.
    for _ in 0..<2 { _ = attempt(scenario, .none(seesSweeps: seesSearch)) }
    let calm = Faults.none(seesSweeps: seesSearch)
    #expect(attempt(scenario, calm) == nil)
    let count = calm.calls.count
    // The search does the same with each of hundreds of processes, the double among the last.
    let numbers = seesSearch ? Array(stride(from: 1, to: count - 60, by: 29)) : []
    for number in numbers + (seesSearch ? count - 60...count : 1...count) {
      for error in errors {
        let faults = Faults(number, Errno(error), seesSweeps: seesSearch)
        guard check(scenario, faults) else { return }
        runs += 1
      }
    }
    #expect(attempt(scenario, .none()) == nil)
  }

  private func check(_ scenario: Scenario, _ faults: Faults) -> Bool {
    let before = Self.traces()
    let refusal = attempt(scenario, faults)
    let hit = faults.hit.map { "\($0)" } ?? "nothing"
    let said = refusal?.description ?? "no error"
    // The server has seen the end of the conversation when ours is gone.
    guard poll(within: 2, { Self.traces() == before }) else {
      Issue.record("\(hit): \(said): left \(Self.traces()), not \(before)")
      return false
    }
    if !isExpected(refusal, faults.hit) { Issue.record("\(hit): \(said)") }
    return isExpected(refusal, faults.hit)
  }

  /// What this process lacks is said as it is; other failures may also be somebody's end.
  private func isExpected(_ refusal: SharedMemoryError?, _ hit: Faults.Hit?) -> Bool {
    guard let hit else { return refusal == nil }
    if hit.call.name == "close" { return refusal == nil }
    switch hit.errno.number {
    case EMFILE: return refusal?.code == .tooManyOpenFiles && refusal?.errno == hit.errno
    case EAGAIN where refusal == nil: return true
    default: return refusal != nil && refusal?.advice != ""
    }
  }

  private func attempt(_ scenario: Scenario, _ faults: Faults) -> SharedMemoryError? {
    let system = System(observer: faults)
    faults.arm()
    defer { faults.disarm() }
    do throws(SharedMemoryError) {
      try scenario.run(WinePrefixes(prefix: Array(double.prefix.utf8), system))
      return nil
    } catch { return error }
  }

  /// Open descriptors, and mappings of sections and of our objects.
  static func traces() -> [Int] {
    let maps = Traces.text("/proc/self/maps")
    return [
      Traces.names("/proc/self/fd").count,
      maps.split(separator: "\n").count {
        $0.contains("/memfd:section") || $0.contains("/dev/shm/")
      },
    ]
  }
}
