import Glibc
import SharedMemory
import TestSupport
import Testing

/// A process that holds objects until it is told to end.
private func holder(_ session: String, _ script: String) -> Child {
  let child = Child(
    Places.moonpool, ["-e", script + #" io.write("ready\n"):flush() io.read()"#],
    environment: ["MOONPOOL_SESSION": session], input: .open)
  #expect(child.prints("ready\n"), "\(child.complained)")
  return child
}

@Suite struct AListing {
  let word = Places.unique()
  let session: Session

  init() { session = Session(named: word) }

  @Test func showsWhatLives() throws {
    let root = try ShmRoot()
    let session = root.session(named: "s")
    let plain = try MemoryObject.create("b", size: 4097, in: session)
    let shared = try MemoryObject.create("a/.", size: 1, .init(mode: 0o644), in: session)
    let readOnly = try MemoryObject.create("c", size: 3, .init(access: .read), in: session)
    let global = try MemoryObject.create(#"Global\é"#, size: 5, .init(mode: 0o666), in: session)
    let entries = try session.list(.local)
    #expect(entries.map(\.text) == [#"Local\a/."#, #"Local\b"#, #"Local\c"#])
    #expect(entries.map(\.name) == entries.map { Array($0.text.utf8) })
    #expect(entries.map(\.size) == [1, 4097, 3])
    #expect(entries.map(\.mode) == [0o644, 0o600, 0o400])
    #expect(entries.allSatisfy { $0.type == "mapping" && $0.owner == geteuid() })
    #expect(entries.map(\.path) == [shared.path, plain.path, readOnly.path])
    #expect(try session.list(.global).map(\.text) == [#"Global\é"#])
    #expect(try session.list(.global).map(\.mode) == [0o666])
    for object in [plain.path, shared.path, readOnly.path, global.path] { #expect(object != nil) }
    plain.close()
    #expect(try session.list(.local).map(\.text) == [#"Local\a/."#, #"Local\c"#])
    shared.close()
    readOnly.close()
    global.close()
  }

  @Test func ofANamespaceThatIsNotThereIsEmptyAndMakesNothing() throws {
    let root = try ShmRoot()
    #expect(try root.session().list(.local).isEmpty)
    #expect(try root.session().list(.global).isEmpty)
    #expect(root.entries() == [])
  }

  @Test func doesNotShowTheDeadAndRemovesThem() throws {
    let keeper = try MemoryObject.create("keeper", size: 1, in: session)
    let child = holder(word, #"v = assert(shm.create("dead", 9)) w = assert(shm.open("keeper"))"#)
    #expect(try session.list(.local).map(\.text) == [#"Local\dead"#, #"Local\keeper"#])
    child.kill()
    child.wait()
    let file = "/dev/shm/moonpool-\(geteuid())@\(word)/dead"
    #expect(try session.list(.local).map(\.text) == [#"Local\keeper"#])
    #expect(isRemoved(file))
    keeper.close()
  }

  @Test func isRightWhileObjectsComeAndGo() throws {
    let fixed = try MemoryObject.create("fixed", size: 1, in: session)
    let children = (1...3).map { number in
      holder(
        word,
        """
        io.write("ready\\n"):flush()
        for i = 1, 1500 do
          local v <close> = assert(shm.create("come-\(number)-" .. i % 7, i))
        end
        """)
    }
    var seen = 0
    repeat {
      let names = try session.list(.local).map(\.text)
      #expect(names.filter { $0 == #"Local\fixed"# }.count == 1)
      #expect(names.count <= 4 && Set(names).count == names.count)
      #expect(names.allSatisfy { $0 == #"Local\fixed"# || $0.hasPrefix(#"Local\come-"#) })
      seen += names.count - 1
    } while children.contains { !$0.printed.hasSuffix("ready\nready\n") }
    #expect(seen > 0)
    for child in children {
      child.closeInput()
      #expect(child.wait() == 0, "\(child.complained)")
    }
    #expect(try session.list(.local).map(\.text) == [#"Local\fixed"#])
    fixed.close()
  }

  @Test func namesTheProcessesThatHoldAnObject() throws {
    let child = holder(word, #"v = assert(shm.create("x", 9))"#)
    let twice = holder(
      word, #"v = assert(shm.open("x")) w = assert(shm.open("x", {access = "r"}))"#)
    let own = try MemoryObject.open("x", in: session)
    let copy = own.duplicate()
    let entry = try #require(try session.list(.local).first)
    let holders = session.holders(of: entry)
    let expected = [(child.pid, 1), (twice.pid, 2), (getpid(), 1)].sorted { $0.0 < $1.0 }
    #expect(holders.map(\.process) == expected.map { Int($0.0) })
    #expect(holders.map(\.handles) == expected.map { $0.1 })
    #expect(holders.allSatisfy { $0.user == geteuid() })
    #expect(holders.first { $0.process == Int(child.pid) }?.command == Array("moonpool".utf8))
    expectClaims(4, entry)
    own.close()
    expectClaims(4, entry)  // a duplicate shares its original's claim
    copy.close()
    expectClaims(3, entry)
    twice.kill()
    twice.wait()
    #expect(session.holders(of: entry).map(\.process) == [Int(child.pid)])
    child.closeInput()
    child.wait()
    #expect(session.holders(of: entry).isEmpty)
    expectClaims(0, entry)
  }

  /// A child that another test starts has this process's descriptors for a moment.
  private func expectClaims(_ count: Int, _ entry: Session.Entry) {
    #expect(poll(within: 2) { session.handles(of: entry) == count })
  }

  @Test func showsWhatAStoppedProcessHolds() throws {
    let child = holder(word, #"v = assert(shm.create("x", 9))"#)
    child.kill(SIGSTOP)
    let entry = try #require(try session.list(.local).first)
    #expect(entry.text == #"Local\x"#)
    #expect(session.holders(of: entry).map(\.process) == [Int(child.pid)])
    #expect(try MemoryObject.open("x", in: session).size == 9)
    child.kill(SIGCONT)
    child.closeInput()
    #expect(child.wait() == 0)
    #expect(try session.list(.local).isEmpty)
  }

  /// A view keeps its bytes, not the name.
  @Test func doesNotShowWhatOnlyAViewHolds() throws {
    let object = try MemoryObject.create("x", size: 1, in: session)
    let view = try object.map()
    object.close()
    #expect(try session.list(.local).isEmpty)
    try view.write([1])
  }
}

/// One name belongs to one type at a time (facts 46 and 47 of `Tests/Facts.md`).
@Suite struct AnotherTypeOfObject {
  let word = Places.unique()
  let session: Session

  init() { session = Session(named: word) }

  private func create(_ kind: ObjectKind, _ name: String) throws -> MemoryObject {
    let name = Array(name.utf8)
    return try Acquisition("create", shown(name), .readWrite, session, kind: kind)
      .create(ObjectName(name, for: "create"), 64, .init())
  }

  private func open(_ kind: ObjectKind, _ name: String) throws -> MemoryObject {
    let name = Array(name.utf8)
    return try Acquisition("open", shown(name), .readWrite, session, kind: kind)
      .open(ObjectName(name, for: "open"))
  }

  private func one(_ kind: String) -> String { "\(kind == "event" ? "an" : "a") \(kind)" }

  private func other(_ operation: String, _ found: String, _ wanted: String) -> String {
    let remedy = found.hasPrefix("object") ? "with that version" : "as \(one(found))"
    return "\(operation) x: ERROR_INVALID_HANDLE (6): the name belongs to another type (\(found)), "
      + "not \(one(wanted)); open it \(remedy), or look at it with 'moonpool stat'"
  }

  @Test func keepsItsNameFromMappings() throws {
    let event = try create(.event, "x")
    #expect(
      refusal { _ = try MemoryObject.create("x", size: 1, in: session) }
        == other("create", "event", "mapping"))
    #expect(
      refusal { _ = try MemoryObject.create("x", size: 1, .init(exclusive: true), in: session) }
        == other("create", "event", "mapping"))
    #expect(
      refusal { _ = try MemoryObject.open("x", in: session) } == other("open", "event", "mapping"))
    #expect(refusal { _ = try open(.mutex, "x") } == other("open", "event", "mutex"))
    #expect(try open(.event, "x").size == 64)
    let entry = try #require(try session.list(.local).first)
    #expect(entry.type == "event" && entry.mode == 0o600)
    // A refusal keeps no claim.
    #expect(poll(within: 2) { session.handles(of: entry) == 1 })
    event.close()
    #expect(try MemoryObject.create("x", size: 1, in: session).existed == false)
  }

  @Test(arguments: [ObjectKind.event, .mutex, .semaphore])
  func cannotTakeAMappingsName(kind: ObjectKind) throws {
    let mapping = try MemoryObject.create("x", size: 64, in: session)
    #expect(refusal { _ = try create(kind, "x") } == other("create", "mapping", kind.name))
    #expect(refusal { _ = try open(kind, "x") } == other("open", "mapping", kind.name))
    let entry = try #require(try session.list(.local).first)
    #expect(poll(within: 2) { session.handles(of: entry) == 1 })
    mapping.close()
    let object = try create(kind, "x")
    #expect(try session.list(.local).map(\.type) == [kind.name])
    object.close()
  }

  /// Every mode and every content: only the sticky bit makes another type, which no mapping has.
  @Test func isNotWhatAMappingWithItsBytesIs() throws {
    let event = try create(.event, "e")
    let header = try event.map().read(16)
    #expect(header.starts(with: "moonpool".utf8))
    let mapping = try MemoryObject.create("x", size: 64, .init(mode: 0o777), in: session)
    try mapping.map().write(header)
    #expect(try MemoryObject.open("x", in: session).size == 64)
    #expect(refusal { _ = try open(.event, "x") } == other("open", "mapping", "event"))
    #expect(try session.list(.local).map(\.type) == ["event", "mapping"])
    event.close()
  }

  @Test(arguments: [UInt8(3), 5]) func ofAnotherVersionIsSaidToBeOne(format: UInt8) throws {
    let event = try create(.event, "x")
    try event.map().write([format], at: 8)
    #expect(
      refusal { _ = try open(.event, "x") }
        == other("open", "object of another version", "event"))
    #expect(try session.list(.local).map(\.type) == ["another type"])
  }

  @Test func isNoObstacleWhenItIsDead() throws {
    let keeper = try MemoryObject.create("keeper", size: 1, in: session)
    let path = "/dev/shm/moonpool-\(geteuid())@\(word)/x"
    // A dead event: its file without anybody's lock.
    let file = Glibc.open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    fchmod(file, 0o1600)
    close(file)
    let mapping = try MemoryObject.create("x", size: 1, in: session)
    #expect(mapping.existed == false)
    #expect(try session.list(.local).map(\.type) == ["mapping", "mapping"])
    keeper.close()
  }
}
