import Glibc
import TestSupport
import Testing

/// What the program does on a kernel of 2021: without `futex_waitv(2)` a wait for several words
/// looks again each millisecond, and without attributes on tmpfs a long name is listed cut.
@Suite struct OlderKernelTests {
  /// A waiter that says "ready" and waits, and what another process then does.
  fileprivate struct Case: Sendable {
    let waits: String
    let acts: String
    let prints: String
    var isKilled = false
  }

  fileprivate static let cases = [
    Case(
      waits: "a, b = shm.event('a'), shm.event('b') ready() print(shm.wait { a, b })",
      acts: "shm.open_event('b'):set()", prints: "2\n"),
    Case(
      waits: """
        a, b = shm.event('a'), shm.semaphore('b', 0, 1) ready()
        print(shm.wait({ a, b }, { all = true }))
        """,
      acts: "shm.open_event('a'):set() shm.open_semaphore('b'):release()", prints: "true\n"),
    Case(
      waits:
        "a, b = shm.event('a'), shm.event('b') ready() print(shm.wait({ a, b }, { timeout = 0.1 }))",
      acts: "", prints: "false\ttimeout\n"),
    Case(
      waits: "a = shm.mutex('a') peer:wait() print(a:lock())",
      acts: "a = shm.mutex('a') a:lock() peer:set() ready() io.read()", prints: "true\tabandoned\n",
      isKilled: true),
    Case(
      waits: "a = shm.mutex('a') b = shm.event('b') peer:wait() print(shm.wait { b, a })",
      acts: "a = shm.mutex('a') a:lock() peer:set() ready() io.read()", prints: "2\tabandoned\n",
      isKilled: true),
  ]

  private static let preamble = """
    peer = assert(shm.event('peer'))
    function ready() print('ready') io.flush() end

    """

  /// Nil, or what was not as it should be.
  fileprivate static func complaint(_ one: Case) -> String? {
    let environment = ["MOONPOOL_SESSION": Places.unique("older")]
    let start = { (text: String) in
      Child(Places.moonpool, ["-e", preamble + text], environment: environment, input: .open)
    }
    let waiter = start(one.waits)
    if !one.isKilled && !waiter.prints("ready\n") { return "never ready: \(waiter.complained)" }
    let actor = start(one.acts)
    if one.isKilled {
      if !actor.prints("ready\n") { return "never locked: \(actor.complained)" }
      // The waiter is told by then, and likely sleeps on what the dead one has.
      usleep(100_000)
      actor.kill()
    }
    actor.wait()
    let status = waiter.wait()
    let found = waiter.printed.replacing("ready\n", with: "")
    return status == 0 && found == one.prints
      ? nil : "\(one.waits)\n\(status) \(found)\(waiter.complained)\(actor.complained)"
  }

  @Test func waitingForSeveralEndsAsElsewhere() async {
    let ended = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent]
    ) {
      guard OlderKernel.begin() else { return print("no filter", terminator: "") }
      print(OlderKernelTests.cases.compactMap(OlderKernelTests.complaint).joined(), terminator: "")
    }
    #expect(said(by: ended) == "")
  }

  @Test func aLongNameWorksAndIsListedCut() async {
    let ended = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent]
    ) {
      guard OlderKernel.begin() else { return print("no filter", terminator: "") }
      let outcome = moonpool(
        "-e",
        """
        local name = ("n"):rep(300)
        local view = assert(shm.create(name, 8))
        view:write("whole")
        print(assert(shm.open(name)):read(), assert(shm.open(name)):name() == name)
        io.flush()
        os.execute(arg[0] .. " ls")
        """, session: Places.unique("older"))
      print(outcome.output, outcome.errors, separator: "", terminator: "")
    }
    let lines = said(by: ended).split(separator: "\n")
    #expect(lines.count == 3 && lines.first == "whole\ttrue", "\(lines)")
    #expect(lines.last?.contains(#/ Local\\n{100,}%~[0-9A-F]+…$/#) == true, "\(lines)")
  }

  private func said(by ended: ExitTest.Result?) -> String {
    String(decoding: ended?.standardOutputContent ?? [], as: UTF8.self)
  }
}
