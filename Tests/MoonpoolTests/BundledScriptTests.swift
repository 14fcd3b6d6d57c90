import Glibc
import SharedMemory
import TestSupport
import Testing

/// Starts `moonpool run …`; its standard input stays open.
private func start(_ words: String..., session: String) -> Child {
  start(words, session: session)
}

private func start(_ words: [String], session: String) -> Child {
  Child(
    Places.moonpool, ["run"] + words, environment: ["MOONPOOL_SESSION": session], input: .open)
}

/// The names of scripts/*.lua, sorted.
private func scriptFiles() -> [String] {
  guard let folder = opendir(Places.scripts) else { return [] }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name.hasSuffix(".lua") { names.append(String(name.dropLast(4))) }
  }
  return names.sorted()
}

private func lines(of name: String) -> [Substring] {
  run("/bin/cat", ["\(Places.scripts)/\(name).lua"]).output.split(separator: "\n")
}

@Suite struct BundledScriptTests {
  @Test func theListIsTheFilesWithTheirFirstComments() {
    let outcome = moonpool("scripts", session: Places.unique())
    let names = scriptFiles()
    let width = names.map(\.count).max() ?? 0
    let expected = names.map { name in
      let padding = String(repeating: " ", count: width - name.count)
      return "\(name)\(padding)  \(lines(of: name)[0].dropFirst(3))\n"
    }
    #expect(names.count >= 5)
    #expect(outcome.output.hasPrefix(expected.joined() + "\nScenarios, for moonpool play:\n"))
    #expect(outcome.status == 0)
  }

  @Test(arguments: scriptFiles()) func showPrintsTheFile(_ name: String) {
    let outcome = moonpool("run", "--show", name, session: Places.unique())
    #expect(outcome.output == run("/bin/cat", ["\(Places.scripts)/\(name).lua"]).output)
    #expect(outcome.status == 0)
  }

  @Test(arguments: [
    ("frist", "no script 'frist' is bundled; did you mean 'first'?"),
    ("second.lua", "no script 'second.lua' is bundled; did you mean 'second'?"),
    ("nothing-like-it", "no script 'nothing-like-it' is bundled; 'moonpool scripts' lists them"),
  ])
  func anUnknownNameGetsTheNearest(_ name: String, _ complaint: String) {
    for words in [["run", name], ["run", "--show", name], ["run", name, "--show"]] {
      let outcome = run(Places.moonpool, words)
      #expect(outcome.errors == "moonpool: \(complaint)\n")
      #expect(outcome.output == "")
      #expect(outcome.status == 1)
    }
  }

  @Test func runWithoutANameIsAWrongUsage() {
    #expect(moonpool("run", session: Places.unique()).status == 64)
  }

  @Test(arguments: [
    ["signal-first", "soon"], ["signal-first", "-1"], ["signal-second", "soon"],
    ["signal-second", "-1"], ["telemetry-writer", "1", "-1"], ["show", "rtss", "--every", "-1"],
  ])
  func aTimeThatIsNoneIsAWrongUsage(words: [String]) {
    let script = start(words, session: Places.unique())
    let isSaid = poll(within: 5) { script.complained.contains("usage: \(words[0])") }
    #expect(isSaid)
    if !isSaid { script.kill() }
    #expect(script.wait() == 64)
  }

  @Test func anErrorNamesTheScriptAndItsLine() {
    let outcome = moonpool("run", "counter", "nowhere", "1", session: Places.unique())
    #expect(outcome.errors.contains(": counter.lua:"))
    #expect(outcome.errors.contains("open nowhere: ERROR_FILE_NOT_FOUND (2)"))
    #expect(outcome.status == 1)
  }

  @Test func aBundledScriptIsExplainedWithItsOptions() {
    let outcome = moonpool(
      "run", "--explain", "wait-for", "--gone", "x", session: Places.unique())
    #expect(outcome.errors.contains(#"shm.open([[x]], {access = "r"})"#))
    #expect(outcome.status == 0)
  }
}

@Suite struct WaitForTests {
  @Test func whatLivesIsNotWaitedFor() throws {
    let session = Places.unique()
    let object = try MemoryObject.create("x", size: 8, in: Session(named: session))
    #expect(moonpool("run", "wait-for", "x", session: session).status == 0)
    #expect(moonpool("run", "wait-for", "--gone", "x", "0.05", session: session).status == 124)
    object.close()
  }

  @Test func anyKindOfObjectIsWaitedFor() throws {
    let session = Places.unique()
    let own = Session(named: session)
    let objects: [any Waitable] = [
      try NamedEvent.create("x", in: own), try NamedMutex.create("y", in: own),
      try NamedSemaphore.create("z", initial: 0, maximum: 1, in: own),
    ]
    for object in objects {
      let found = moonpool("run", "wait-for", object.name, "0", session: session)
      #expect(found.status == 0, "\(found.errors)")
      let gone = moonpool("run", "wait-for", "--gone", object.name, "0.05", session: session)
      #expect(gone.status == 124, "\(gone.errors)")
    }
  }

  @Test func anInterruptEndsTheWait() {
    let waiting = start("wait-for", "x", session: Places.unique())
    usleep(300_000)
    waiting.kill(SIGINT)
    #expect(waiting.wait() == 128 + SIGINT)
    #expect(waiting.complained == "")
  }

  @Test func aNameThatNeverAppearsIsATimeout() {
    let outcome = moonpool("run", "wait-for", "x", "0.05", session: Places.unique())
    #expect(outcome.status == 124)
    #expect(outcome.errors == "")
  }

  @Test func aNameThatAppearsEndsTheWait() throws {
    let session = Places.unique()
    let waiting = start("wait-for", "x", session: session)
    usleep(50_000)
    let object = try MemoryObject.create("x", size: 8, in: Session(named: session))
    #expect(waiting.wait() == 0)
    object.close()
  }

  @Test func aNameThatGoesEndsTheWait() throws {
    let session = Places.unique()
    let object = try MemoryObject.create("x", size: 8, in: Session(named: session))
    let waiting = start("wait-for", "--gone", "x", session: session)
    usleep(50_000)
    object.close()
    #expect(waiting.wait() == 0)
  }

  @Test func whatIsWrongIsSaidAtOnce() {
    let session = Places.unique()
    let bad = moonpool("run", "wait-for", #"\x"#, session: session)
    #expect(bad.errors.hasPrefix(#"wait-for: open \x: ERROR_BAD_PATHNAME (161)"#))
    #expect(bad.status == 1)
    #expect(moonpool("run", "wait-for", session: session).status == 64)
    #expect(moonpool("run", "wait-for", "x", "soon", session: session).status == 64)
  }
}

@Suite struct CounterTests {
  @Test func nothingIsLostWhenSeveralCount() {
    let session = Places.unique()
    let keeper = start("counter", "c", session: session)
    #expect(keeper.prints("counting in c"))
    let adding = (0..<3).map { _ in start("counter", "c", "100", session: session) }
    for child in adding { #expect(child.wait() == 0) }
    keeper.closeInput()
    #expect(keeper.wait() == 0)
    #expect(keeper.printed == "counting in c; a key ends it\n300\n")
  }

  @Test func countingWaitsForTheLockUntilItsHolderIsKilled() throws {
    let session = Places.unique()
    let object = try MemoryObject.create("c", size: 8, in: Session(named: session))
    let view = try object.map()
    let holder = Child(
      Places.moonpool,
      [
        "-e",
        "l = assert(shm.mutex('c.lock')) l:lock() io.write('held') io.flush() console.getch()",
      ],
      environment: ["MOONPOOL_SESSION": session], input: .open)
    #expect(holder.prints("held"))
    let adding = start("counter", "c", "1", session: session)
    usleep(200_000)
    #expect(try view.read(8) == [0, 0, 0, 0, 0, 0, 0, 0])
    holder.kill()
    #expect(adding.wait() == 0)
    #expect(try view.read(8) == [1, 0, 0, 0, 0, 0, 0, 0])
    object.close()
  }

  @Test func onlyOneKeepsACounter() {
    let session = Places.unique()
    let keeper = start("counter", "c", session: session)
    #expect(keeper.prints("counting in c"))
    let second = moonpool("run", "counter", "c", session: session)
    #expect(second.errors.contains("ERROR_ALREADY_EXISTS (183)"))
    #expect(second.status == 1)
    keeper.closeInput()
    #expect(keeper.wait() == 0)
  }
}

@Suite struct BoardTests {
  @Test func linesStayWhileSomebodyKeepsTheBoard() {
    let session = Places.unique()
    let keeper = start("board", "--keep", session: session)
    #expect(keeper.prints("the board hangs"))
    #expect(moonpool("run", "board", "a", "line", session: session).status == 0)
    #expect(moonpool("run", "board", "one\ntwo", session: session).status == 0)
    #expect(moonpool("run", "board", session: session).output == "a line\none two\n")
    keeper.closeInput()
    #expect(keeper.wait() == 0)
    #expect(keeper.printed == "the board hangs; a key takes it down\na line\none two\n")
    let after = moonpool("run", "board", session: session)
    #expect(after.errors == "board: nobody keeps a board; start one with: board --keep\n")
    #expect(after.status == 1)
  }

  @Test func aLineThatDoesNotFitIsRefusedAndTheBoardStays() {
    let session = Places.unique()
    let keeper = start("board", "--keep", session: session)
    #expect(keeper.prints("the board hangs"))
    #expect(moonpool("run", "board", "short", session: session).status == 0)
    let long = String(repeating: "x", count: 65_536)
    let refused = moonpool("run", "board", long, session: session)
    #expect(refused.errors == "board: the board is full\n")
    #expect(refused.status == 1)
    #expect(moonpool("run", "board", session: session).output == "short\n")
    keeper.closeInput()
    #expect(keeper.wait() == 0)
  }
}
