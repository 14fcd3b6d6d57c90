import Dispatch
import Glibc
import SharedMemory
import Synchronization
import TestSupport
import Testing
import Wine

/// Windows programs under a real wine. One test, as making a prefix takes seconds.
@Suite struct WindowsProgramTests {
  @Test(.enabled(if: WineMachine.obstacle == nil, "\(WineMachine.obstacle ?? "")"))
  func windowsProgramsAndScriptsShareMemory() throws {
    let machine = try WineMachine()
    print("wine: \(machine.version)", terminator: "")
    try theDocumentsProgramsMeetTheScripts(machine)
    // A server without programs ends after some seconds, and the next program starts another one.
    let keeper = Agent(machine)
    #expect(keeper.ask(#"create Local\keeper 1"#) == "ok")
    whatIsMissingOrAnotherType(machine)
    try theNameLivesAsLongAsSomebodyHoldsIt(machine)
    try whatWeMakeOrOfferIsOpenedByWindows(machine)
    aScriptPythonAndTheGameShareMemory(machine)
    try theReadmesTutorialIsTrue(machine)
    try aProgramThatWasStartedAgainIsNoticed(machine)
    commandsShowWhatLives(machine)
    try aHundredOpeningsAtOnce(machine)
    try aServerThatIsStopped(machine)
    try theEndOfTheServer(machine)
    withExtendedLifetime(keeper) {}
  }

  private func error(_ body: () throws -> Void) -> Int32? {
    do {
      try body()
      return nil
    } catch { return (error as? SharedMemoryError)?.code.rawValue }
  }

  private func exists(_ name: String, _ machine: WineMachine) -> Bool {
    error { _ = try machine.prefixes.open(name, access: .read) } == nil
  }

  // MARK: The document's programs

  private static let message = "Message from first process."
  private static let object = #"Wine\Global\MyFileMappingObject"#

  private func theDocumentsProgramsMeetTheScripts(_ machine: WineMachine) throws {
    // Nobody has made it yet.
    let early = machine.start("second")
    #expect(early.wait() == 1)
    #expect(early.printed.contains("Could not open file mapping object (2)."))

    let windows = machine.startOnTerminal("first")
    #expect(poll { exists(Self.object, machine) })
    secondSees(machine)
    windows.type("x")
    #expect(windows.wait() == 0)
    #expect(poll { !exists(Self.object, machine) })

    let lua = machine.startMoonpool(machine.script("first"))
    #expect(poll { exists(Self.object, machine) })
    secondSees(machine)
    lua.write("x")
    #expect(lua.wait() == 0)
    #expect(!exists(Self.object, machine))
  }

  /// Windows' second process, and the script's.
  private func secondSees(_ machine: WineMachine) {
    let unchanged = machine.start("second")
    #expect(unchanged.wait() == 0)
    let shown = machine.start("shown")
    #expect(shown.wait() == 0)
    #expect(shown.printed.hasPrefix(Self.message))
    let script = machine.moonpool("-e", machine.script("second"))
    #expect(script.output == Self.message + "\n", "\(script)")
    #expect(script.status == 0)
  }

  // MARK: Names and lifetime

  private func whatIsMissingOrAnotherType(_ machine: WineMachine) {
    let agent = Agent(machine)
    #expect(agent.ask(#"mutex Local\lock"#) == "ok")
    #expect(error { _ = try machine.prefixes.open(#"Wine\Local\lock"#) } == 6)
    #expect(error { _ = try machine.prefixes.create(#"Wine\Local\lock"#, size: 1) } == 6)
    #expect(error { _ = try machine.prefixes.open(#"Wine\Local\none"#) } == 2)
    #expect(error { _ = try machine.prefixes.open(#"Wine\Global\lock"#) } == 2)
    // Windows names are UTF-16, ours UTF-8.
    #expect(agent.ask(#"create Local\Temperatur-Ä-€-😀 10"#) == "ok")
    #expect(error { _ = try machine.prefixes.open(#"Wine\Temperatur-Ä-€-😀"#) } == nil)
    #expect(
      machine.prefixes.list().entries.contains { $0.text == #"Wine\Local\Temperatur-Ä-€-😀"# })
    agent.end()
  }

  private func theNameLivesAsLongAsSomebodyHoldsIt(_ machine: WineMachine) throws {
    let name = #"Wine\Local\lived"#
    let maker = Agent(machine)
    let user = Agent(machine)
    #expect(maker.ask(#"create Local\lived 100"#) == "ok")
    #expect(maker.ask("write hello") == "ok")
    do {
      let reader = try machine.prefixes.open(name, access: .read)
      let view = try reader.map()
      let holder = try machine.prefixes.open(name)
      #expect(holder.size == 4096)
      // The maker is killed: the name is ours now.
      maker.kill()
      #expect(user.ask(#"open Local\lived"#) == "ok")
      #expect(user.ask("read") == "hello")
      #expect(user.ask("write again") == "ok")
      #expect(try view.text() == "again")
      #expect(user.ask("close") == "ok")
      try reader.check()
      withExtendedLifetime(holder) {}
    }
    // A reader does not keep it.
    let later = try machine.prefixes.create(name, size: 5)
    #expect(!later.existed)
    let reader = try machine.prefixes.open(name, access: .read)
    _ = consume later
    #expect(poll { user.ask(#"open Local\lived"#) == "error 2" })
    #expect(error { try reader.check() } == 2)

    // A holder that is killed.
    let script = machine.startMoonpool(
      #"v = assert(shm.create([[Wine\Local\lived]], 9)) print "held" io.stdout:flush() io.read()"#)
    #expect(script.prints("held\n"))
    #expect(user.ask(#"open Local\lived"#) == "ok")
    #expect(user.ask("close") == "ok")
    script.kill()
    script.wait()
    #expect(poll { user.ask(#"open Local\lived"#) == "error 2" })
    user.end()
  }

  private func whatWeMakeOrOfferIsOpenedByWindows(_ machine: WineMachine) throws {
    let agent = Agent(machine)
    let made = try machine.prefixes.create(#"Wine\Local\made"#, size: 300)
    try made.map().write("from Linux")
    #expect(agent.ask(#"create Local\made 10"#) == "existed")
    #expect(agent.ask("read") == "from Linux")
    #expect(agent.ask("close") == "ok")
    for size in [300, 4096, 70_000] {
      let object = try MemoryObject.create(Places.unique("offered"), size: size)
      let view = try object.map()
      try view.write("ours")
      let offered = try machine.prefixes.offer(object, as: #"Wine\Global\offered"#)
      #expect(offered.size == size)
      #expect(error { _ = try machine.prefixes.offer(object, as: #"Wine\Global\offered"#) } == 183)
      #expect(agent.ask(#"open Global\offered"#) == "ok")
      #expect(agent.ask("read") == "ours")
      #expect(agent.ask("write theirs") == "ok")
      #expect(try view.text() == "theirs")
      // The name lives on with Windows' handle, and the object with ours.
      _ = consume offered
      #expect(exists(#"Wine\Global\offered"#, machine))
      #expect(agent.ask("close") == "ok")
      #expect(poll { !exists(#"Wine\Global\offered"#, machine) })
      #expect(try view.text() == "theirs")
    }
    agent.end()
  }

  private func aProgramThatWasStartedAgainIsNoticed(_ machine: WineMachine) throws {
    let name = #"Wine\Local\game"#
    let game = Agent(machine)
    #expect(game.ask(#"create Local\game 100"#) == "ok")
    let view = try machine.prefixes.open(name, access: .read)
    try view.check()
    game.end()
    #expect(poll { error { try view.check() } == 2 })
    let again = Agent(machine)
    #expect(again.ask(#"create Local\game 100"#) == "ok")
    #expect(error { try view.check() } == 2)
    try machine.prefixes.open(name, access: .read).check()
    again.end()
  }

  // MARK: Commands and bad worlds

  private func commandsShowWhatLives(_ machine: WineMachine) {
    let (first, second) = (Agent(machine), Agent(machine))
    #expect(first.ask(#"create Local\seen 5000"#) == "ok")
    #expect(second.ask(#"open Local\seen"#) == "ok")
    let holder = machine.startMoonpool(
      #"v = assert(shm.open [[Wine\Local\seen]]) print "held" io.stdout:flush() io.read()"#)
    #expect(holder.prints("held\n"))
    let name = #"Wine\Local\seen"#
    let listed = machine.moonpool("ls").output.split(separator: "\n")
    let line = listed.first { $0.hasSuffix(name) } ?? ""
    #expect(line.split(separator: " ").prefix(2).elementsEqual(["8192", "3"]), "\(listed)")
    // It asks for a second at most, in which a busy machine may not come to all of them.
    var who: [Substring] = []
    let isComplete = poll {
      who = machine.moonpool("who", name).output.split(separator: "\n")
      return who.count { $0.hasSuffix("  agent.exe  (handles: 1)") } == 2
        && who.count { $0 == "a native program  (handles: 1)" } == 1
    }
    #expect(isComplete, "\(who)")
    #expect(machine.moonpool("stat", name).output.contains("\nhandles  3\n"))
    let doctor = machine.moonpool("doctor").output
    #expect(doctor.contains("and its requests are known\n"), "\(doctor)")
    for agent in [first, second] { agent.end() }
  }

  private func aHundredOpeningsAtOnce(_ machine: WineMachine) throws {
    let agent = Agent(machine)
    #expect(agent.ask(#"create Local\crowd 100"#) == "ok")
    #expect(agent.ask("write hello") == "ok")
    let failures = Mutex<[String]>([])
    let prefixes = machine.prefixes
    let group = DispatchGroup()
    for number in 0..<100 {
      group.enter()
      Thread.start {
        defer { group.leave() }
        let text = Self.text(
          of: #"Wine\Local\crowd"#, number % 2 == 0 ? .read : .readWrite, prefixes)
        if text != "hello" { failures.withLock { $0.append(text) } }
      }
    }
    group.wait()
    #expect(failures.withLock { $0 } == [])
    agent.end()
  }

  /// On a machine that is busy enough a second is over before a crowd is served: error 170 says
  /// that one may try again.
  private static func text(
    of name: String, _ access: Access, _ prefixes: WinePrefixes
  ) -> String {
    for _ in 0..<60 {
      do throws(SharedMemoryError) {
        return try prefixes.open(name, access: access).map().text()
      } catch {
        if error.code != .busy { return error.description }
      }
    }
    return "busy for a minute"
  }

  private func aServerThatIsStopped(_ machine: WineMachine) throws {
    let made = try machine.prefixes.create(#"Wine\Local\stopped"#, size: 1)
    let server = try #require(machine.prefixes.list().entries.first?.server)
    kill(server, SIGSTOP)
    #expect(error { _ = try machine.prefixes.open(#"Wine\Local\stopped"#) } == 170)
    #expect(error { try made.check() } == 170)
    kill(server, SIGCONT)
    #expect(poll { error { try made.check() } == nil })
  }

  private func theEndOfTheServer(_ machine: WineMachine) throws {
    let agent = Agent(machine)
    #expect(agent.ask(#"create Local\last 100"#) == "ok")
    #expect(agent.ask("write hello") == "ok")
    let section = try machine.prefixes.open(#"Wine\Local\last"#)
    let view = try section.map()
    machine.stop()
    #expect(try view.text() == "hello")
    #expect(error { try section.check() } == 2)
    #expect(error { _ = try machine.prefixes.create(#"Wine\Local\last"#, size: 1) } == 2)
  }
}

/// A thread of the kernel's: tasks share too few of them to wait in.
private enum Thread {
  final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  static func start(_ run: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let body = Unmanaged.passRetained(Body(run)).toOpaque()
    let failure = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
        return nil
      }, body)
    precondition(failure == 0)
    pthread_detach(thread)
  }
}
