import Glibc
import SharedMemory
import TestSupport
import Testing

/// A handle with `access: .read` to a file that the process may also write; `OtherUserTests` has
/// those who may only read.
@Suite struct AReader {
  let session = Session(named: Places.unique())

  private func expectClaims(_ expected: [Int]) throws {
    let entries = try session.list(.local)
    // A child that another test starts has this process's descriptors for a moment.
    #expect(poll(within: 2) { entries.map { session.handles(of: $0) } == expected })
  }

  @Test func countsAsAHolder() throws {
    let writer = try MemoryObject.create("x", size: 1, in: session)
    try expectClaims([1])
    let reader = try MemoryObject.open("x", access: .read, in: session)
    try expectClaims([2])
    writer.close()
    try expectClaims([1])
    #expect(try MemoryObject.open("x", in: session).size == 1)
    reader.close()
    try expectClaims([])
  }

  @Test func leavesTheNameToTheOthers() throws {
    let writer = try MemoryObject.create("x", size: 1, in: session)
    try MemoryObject.open("x", access: .read, in: session).close()
    try MemoryObject.open("x", access: .copy, in: session).close()
    try expectClaims([1])
    #expect(writer.isRemoved == false)
  }

  @Test func ofAReadOnlyObjectKeepsItAfterItsCreator() throws {
    let options = MemoryObject.CreateOptions(access: .read, mode: 0o666)
    let creator = try MemoryObject.create("x", size: 1, options, in: session)
    let reader = try MemoryObject.open("x", access: .read, in: session)
    creator.close()
    #expect(try session.list(.local).map(\.mode) == [0o444])
    #expect(
      refusal { _ = try MemoryObject.open("x", in: session) }?
        .hasPrefix("open x: ERROR_ACCESS_DENIED (5") == true)
    try expectClaims([1])
    reader.close()
    #expect(
      refusal { _ = try MemoryObject.open("x", access: .read, in: session) }?
        .hasPrefix("open x: ERROR_FILE_NOT_FOUND (2)") == true)
    #expect(try MemoryObject.create("x", size: 2, in: session).existed == false)
  }

  /// Its holder is killed, so that nobody removes the file; and its mode lets nobody write.
  @Test func findsADeadReadOnlyObjectGoneAndItsNameFree() throws {
    let word = Places.unique()
    let session = Session(named: word)
    let child = Child(
      Places.moonpool,
      [
        "-e",
        #"v = assert(shm.create("x", 9, {access = "r"})) io.write("ready\n"):flush() io.read()"#,
      ], environment: ["MOONPOOL_SESSION": word], input: .open)
    #expect(child.prints("ready\n"), "\(child.complained)")
    let keeper = try MemoryObject.create("keeper", size: 1, in: session)
    child.kill()
    child.wait()
    #expect(
      refusal { _ = try MemoryObject.open("x", access: .read, in: session) }?
        .hasPrefix("open x: ERROR_FILE_NOT_FOUND (2)") == true)
    let object = try MemoryObject.create("x", size: 2, in: session)
    #expect(object.existed == false)
    #expect(object.size == 2)
    object.close()
    keeper.close()
  }
}
