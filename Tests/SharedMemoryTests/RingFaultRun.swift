import Glibc
import SharedMemory
import TestSupport
import Testing

/// What has a ring, and whose users' system calls fail.
protocol FaultyRing: Waitable {
  static func make(_ name: String, in session: Session) throws(SharedMemoryError) -> Self
  /// Another owner's handle.
  static func use(_ name: String, in session: Session) throws(SharedMemoryError) -> Self
  /// One more message, by the holder or somebody else.
  static func fill(_ name: String, _ holder: Self, in session: Session) throws(SharedMemoryError)
  /// Messages that are there, or have been.
  var amount: Int { get throws(SharedMemoryError) }
}

/// Something that one handle does, and what its object counts before and after it.
struct RingDeed<Object: FaultyRing>: Sendable {
  let name: String
  /// What errors name.
  let operation: String
  /// Messages that others have put there before.
  let before: Int
  /// What it counts afterwards, if it was done.
  let after: Int
  /// What it says.
  let result: String
  /// What it may say if a call failed, as if nothing had been to be done.
  var otherwise: String?
  let run: @Sendable (Object) throws(SharedMemoryError) -> String
}

/// A deed with one failing call, and all that must hold afterwards.
struct RingFaultRun<Object: FaultyRing> {
  let deed: RingDeed<Object>
  let root: String
  let faults: Faults

  /// Each call of each deed fails once, so many at least.
  static func expect(_ deeds: [RingDeed<Object>], moreThan least: Int) {
    let runs = deeds.reduce(0) { $0 + all($1) }
    #expect(runs > least, "\(runs) runs")
  }

  /// - Returns: how many calls failed.
  static func all(_ deed: RingDeed<Object>) -> Int {
    let root = "/dev/shm/\(Places.unique("faults"))"
    mkdir(root, 0o700)
    defer { #expect(rmdir(root) == 0, "left: \(Traces.names(root))") }
    let calm = Self(deed: deed, root: root, faults: .none())
    guard calm.attempt() else { return 0 }
    var runs = 0
    for (index, call) in calm.faults.calls.enumerated() {
      for error in FaultExpectation.codes.keys where FaultExpectation.exists(error, call) {
        let faults = Faults(index + 1, Errno(error))
        // One report is enough.
        guard Self(deed: deed, root: root, faults: faults).attempt() else { return runs }
        runs += 1
      }
    }
    return runs
  }

  private func session(_ faults: Faults?) -> Session {
    Session(
      session: Array("s".utf8), strictGlobal: false, root: root, system: System(observer: faults))
  }

  /// - Returns: whether all was as it must be.
  private func attempt() -> Bool {
    let before = Traces.now()
    var isRight: Bool
    do {
      isRight = try tryOnce()
    } catch {
      isRight = holds(false, "what does not fail works: \(error)")
    }
    isRight = holds(Traces.now() == before, "\(before) became \(Traces.now())") && isRight
    return holds(Traces.names(root) == [], "left: \(Traces.names(root))") && isRight
  }

  /// The holder makes the object and fills it; the user's calls fail.
  private func tryOnce() throws -> Bool {
    let holder = try Object.make("x", in: session(nil))
    for _ in 0..<deed.before { try Object.fill("x", holder, in: session(nil)) }
    let user = try Object.use("x", in: session(faults))
    faults.arm()
    let first = outcome(user)
    faults.disarm()
    let isDone = self.isDone(first)
    let isUndone = deed.otherwise != nil && (try? first.get()) == deed.otherwise
    var isRight = holds(isDone || isUndone || isExpected(first), "it said \(first)")
    // Who failed has done nothing, or all: never a part.
    let there = try holder.amount
    isRight =
      holds(there == (isDone ? deed.after : deed.before), "\(there) messages are there") && isRight
    if isDone { return isRight }
    let second = outcome(user)
    return holds(self.isDone(second), "the second time it said \(second)") && isRight
  }

  private func outcome(_ user: Object) -> Result<String, SharedMemoryError> {
    Result { () throws(SharedMemoryError) in try deed.run(user) }
  }

  private func isDone(_ outcome: Result<String, SharedMemoryError>) -> Bool {
    (try? outcome.get()) == deed.result
  }

  private func isExpected(_ outcome: Result<String, SharedMemoryError>) -> Bool {
    guard case .failure(let error) = outcome, let hit = faults.hit else { return false }
    // The user's place is one more descriptor of the file: no folder is on its way.
    let code = hit.errno.number == ENOENT ? .fileNotFound : FaultExpectation.codes[hit.errno.number]
    return error.operation == deed.operation && error.object == "x" && error.errno == hit.errno
      && error.code == code
  }

  private func holds(_ condition: Bool, _ what: @autoclosure () -> String) -> Bool {
    if condition { return true }
    let failed = faults.hit?.description ?? "nothing failed"
    Issue.record("\(deed.name); \(failed): \(what())")
    return false
  }
}
