import Glibc
import SharedMemory
import TestSupport
import Testing

@Suite struct ASession {
  let root: ShmRoot

  init() throws { root = try ShmRoot() }

  private func isFound(_ name: String, _ session: Session) throws -> Bool {
    do throws(SharedMemoryError) {
      try MemoryObject.open(name, in: session).close()
      return true
    } catch {
      if error.code != .fileNotFound { throw error }
      return false
    }
  }

  @Test func keepsItsLocalNamesToItself() throws {
    let object = try MemoryObject.create(#"Local\x"#, size: 1, in: root.session(named: "one"))
    #expect(try isFound("x", root.session(named: "one")))
    #expect(try !isFound("x", root.session(named: "two")))
    #expect(try !isFound("x", root.session(named: "ONE")))
    #expect(try !isFound("x", root.session()))
    object.close()
    #expect(try !isFound("x", root.session(named: "one")))
  }

  @Test func sharesGlobalNames() throws {
    let object = try MemoryObject.create(#"Global\x"#, size: 1, in: root.session(named: "one"))
    #expect(try isFound(#"Global\x"#, root.session(named: "two")))
    #expect(try isFound(#"Global\x"#, root.session()))
    object.close()
  }

  @Test func leavesNoDirectoryBehindItsLastObject() throws {
    let session = root.session(named: "s")
    let first = try MemoryObject.create("x", size: 1, in: session)
    let second = try MemoryObject.create("y", size: 1, in: session)
    first.close()
    #expect(root.entries() == ["moonpool-\(geteuid())@s"])
    second.close()
    #expect(root.entries() == [])
    // And works again after.
    let third = try MemoryObject.create("x", size: 1, in: session)
    #expect(try isFound("x", root.session(named: "s")))
    third.close()
    #expect(root.entries() == [])
  }

  @Test func withoutAWordKeepsItsDirectory() throws {
    try MemoryObject.create("x", size: 1, in: root.session(named: "")).close()
    #expect(root.entries() == ["moonpool-\(geteuid())"])
  }

  @Test(arguments: [
    "../x", "..", ".", "/", "../../../../etc", "a/b", "\n", "%", " ", "-rf", "é", "x\u{7F}",
    String(repeating: "w", count: 255), String(repeating: "w", count: 300),
    String(repeating: "/", count: 300), String(repeating: "é", count: 20_000),
  ])
  func ofAnyWordStaysInItsRoot(word: String) throws {
    let session = root.session(named: word)
    let object = try MemoryObject.create("x", size: 1, in: session)
    let entries = root.entries()
    #expect(entries.count == 1)
    #expect(entries.first?.hasPrefix("moonpool-\(geteuid())@") == true)
    #expect(try isFound("x", root.session(named: word)))
    #expect(try !isFound("x", root.session(named: word + "w")))
    object.close()
    #expect(root.entries() == [])
  }

  @Test func isToldApartFromTheMachinesAndOtherUsersDirectories() throws {
    for word in ["global", "0", "\(geteuid())", "@", "a@b"] {
      let object = try MemoryObject.create("x", size: 1, in: root.session(named: word))
      #expect(root.entries() == ["moonpool-\(geteuid())@\(word)"])
      object.close()
    }
  }
}

/// The same through the environment, in two processes.
@Test func processesOfOneSessionWordShareTheirNames() throws {
  let word = Places.unique("../hostile/word")
  let child = Child(
    Places.moonpool,
    ["-e", #"v = assert(shm.create("x", 9)) io.write("ready\n"):flush() io.read()"#],
    environment: ["MOONPOOL_SESSION": word], input: .open)
  #expect(child.prints("ready\n"), "\(child.complained)")
  let script = #"local v, _, code = shm.open("x") print(v and #v or code)"#
  #expect(moonpool("-e", script, session: word).output == "9\n")
  #expect(moonpool("-e", script, session: word + "x").output == "2\n")
  #expect(try MemoryObject.open("x", in: Session(named: word)).size == 9)
  child.kill()
  child.wait()
  #expect(moonpool("-e", script, session: word).output == "2\n")
  let path =
    "/dev/shm/moonpool-\(geteuid())@"
    + String(decoding: NameEncoding.encode(Array(word.utf8)), as: UTF8.self)
  // The last operation removed the dead object, and with it the session's directory.
  #expect(isRemoved(path))
}
