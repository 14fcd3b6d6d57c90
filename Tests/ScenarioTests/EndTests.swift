import Glibc
import SharedMemory
import TestSupport
import Testing

/// Whatever ends a play, nobody is left.
@Suite struct EndTests {
  /// Actors that wait, compute and start processes of their own, some in another group.
  private static let text = """
    scenario("busy", { timeout = 60 })
    local event = assert(shm.event("e"))
    local view = assert(shm.create("v", 65536))
    actor("waits", function() event:wait() end)
    actor("computes", function() while true do view:u32(0, view:u32(0) + 1) end end)
    actor("starts", function() while true do os.execute("sleep 0.01; sleep 60 &") end end)
    actor("daemon", function() os.execute("setsid sleep 60 &") shm.sleep(60) end)
    """

  private func start(_ word: String, _ file: ScenarioFile, _ options: [String] = []) -> Child {
    Child(Places.moonpool, ["play", file.path] + options, environment: ["MOONPOOL_MARK": word])
  }

  /// At moments from before the first process to when all are there; scripts/torture has more.
  @Test(arguments: [[], ["--shared"]]) func aKilledConductorLeavesNobody(_ options: [String]) {
    let file = ScenarioFile(Self.text)
    let word = Places.unique("kill")
    for delay in 0..<Self.kills {
      let child = start(word, file, options)
      usleep(UInt32(delay) * 4_000)
      child.kill(SIGKILL)
      child.wait()
    }
    #expect(poll(within: 10) { processes(with: word).isEmpty }, "\(processes(with: word))")
  }

  private static var kills: Int {
    getenv("MOONPOOL_KILLS").flatMap { Int(String(cString: $0)) } ?? 20
  }

  /// The inner process of the two.
  @Test func aKilledInnerProcessLeavesNobody() {
    let file = ScenarioFile(Self.text)
    let word = Places.unique("inner")
    let child = start(word, file)
    #expect(child.prints("daemon"))
    let inner = run("/usr/bin/pgrep", ["-P", "\(child.pid)"]).output
    kill(pid_t(inner.dropLast()) ?? 0, SIGKILL)
    #expect(child.wait() == 137)
    #expect(poll(within: 10) { processes(with: word).isEmpty }, "\(processes(with: word))")
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func aSignalEndsIt(_ signal: Int32) {
    let file = ScenarioFile(Self.text)
    let word = Places.unique("signal")
    let child = start(word, file)
    #expect(child.prints("daemon"))
    child.kill(signal)
    #expect(child.wait() == 130)
    #expect(child.printed.hasSuffix("busy      interrupted, 4 processes\n"), "\(child.printed)")
    #expect(poll(within: 10) { processes(with: word).isEmpty }, "\(processes(with: word))")
  }

  /// A deadline ends what is left.
  @Test func aDeadlineLeavesNobody() {
    let file = ScenarioFile(Self.text.replacing("timeout = 60", with: "timeout = 0.5"))
    let word = Places.unique("late")
    let child = start(word, file)
    #expect(child.wait() == 1)
    #expect(child.printed.contains("deadline: after 0.5 s \"waits\" still waits"))
    #expect(poll(within: 10) { processes(with: word).isEmpty }, "\(processes(with: word))")
  }
}
