import LifetimeModel
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// What the implementation really did, against the table that the model explores.
@Suite("The implementation takes the model's steps")
struct ConformanceTests {
  private typealias Steps = [(step: LifetimeStep, yes: Bool)]

  /// Collects the answered steps of a session's operations.
  private final class Recorder: SystemObserver {
    private let steps = Mutex<Steps>([])

    var seesSweeps: Bool { false }
    func step(_ step: LifetimeStep?) {}
    func before(_ call: SystemCall) -> Errno? { nil }
    func after(_ call: SystemCall, _ result: Result<Int, Errno>) {}

    func answer(_ step: LifetimeStep, _ yes: Bool) {
      steps.withLock { $0.append((step: step, yes: yes)) }
    }

    func take() -> Steps {
      steps.withLock { steps in
        defer { steps = [] }
        return steps
      }
    }
  }

  private let recorder = Recorder()
  private let session: Session
  /// Another process's part: a session of the same name whose steps are not recorded.
  private let others: Session

  init() {
    let word = Array(Places.unique().utf8)
    session = Session(session: word, system: System(observer: recorder))
    others = Session(session: word)
  }

  @Test func createAndTheLastClose() throws {
    let object = try MemoryObject.create("x", size: 1, in: session)
    #expect(Trace.accepts(recorder.take(), .create, writer: true, end: .created))
    object.close()
    let closed = recorder.take()
    #expect(Trace.accepts(closed, .close, writer: true, end: .closed))
    #expect(closed.last?.step == .x4)
  }

  @Test func createOfWhatLives() throws {
    let held = try MemoryObject.create("x", size: 1, in: others)
    let second = try MemoryObject.create("x", size: 1, in: session)
    let existed = second.existed
    #expect(existed)
    #expect(Trace.accepts(recorder.take(), .create, writer: true, end: .opened))
    second.close()
    let closed = recorder.take()
    #expect(Trace.accepts(closed, .close, writer: true, end: .closed))
    #expect(closed.last?.step == .x2)
    held.close()
  }

  @Test func exclusiveCreationOfWhatLives() throws {
    let held = try MemoryObject.create("x", size: 1, in: others)
    let refusal = #expect(throws: SharedMemoryError.self) {
      _ = try MemoryObject.create("x", size: 1, .init(exclusive: true), in: session)
    }
    #expect(refusal?.code == .alreadyExists)
    #expect(Trace.accepts(recorder.take(), .createExclusively, writer: true, end: .exists))
    held.close()
  }

  @Test func openOfWhatLives() throws {
    let held = try MemoryObject.create("x", size: 1, in: others)
    let second = try MemoryObject.open("x", in: session)
    #expect(Trace.accepts(recorder.take(), .open, writer: true, end: .opened))
    second.close()
    held.close()
  }

  @Test func openOfNothing() throws {
    let held = try MemoryObject.create("y", size: 1, in: others)
    #expect(throws: SharedMemoryError.self) { _ = try MemoryObject.open("x", in: session) }
    #expect(Trace.accepts(recorder.take(), .open, writer: true, end: .notFound))
    held.close()
  }

  /// A killed process leaves its file; the sweep is kept from it by a fresh look just before.
  @Test func openAndCreateOfTheDead() throws {
    let kept = try MemoryObject.create("kept", size: 1, in: session)
    let place = kept.path
    let path = try #require(place)
    for intent in [LifetimeIntent.open, .create] {
      try leaveDead("x", beside: path)
      _ = recorder.take()
      if intent == .open {
        #expect(throws: SharedMemoryError.self) { _ = try MemoryObject.open("x", in: session) }
        #expect(Trace.accepts(recorder.take(), .open, writer: true, end: .notFound))
      } else {
        let made = try MemoryObject.create("x", size: 1, in: session)
        let existed = made.existed
        #expect(!existed)
        #expect(Trace.accepts(recorder.take(), .create, writer: true, end: .created))
        made.close()
      }
    }
    kept.close()
  }

  /// A file that nobody locks is what a kill of its last holder leaves.
  private func leaveDead(_ name: String, beside path: String) throws {
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    let made = run("/bin/sh", ["-c", "printf dead > '/\(folder)/\(name)'"])
    try #require(made.status == 0)
  }
}
