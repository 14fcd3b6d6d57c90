import Glibc
import TestSupport
import Testing

/// Ctrl-C at a script that runs.
struct InterruptTests {
  private func start(_ text: String, input: Child.Input = .none) -> Child {
    let child = Child(
      Places.moonpool, ["-e", text], environment: ["MOONPOOL_SESSION": Places.unique()],
      input: input)
    #expect(child.prints("ready"))
    return child
  }

  private let ready = "io.stdout:setvbuf('no') print('ready') "

  @Test func anInterruptStopsALoopWithATraceback() {
    let child = start(ready + "while true do end")
    child.kill(SIGINT)
    #expect(child.wait() == 1)
    #expect(child.complained.contains("interrupted!\nstack traceback:\n"))
    #expect(child.complained.contains("(command line):1: in main chunk"))
  }

  @Test(arguments: [["publish", "rtss", "--name", "played"], ["telemetry-writer"]])
  func aBundledScriptEndsQuietlyByTheSignal(words: [String]) {
    let session = Places.unique()
    let folder = "/dev/shm/moonpool-\(getuid())@\(session)"
    let child = Child(
      Places.moonpool, ["run"] + words, environment: ["MOONPOOL_SESSION": session])
    #expect(poll { access(folder, F_OK) == 0 && entries(of: folder)?.isEmpty == false })
    usleep(50_000)
    child.kill(SIGINT)
    #expect(child.wait() == 128 + SIGINT)
    #expect(child.complained == "")
    #expect(isRemoved(folder))
  }

  @Test func theSameScriptByItsPathHasATraceback() {
    let session = Places.unique()
    let folder = "/dev/shm/moonpool-\(getuid())@\(session)"
    let child = Child(
      Places.moonpool, ["\(Places.scripts)/telemetry-writer.lua"],
      environment: ["MOONPOOL_SESSION": session])
    #expect(poll { access("\(folder)/telemetry", F_OK) == 0 })
    usleep(50_000)
    child.kill(SIGINT)
    #expect(child.wait() == 1)
    #expect(child.complained.contains("interrupted!\nstack traceback:\n"))
  }

  @Test func aBundledScriptLeavesTheTerminalAsItWas() {
    let terminal = PseudoTerminal()
    let before = terminal.modes
    terminal.start(
      Places.moonpool, ["run", "board", "--keep"],
      environment: ["MOONPOOL_SESSION": Places.unique()])
    #expect(terminal.waits(for: "a key takes it down"))
    #expect(terminal.waits { _ in terminal.modes != before })
    terminal.type("\u{3}")
    #expect(terminal.wait() == 128 + SIGINT)
    #expect(terminal.modes == before)
    #expect(!terminal.screen.everything.contains("traceback"))
  }

  @Test func anInterruptCanBeCaught() {
    // Ready inside of the pcall: an interrupt that comes before it ends the script.
    let child = start(
      "print(pcall(function() \(ready) while true do end end)) print('after')")
    child.kill(SIGINT)
    #expect(child.wait() == 0)
    #expect(child.printed.contains("false\t"))
    #expect(child.printed.contains("interrupted!\nafter\n"))
  }

  @Test func anInterruptEndsAReadThatWaits() {
    let child = start(ready + "print(io.read()) ", input: .open)
    usleep(50_000)  // into the read; before it the interrupt stops the script all the same
    child.kill(SIGINT)
    #expect(child.wait() == 1)
    #expect(child.complained.contains("interrupted!"))
  }

  @Test(arguments: ["shm.sleep(math.huge)", "coroutine.wrap(function() shm.sleep(1e6) end)()"])
  func anInterruptEndsASleep(call: String) {
    let child = start(ready + call)
    usleep(50_000)
    child.kill(SIGINT)
    #expect(child.wait() == 1)
    #expect(child.complained.contains("interrupted!\nstack traceback:\n"))
  }

  @Test func aCaughtInterruptEndsASleepOnce() {
    let child = start(
      "print(pcall(function() \(ready) shm.sleep(1e6) end)) shm.sleep(0.01) print('after')")
    usleep(50_000)
    child.kill(SIGINT)
    #expect(child.wait() == 0)
    #expect(child.printed.contains("interrupted!\nafter\n"))
  }

  @Test func aSecondInterruptEndsWhatDoesNotReachLua() {
    // One call that takes for ever and heeds nothing.
    let child = start(ready + "string.find(string.rep('a', 40), string.rep('a-', 40) .. 'b')")
    // Before it is in that call, the first interrupt would stop the script.
    #expect(poll { processorTime(of: child.pid) > 20 })
    child.kill(SIGINT)
    // Two that are pending at once are one.
    #expect(poll { !isPending(SIGINT, child.pid) })
    child.kill(SIGINT)
    #expect(child.wait() == 128 + SIGINT)
  }

  /// Was it sent to the process and not yet delivered? `ShdPnd` of `/proc/PID/status`.
  private func isPending(_ signal: Int32, _ process: pid_t) -> Bool {
    let status = run("/bin/cat", ["/proc/\(process)/status"]).output
    let line = status.split(separator: "\n").first { $0.hasPrefix("ShdPnd:") }
    let set = line?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } ?? 0
    return set >> UInt64(signal - 1) & 1 == 1
  }

  /// It comes between two batches, in which the list is made.
  @Test func anInterruptIsNotLostInALongList() {
    let outcome = moonpool(
      "-e",
      """
      local queue = assert(shm.queue(nil, 4 << 20))
      local list = {}
      for i = 1, 50000 do list[i] = ("%08d"):format(i) end
      queue:push_all(list)
      list = nil
      collectgarbage()
      local is_sent = false
      setmetatable({}, { __gc = function()
         io.popen("kill -INT $PPID"):close()
         is_sent = true
      end })
      local popped = queue:pop_all()
      print("after", #popped, is_sent)
      """, session: Places.unique())
    #expect(outcome.output == "")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("interrupted!\nstack traceback:\n"), "\(outcome.errors)")
    #expect(outcome.errors.contains("'pop_all'"), "\(outcome.errors)")
  }

  @Test func viewsOfAnInterruptedScriptAreClosed() {
    let session = Places.unique()
    let child = Child(
      Places.moonpool,
      ["-e", ready + "view = shm.create('kept', 8) print('made') while true do end"],
      environment: ["MOONPOOL_SESSION": session])
    #expect(child.prints("made"))
    child.kill(SIGINT)
    child.wait()
    #expect(isRemoved("/dev/shm/moonpool-\(getuid())@\(session)"))
  }
}
