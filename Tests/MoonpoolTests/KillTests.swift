import SharedMemory
import TestSupport
import Testing

/// Killed by SIGKILL at each system call in turn, before it happens and after.
@Suite(.enabled(if: Places.canTrace, "ptrace is not permitted here"))
struct KillTests {
  @Test(arguments: Scene.all) func aKilledProcessLeavesAndLosesNothing(_ scene: Scene) throws {
    let calls = try survive(scene, at: 1..., "entry").count
    #expect(calls >= scene.points)
    let returns = try survive(scene, at: 1...calls, "exit")
    print("killed at \(calls) + \(returns.count) points: \(scene.testDescription)")
    // All calls return but the last, and that of the child that makes a directory. How many there
    // are beyond the scene's own depends on the sweeps, which go by the clock.
    #expect(returns.count >= scene.points - 2)
  }

  /// - Returns: the kill points that there were.
  private func survive(
    _ scene: Scene, at numbers: some Sequence<Int>, _ side: String
  ) throws -> [String] {
    var points: [String] = []
    for number in numbers {
      // Whoever lists names on this machine may have removed what is dead before the program met
      // it, which then has fewer calls: again.
      let expected = side == "entry" ? scene.points : scene.points - 2
      var tries = number <= expected ? 10 : 1
      var report: String?
      while report == nil && tries > 0 {
        report = try kill(scene, at: number, side)
        tries -= 1
      }
      if let report { points.append(report) } else if side == "entry" { break }
    }
    return points
  }

  /// What killat says; nil: the program ended before that call.
  private func kill(_ scene: Scene, at number: Int, _ side: String) throws -> String? {
    let stage = try Stage(scene)
    let program = stage.killat("kill", number, side)
    let status = program.wait()
    let report = "\(number), \(program.complained)"
    try #require(status == 0 || status == 3, "\(report)")
    try whatRemains(stage, report)
    stage.end()
    if status == 3 && side == "entry" {
      #expect(report.hasSuffix("with status 0\n"), "\(report)")
    }
    return status == 0 ? report : nil
  }

  private func whatRemains(_ stage: borrowing Stage, _ point: String) throws {
    if stage.scene.before == .held {
      try theHoldersObject(stage, point)
    } else {
      try noObject(stage, point)
    }
  }

  private func theHoldersObject(_ stage: borrowing Stage, _ point: String) throws {
    let name = stage.scene.name
    let session = stage.other()
    let opened = try promptly("open, \(point)") { try MemoryObject.open(name, in: session) }
    #expect(try opened.map().text(at: 1000) == "by the holder", "\(point)")
    let created = try promptly("create, \(point)") {
      try MemoryObject.create(name, size: 5, in: session)
    }
    let (existed, size) = (created.existed, created.size)
    #expect(existed && size == Stage.size, "\(point)")
    #expect(try created.map().text(at: 1000) == "by the holder", "\(point)")
  }

  private func noObject(_ stage: borrowing Stage, _ point: String) throws {
    let name = stage.scene.name
    let session = stage.other()
    let unrelated = promptly("open, \(point)") {
      refusal { _ = try MemoryObject.open("unrelated", in: session) }
    }
    #expect(unrelated == 2, "\(point)")
    #expect((entries(of: stage.directory) ?? []).isEmpty, "one operation later; \(point)")
    let answer = promptly("open, \(point)") {
      refusal { _ = try MemoryObject.open(name, in: session) }
    }
    #expect(answer == 2, "\(point)")
    #expect(entries(of: stage.directory) == nil, "an empty session's directory; \(point)")
    let fresh = try promptly("create, \(point)") {
      try MemoryObject.create(name, size: Stage.size, in: session)
    }
    let existed = fresh.existed
    #expect(!existed, "\(point)")
    #expect(try fresh.map().read(Stage.size).allSatisfy { $0 == 0 }, "\(point)")
  }
}
