import Glibc
import SharedMemory
import TestSupport
import Testing

/// Every system call of every operation fails in turn, with every error that it may have.
///
/// In a process of its own, so that descriptors, mappings and locks can be counted exactly; with
/// a root directory of its own, so that `Global\` and POSIX names are nobody else's.
@Suite struct SystemCallFaultTests {
  @Test func aFailedSystemCallIsReportedAndLeavesNothing() async {
    await #expect(processExitsWith: .success) { FaultRun.all(seesSweeps: false) }
  }

  @Test func aFailedSystemCallOfASweepIsHarmless() async {
    await #expect(processExitsWith: .success) { FaultRun.all(seesSweeps: true, [EIO, EACCES]) }
  }

  @Test func aFileSystemThatStaysFullIsError1455() async {
    await #expect(processExitsWith: .success) {
      FaultRun.all(seesSweeps: false, persists: true, [ENOSPC])
    }
  }
}

/// One scenario with one failing call, and all that must hold afterwards.
private struct FaultRun {
  let scenario: FaultScenario
  let root: String
  let faults: Faults

  static func all(
    seesSweeps: Bool, persists: Bool = false, _ errors: [Int32] = Array(FaultExpectation.codes.keys)
  ) {
    let root = "/dev/shm/\(Places.unique("faults"))"
    mkdir(root, 0o700)
    defer {
      rmdir("\(root)/moonpool-global")
      #expect(rmdir(root) == 0, "left: \(Traces.names(root))")
    }
    var runs = 0
    for scenario in FaultScenario.all {
      let calm = FaultRun(scenario: scenario, root: root, faults: .none(seesSweeps: seesSweeps))
      guard calm.attempt() else { return }
      for (index, call) in calm.faults.calls.enumerated() {
        for error in errors where FaultExpectation.exists(error, call) {
          let faults = Faults(
            index + 1, Errno(error), persists: persists, seesSweeps: seesSweeps)
          // One report is enough: what is left over would give a thousand.
          guard FaultRun(scenario: scenario, root: root, faults: faults).attempt() else { return }
          runs += 1
        }
      }
    }
    #expect(runs > 100 * errors.count, "\(runs) runs")
  }

  /// A session as another process has it: nothing fails, and nothing is remembered.
  private func session(_ faults: Faults? = nil) -> Session {
    Session(
      session: Array("s".utf8), strictGlobal: false, root: root, system: System(observer: faults))
  }

  /// - Returns: whether all was as it must be.
  private func attempt() -> Bool {
    let before = scenario.isRaw && scenario.operation == "open" ? [] : files()
    guard holds(before.isEmpty, "the root is empty before: \(before)") else { return false }
    var isRight: Bool
    switch scenario.world {
    case .empty:
      isRight = check()
    case .dead:
      bury(scenario.object!)
      isRight = check()
    case .held:
      isRight = checkHeld(scenario.object!)
    }
    if scenario.isRaw { try? MemoryObject.unlink(scenario.object!, in: session()) }
    isRight = holds(files() == [], "nothing is left: \(files())") && isRight
    return isRight
  }

  /// The same while another handle is held, which works on.
  private func checkHeld(_ object: String) -> Bool {
    do {
      let keeper = try MemoryObject.create(object, size: 4096, in: session())
      try keeper.map().write(FaultScenario.content)
      let isRight = check()
      let text = try MemoryObject.open(object, in: session()).map().text()
      keeper.close()
      return holds(text == FaultScenario.content, "the held object has its bytes") && isRight
    } catch {
      return holds(false, "the held object works: \(error)")
    }
  }

  /// What the operation did, what it left, and that it works when nothing fails.
  private func check() -> Bool {
    let before = Traces.now()
    let refusal = outcome(faults)
    let after = Traces.now()
    let said = refusal?.description ?? "no error"
    var isRight = holds(after == before, "\(before) became \(after)")
    isRight = holds(hasLocks(), "locks: \(locks())") && isRight
    isRight = holds(isExpected(refusal), "said: \(said)") && isRight
    isRight = checkFiles(refusal) && isRight
    if scenario.isRaw, scenario.world == .empty {
      try? MemoryObject.unlink(scenario.object!, in: session())
    }
    let again = outcome(nil)
    isRight =
      holds(again?.code == scenario.refusal, "again: \(again?.description ?? "")") && isRight
    return holds(Traces.now() == before, "again \(before) became \(Traces.now())") && isRight
  }

  private func outcome(_ faults: Faults?) -> SharedMemoryError? {
    do throws(SharedMemoryError) {
      try scenario.run(session(faults), faults ?? .none())
      return nil
    } catch {
      return error
    }
  }

  private func isExpected(_ refusal: SharedMemoryError?) -> Bool {
    if let refusal, refusal.operation != scenario.operation { return false }
    if let refusal, scenario.operation != "list", refusal.object != scenario.object ?? "" {
      return false
    }
    guard let hit = faults.hit else { return refusal?.code == scenario.refusal }
    // Which calls are the sweep's own is not seen here; that it spoils nothing is.
    if faults.seesSweeps { return true }
    return FaultExpectation(hit, scenario, persists: faults.persists).allows(refusal)
  }

  /// A name may stay behind only where the close itself failed; nobody can open it then, and the
  /// next operation removes it.
  private func checkFiles(_ refusal: SharedMemoryError?) -> Bool {
    if scenario.world == .held { return true }
    if scenario.world == .dead || FaultExpectation.mayLeaveFile(faults.hit, scenario) {
      if let object = scenario.object, !scenario.isRaw {
        _ = try? MemoryObject.open(object, in: session())
      }
    }
    let expected = isPosixSuccess(refusal) ? ["x"] : []
    return holds(files() == expected, "left: \(files())")
  }

  /// POSIX names stay until they are unlinked.
  private func isPosixSuccess(_ refusal: SharedMemoryError?) -> Bool {
    guard scenario.isRaw else { return false }
    switch scenario.operation {
    case "create": return refusal == nil
    case "map": return true
    case "unlink": return refusal != nil
    default: return false
    }
  }

  /// Everything under the root but the machine's directory, which stays.
  private func files() -> [String] {
    Traces.names(root).flatMap { name in
      name == "moonpool-global" ? Traces.names("\(root)/\(name)") : [name]
    }
  }

  private func path(_ object: String) -> String {
    String(decoding: (try? session().path(of: Array(object.utf8))) ?? [], as: UTF8.self)
  }

  /// The keeper's claim alone. `/proc/locks` may show a line twice while others lock and unlock.
  private func hasLocks() -> Bool {
    let expected = scenario.world == .held && !scenario.isRaw ? 1 : 0
    return poll(within: 1) { locks().count == expected }
  }

  private func locks() -> [String] { scenario.object.map { Traces.locks(on: path($0)) } ?? [] }

  /// A file that nobody holds, as a killed process leaves it.
  private func bury(_ object: String) {
    let path = path(object)
    let directory = path.split(separator: "/").dropLast().joined(separator: "/")
    mkdir("/\(directory)", 0o700)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    _ = write(descriptor, "dead", 4)
    close(descriptor)
  }

  /// A comment's text is all that an exit test hands to its parent.
  private func holds(_ condition: Bool, _ what: @autoclosure () -> String) -> Bool {
    if condition { return true }
    let failed = faults.hit?.description ?? "nothing failed"
    Issue.record("\(scenario.operation) \(scenario.name); \(failed): \(what())")
    return false
  }
}
