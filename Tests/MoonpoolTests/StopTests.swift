import Glibc
import SharedMemory
import TestSupport
import Testing

/// Stopped at each system call in turn: others get an answer at once, and the right one; and the
/// process that goes on later harms nobody.
@Suite(.enabled(if: Places.canTrace, "ptrace is not permitted here"))
struct StopTests {
  @Test(arguments: Scene.all) func aStoppedProcessMakesNobodyWait(_ scene: Scene) throws {
    try atEveryCall(scene) { stage, program, point in
      try others(stage, point) {
        program.write("go\n")
        #expect(program.wait() == 0, "\(point): \(program.complained)")
        #expect(program.complained.hasSuffix("with status 0\n"), "\(program.complained)")
      }
    }
  }

  @Test(arguments: Scene.all.filter { $0.before != .held })
  func aProcessKilledWhileStoppedLeavesNothing(_ scene: Scene) throws {
    try atEveryCall(scene) { stage, program, point in
      let session = stage.other()
      // Sweeps, and then rests for 10 ms: the calls below meet what the killed process leaves.
      #expect(refusal { _ = try MemoryObject.open("unrelated", in: session) } == 2)
      program.closeInput()
      #expect(program.wait() == 0, "\(point): \(program.complained)")
      let name = scene.name
      #expect(refusal { _ = try MemoryObject.open(name, in: session) } == 2, "\(point)")
      let object = try MemoryObject.create(name, size: Stage.size, in: session)
      let existed = object.existed
      #expect(!existed, "\(point)")
      #expect(try object.map().read(Stage.size).allSatisfy { $0 == 0 }, "\(point)")
      object.close()
      // What else the program had goes with the sweep of one that does not rest.
      #expect(refusal { _ = try MemoryObject.open("unrelated", in: stage.other()) } == 2)
    }
  }

  /// A last close removes the session's directory, which the stopped process has just made,
  /// opened or begun to remove.
  @Test func theSessionsDirectoryMayGoMeanwhile() throws {
    try atEveryCall(Scene.all[0]) { stage, program, point in
      try others(stage, point) {}
      program.write("go\n")
      #expect(program.wait() == 0, "\(point): \(program.complained)")
      #expect(program.complained.hasSuffix("with status 0\n"), "\(program.complained)")
    }
  }

  /// The last holder's question is refused by the stopped process's locks: it must clean up.
  @Test(arguments: Scene.all.filter { $0.before == .held })
  func nothingStaysWhenTheHolderLeavesMeanwhile(_ scene: Scene) throws {
    try atEveryCall(scene) { stage, program, point in
      stage.holderLeaves()
      program.write("go\n")
      #expect(program.wait() == 0, "\(point): \(program.complained)")
      #expect(entries(of: stage.directory) == nil, "\(point)")
    }
  }

  private func atEveryCall(
    _ scene: Scene, _ check: (inout Stage, Child, String) throws -> Void
  ) throws {
    var stops = 0
    // What is before the first call is what is after none: the exits are enough.
    // Whoever lists names on this machine may have removed a dead object before the program met it.
    let calls = try (1...3).map { _ in try Stage(scene).calls() }.max() ?? 0
    for number in 1...calls {
      var tries = 3
      var isStopped = false
      while !isStopped && tries > 0 {
        isStopped = try stop(scene, at: number, check)
        tries -= 1
      }
      // A call that does not return is no place to stop at.
      if isStopped { stops += 1 }
    }
    print("stopped at \(stops) points: \(scene.testDescription)")
    #expect(stops >= scene.points - 2)
  }

  private func stop(
    _ scene: Scene, at number: Int, _ check: (inout Stage, Child, String) throws -> Void
  ) throws -> Bool {
    var stage = try Stage(scene)
    let program = stage.killat("stop", number, "exit", input: .open)
    let isDecided = poll(within: 30) { program.complained.hasSuffix("\n") }
    let report = "\(number), \(program.complained)"
    try #require(isDecided, "\(report)")
    let isStopped = report.contains("stopped")
    if isStopped { try check(&stage, program, report) }
    program.closeInput()
    program.wait()
    stage.end()
    return isStopped
  }

  /// What another process sees while the program is stopped, and after `proceed`.
  private func others(
    _ stage: borrowing Stage, _ point: String, _ proceed: () -> Void
  ) throws {
    try open(stage, point)
    guard let mine = try create(stage, point) else { return proceed() }
    let view = try mine.map()
    try view.write("mine", at: 2000)
    proceed()
    let again = try MemoryObject.open(stage.scene.name, in: stage.other())
    #expect(try again.map().text(at: 2000) == "mine", "\(point)")
  }

  private func open(_ stage: borrowing Stage, _ point: String) throws {
    let claims = Claims(stage.path)
    let session = stage.other()
    var first: [UInt8]?
    let answer = promptly("open, \(point)") {
      refusal {
        first = try MemoryObject.open(stage.scene.name, in: session).map().read(64)
      }
    }
    #expect(answer == expectedOfOpen(claims), "\(point)")
    if let first { #expect(!first.starts(with: Stage.dead.prefix(4)), "\(point)") }
  }

  private func expectedOfOpen(_ claims: Claims?) -> Int32? {
    guard let claims else { return 2 }
    if claims.isHeld { return nil }
    return claims.isPinned ? 170 : 2
  }

  private func create(
    _ stage: borrowing Stage, _ point: String
  ) throws -> MemoryObject? {
    let claims = Claims(stage.path)
    let session = stage.other()
    do {
      let object = try promptly("create, \(point)") {
        try MemoryObject.create(stage.scene.name, size: Stage.size, in: session)
      }
      let existed = object.existed
      #expect(existed == (claims?.isHeld ?? false), "\(point)")
      if !existed {
        #expect(try object.map().read(Stage.size).allSatisfy { $0 == 0 }, "\(point)")
      }
      return object
    } catch let error as SharedMemoryError {
      #expect(error.code == .busy, "\(point)")
      #expect(claims?.isCondemned == true || claims?.isPinned == true, "\(point)")
      return nil
    }
  }
}
