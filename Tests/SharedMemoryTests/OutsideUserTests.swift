import Glibc
import SharedMemory
import TestSupport
import Testing

/// A map as `/proc/self/uid_map` has it, our number, by which the machine's root is seen here, and
/// the number of `Local\`'s directory.
@Test(
  arguments: [
    // The machine itself; a sandbox that keeps its user's number.
    ("         0          0 4294967295\n", 1001, 0, 1001),
    ("      1001       1001          1\n", 1001, 65_534, 1001),
    // Rootless containers.
    ("0 1001 1\n", 0, 65_534, 1001), ("0 1002 1\n", 0, 65_534, 1002),
    ("1000 1001 1\n", 1000, 65_534, 1001),
    ("0 1001 1\n1 100000 65536\n", 0, 65_534, 1001),
    ("0 1001 1\n1 100000 65536\n", 33, 65_534, 100_032),
    ("0 100000 65536\n", 65_535, 65_534, 165_535),
    // Root's own container: its user is the machine's root.
    ("1000 0 1\n", 1000, 1000, 0), ("5 0 10\n", 7, 5, 2),
    // Inside of another namespace the numbers are that one's.
    ("0 0 1\n", 0, 65_534, 0), ("1000 0 1\n", 1000, 65_534, 1000), ("5 0 10\n", 7, 65_534, 7),
    // Who is not mapped, and what is no map.
    ("", 65_534, 65_534, 65_534), ("0 1001 1\n", 1, 65_534, 1), ("0 1001\n", 0, 0, 0),
    ("0 4294967295 1\n", 0, 65_534, 0), ("4294967295 1 4294967295\n", 0, 0, 0),
    ("x y z\n", 0, 0, 0),
  ] as [(String, UInt32, UInt32, UInt32)])
func aMapNamesTheUserOutside(map: String, user: UInt32, root: UInt32, outside: UInt32) {
  #expect(OutsideUser.number(of: user, Array(map.utf8), root: { root }) == outside)
}

@Test func whereNobodyKnowsTheMachinesRootItsNumberIsNotTaken() {
  #expect(OutsideUser.number(of: 1000, Array("1000 0 1\n".utf8), root: { nil }) == 1000)
  #expect(OutsideUser.number(of: 0, Array("0 1001 1\n".utf8), root: { nil }) == 1001)
}

@Suite struct ADirectoryOfTheUserOutside {
  private let root: ShmRoot

  init() throws { root = try ShmRoot() }

  private func session(_ word: String? = nil) -> Session {
    Session(
      session: word.map { Array($0.utf8) }, strictGlobal: false, root: root.path,
      outside: { _ in 4321 })
  }

  @Test func isNamedByThatNumberAndOwnedByOurs() throws {
    let object = try MemoryObject.create("x", size: 1, in: session())
    #expect(root.entries() == ["moonpool-4321"])
    #expect(object.path == "\(root.path)/moonpool-4321/x")
    let other = try MemoryObject.create("x", size: 1, in: session("w"))
    #expect(root.entries() == ["moonpool-4321", "moonpool-4321@w"])
    other.close()
    object.close()
  }

  @Test func isWhereTheDeadOfOtherSessionsAreLookedFor() throws {
    let dead = "\(root.path)/moonpool-4321@gone"
    mkdir(dead, 0o700)
    root.makeFile("\(dead)/x")
    mkdir("\(root.local)@gone", 0o700)
    #expect(try session().list(.local).isEmpty)
    #expect(root.entries() == ["moonpool-\(geteuid())@gone"])
  }

  @Test func isAskedForOnlyWhereALocalNameIs() throws {
    let session = Session(
      session: nil, strictGlobal: false, root: root.path,
      outside: { _ in
        Issue.record("nobody needed it")
        return 1
      })
    let name = Places.unique()
    try MemoryObject.create(#"Global\\#(name)"#, size: 1, in: session).close()
    try MemoryObject.create("/\(name)", size: 1, in: session).close()
    try MemoryObject.unlink("/\(name)", in: session)
    try MemoryObject.create(nil, size: 1, in: session).close()
    #expect(refusal { _ = try MemoryObject.open("a\\b", in: session) } != nil)
  }
}
