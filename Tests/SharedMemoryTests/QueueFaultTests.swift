import Glibc
import SharedMemory
import TestSupport
import Testing

/// Every system call of what is done with a queue fails in turn, with every error that it may have:
/// the claim of a slot, the locks of roles, the questions who lives.
///
/// In a process of its own, so that descriptors and mappings can be counted exactly.
@Suite struct QueueFaultTests {
  @Test func aFailedSystemCallIsAnErrorOrNothing() async {
    await #expect(processExitsWith: .success) {
      var runs = 0
      for deed in QueueDeed.all { runs += QueueFaultRun.all(deed) }
      #expect(runs > 100, "\(runs) runs")
    }
  }
}

/// Something that one handle does, and what is in the queue before and after it.
private struct QueueDeed: Sendable {
  let name: String
  /// What errors name.
  let operation: String
  /// Messages that another handle has pushed before.
  let before: Int
  /// Messages that are there afterwards, if it was done.
  let after: Int
  /// What it says.
  let result: String
  let run: @Sendable (NamedQueue) throws(SharedMemoryError) -> String

  static let message = NamedQueue.Message([UInt8](repeating: 7, count: 1000))

  static let all = [
    QueueDeed(name: "a first push", operation: "push", before: 0, after: 1, result: "true") {
      queue throws(SharedMemoryError) in
      "\(try queue.push(message, timeout: .milliseconds(1)))"
    },
    QueueDeed(name: "a batch", operation: "push", before: 1, after: 3, result: "2") {
      queue throws(SharedMemoryError) in
      "\(try queue.pushAll([message, message], timeout: .zero))"
    },
    QueueDeed(name: "a push, full", operation: "push", before: 4, after: 4, result: "false") {
      queue throws(SharedMemoryError) in
      "\(try queue.push(message, timeout: .milliseconds(1)))"
    },
    QueueDeed(name: "a first pop", operation: "pop", before: 2, after: 1, result: "true") {
      queue throws(SharedMemoryError) in
      "\(try queue.pop(timeout: .milliseconds(1)) == message)"
    },
    QueueDeed(name: "a pop, empty", operation: "pop", before: 0, after: 0, result: "false") {
      queue throws(SharedMemoryError) in
      "\(try queue.pop(timeout: .milliseconds(1)) == message)"
    },
    QueueDeed(name: "a job", operation: "take", before: 1, after: 0, result: "true") {
      queue throws(SharedMemoryError) in
      guard let job = try queue.take(timeout: .milliseconds(1)) else { return "false" }
      try job.done()
      return "true"
    },
    QueueDeed(name: "a job that goes back", operation: "take", before: 1, after: 1, result: "true")
    {
      queue throws(SharedMemoryError) in
      "\(try queue.take(timeout: .milliseconds(1))?.message == message)"
    },
    QueueDeed(name: "a peek", operation: "peek", before: 1, after: 1, result: "true") {
      queue throws(SharedMemoryError) in "\(try queue.peek() == message)"
    },
    QueueDeed(name: "a peek, empty", operation: "peek", before: 0, after: 0, result: "false") {
      queue throws(SharedMemoryError) in "\(try queue.peek() == message)"
    },
    QueueDeed(name: "a clear", operation: "clear", before: 3, after: 0, result: "3") {
      queue throws(SharedMemoryError) in "\(try queue.clear())"
    },
    QueueDeed(name: "a wait", operation: "wait", before: 1, after: 1, result: "true") {
      queue throws(SharedMemoryError) in
      "\(try Waiting.any([queue], timeout: .milliseconds(1))?.index == 0)"
    },
    QueueDeed(name: "a wait in vain", operation: "wait", before: 0, after: 0, result: "false") {
      queue throws(SharedMemoryError) in
      "\(try Waiting.any([queue], timeout: .milliseconds(1))?.index == 0)"
    },
    QueueDeed(
      name: "a wait until all is taken", operation: "drain", before: 1, after: 1,
      result: "false"
    ) {
      queue throws(SharedMemoryError) in "\(try queue.drain(timeout: .milliseconds(1)))"
    },
  ]
}

/// A deed with one failing call, and all that must hold afterwards.
private struct QueueFaultRun {
  let deed: QueueDeed
  let root: String
  let faults: Faults

  /// - Returns: how many calls failed.
  static func all(_ deed: QueueDeed) -> Int {
    let root = "/dev/shm/\(Places.unique("faults"))"
    mkdir(root, 0o700)
    defer { #expect(rmdir(root) == 0, "left: \(Traces.names(root))") }
    let calm = QueueFaultRun(deed: deed, root: root, faults: .none())
    guard calm.attempt() else { return 0 }
    var runs = 0
    for (index, call) in calm.faults.calls.enumerated() {
      for error in FaultExpectation.codes.keys where FaultExpectation.exists(error, call) {
        let faults = Faults(index + 1, Errno(error))
        // One report is enough.
        guard QueueFaultRun(deed: deed, root: root, faults: faults).attempt() else { return runs }
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

  /// The holder makes the queue and fills it; the user's calls fail.
  private func tryOnce() throws -> Bool {
    let holder = try NamedQueue.create("x", bytes: 4096, owner: Owner(), in: session(nil))
    for _ in 0..<deed.before { _ = try holder.push(QueueDeed.message, timeout: .zero) }
    let user = try NamedQueue.open("x", owner: Owner(), in: session(faults))
    faults.arm()
    let first = outcome(user)
    faults.disarm()
    let isDone = self.isDone(first)
    var isRight = holds(isDone || isExpected(first), "it said \(first)")
    // Who failed has done nothing, or all: never a part.
    let there = holder.count
    isRight =
      holds(there == (isDone ? deed.after : deed.before), "\(there) messages are there") && isRight
    if isDone { return isRight }
    let second = outcome(user)
    return holds(self.isDone(second), "the second time it said \(second)") && isRight
  }

  private func outcome(_ user: NamedQueue) -> Result<String, SharedMemoryError> {
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
