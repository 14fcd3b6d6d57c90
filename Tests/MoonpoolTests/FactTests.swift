import Glibc
import SharedMemory
import TestSupport
import Testing

/// Facts of Win32 that take several processes, told by scripts.
@Suite struct SeveralProcesses {
  let session = Places.unique("facts")

  private func start(_ chunk: String) -> Child {
    Child(
      Places.moonpool, ["-e", chunk], environment: ["MOONPOOL_SESSION": session], input: .open)
  }

  /// A process that makes the object, writes, and holds it until its input ends.
  private func holder(_ name: String) -> Child {
    let child = start(
      """
      local view = assert(shm.create([[\(name)]], 64))
      if view:read() == "" then view:write("from the holder") end
      print("holding") io.stdout:flush() io.read()
      """)
    #expect(child.prints("holding"), "\(child.complained)")
    return child
  }

  private func look(_ name: String) -> String {
    moonpool(
      "-e",
      """
      local view, _, code = shm.open([[\(name)]])
      print(view and view:read() or code)
      """, session: session
    ).output
  }

  private func file(_ name: String) throws -> String {
    let bytes = try Session(named: session).path(of: Array(name.utf8))
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("fact 26: of eight processes that create one name one is first, and all see one memory")
  func oneOfEightIsFirst() {
    let children = (0..<8).map { number in
      start(
        """
        io.write("ready\\n") io.stdout:flush() io.read()
        local view, existed = shm.create("race", \(1000 + number))
        view:write("#", \(number))
        print(existed, #view) io.stdout:flush() io.read()
        io.write(view:read(8))
        """)
    }
    for child in children { #expect(child.prints("ready\n")) }
    for child in children { child.write("go\n") }
    for child in children { #expect(poll { child.printed.split(separator: "\n").count == 2 }) }
    let said = children.map { $0.printed.split(separator: "\n")[1].split(separator: "\t") }
    #expect(said.count { $0[0] == "false" } == 1)
    #expect(Set(said.map { $0[1] }).count == 1, "the first one's size wins")
    let first = said.firstIndex { $0[0] == "false" }
    #expect(first.map { said[$0][1] == "\(1000 + $0)" } == true)
    for child in children { child.write("end\n") }
    for child in children {
      #expect(child.wait() == 0)
      #expect(child.printed.hasSuffix("########"))
    }
  }

  @Test(
    "fact 93: after kill -9 of its only holder a name is gone",
    arguments: [#"Local\"#, #"Global\"#])
  func theNameOfTheKilledIsGone(prefix: String) throws {
    let name = prefix + Places.unique()
    let child = holder(name)
    #expect(look(name) == "from the holder\n")
    child.kill()
    child.wait()
    #expect(look(name) == "2\n")
    #expect(isRemoved(try file(name)))
    let folder = try file("x").split(separator: "/").dropLast().joined(separator: "/")
    #expect(isRemoved("/\(folder)"), "an empty session's directory goes, too")
  }

  @Test("fact 94: a second holder keeps the name and the data of one that was killed")
  func theSecondHolderKeepsIt() {
    let first = holder("x")
    let second = holder("x")
    first.kill()
    first.wait()
    #expect(look("x") == "from the holder\n")
    second.closeInput()
    #expect(second.wait() == 0)
    #expect(look("x") == "2\n")
  }

  @Test(
    "fact 95: a process that ends without closing closes all the same",
    arguments: [("", 0), ("os.exit(5)", 5), ("os.exit(6, true)", 6), ("error('over')", 1)])
  func theEndOfAProcessCloses(ending: String, status: Int32) throws {
    let outcome = moonpool(
      "-e", "v = assert(shm.create('x', 8)) w = assert(v:map{}) \(ending)", session: session)
    #expect(outcome.status == status)
    #expect(access(try file("x"), F_OK) != 0, "the file is gone before anybody looks")
    #expect(look("x") == "2\n")
  }

  @Test("fact 98: two processes meet by name, in both directions")
  func twoProcessesMeet() {
    let child = holder("meet")
    let here = moonpool(
      "-e",
      """
      local view <close> = assert(shm.open("meet"))
      io.write(view:read())
      view:write("from the visitor")
      """, session: session)
    #expect(here.output == "from the holder")
    #expect(look("meet") == "from the visitor\n")
    child.closeInput()
    #expect(child.wait() == 0)
  }

  @Test("fact 100: a program that a holder starts inherits no handle")
  func noHandleIsInherited() throws {
    // A sleeper that outlives the view and its process: it would hold whatever it got.
    let outcome = moonpool(
      "-e",
      """
      local view = assert(shm.create("x", 8))
      local sleeper = io.popen("ls -l /proc/self/fd; sleep 20 >&- 2>&- & echo $!")
      local listing = sleeper:read("a")
      io.write(listing)
      view:close()
      print(shm.open("x"))
      """, session: session)
    let lines = outcome.output.split(separator: "\n")
    let sleeper = lines.compactMap { pid_t($0) }.first
    defer { if let sleeper { kill(sleeper, SIGKILL) } }
    #expect(sleeper != nil, "\(outcome.output)")
    #expect(!outcome.output.contains("moonpool-"), "\(outcome.output)")
    #expect(lines.last?.hasPrefix("nil\topen x: ERROR_FILE_NOT_FOUND (2)") == true)
  }
}
