import Glibc
import SharedMemory
import TestSupport
import Testing

private let wayOut =
  #", or set MOONPOOL_SESSION to a word of your own, or share through Global\"#

/// Strangers in the place of a namespace's directory: nothing is followed, made or removed.
@Suite struct ANamespaceDirectoryIsRefused {
  let root: ShmRoot
  let session: Session

  init() throws {
    root = try ShmRoot()
    session = root.session()
  }

  /// Whatever stands there, each operation says the same and the root is as before.
  private func expectRefusal(
    _ place: String = "x", in directory: String, _ code: String, _ advice: String
  ) {
    let before = root.entries()
    let list: Session.Place = place == "x" ? .local : .global
    #expect(
      refusal { _ = try MemoryObject.create(place, size: 1, in: session) }
        == "create \(place): \(code): \(directory) \(advice)")
    #expect(
      refusal { _ = try MemoryObject.open(place, in: session) }
        == "open \(place): \(code): \(directory) \(advice)")
    #expect(refusal { _ = try session.list(list) }?.hasSuffix("\(directory) \(advice)") == true)
    #expect(root.entries() == before)
  }

  private func expectNoDirectory() {
    expectRefusal(
      in: root.local, "ERROR_ACCESS_DENIED (5)",
      "is not a directory (a link is not followed); remove it\(wayOut)")
  }

  private let changed =
    "others may have changed what is in it: end its users and remove it"

  @Test(arguments: [0o755, 0o777, 0o1700, 0o500, 0o600] as [mode_t])
  func withAnotherMode(mode: mode_t) {
    mkdir(root.local, 0)
    chmod(root.local, mode)
    expectRefusal(
      in: root.local, "ERROR_ACCESS_DENIED (5)",
      "has mode 0\(String(mode, radix: 8)) instead of 0700; \(changed)\(wayOut)")
    #expect(root.entries(root.local) == [])
    chmod(root.local, 0o700)
  }

  @Test func withAModeThatIsNotEverybodys() {
    mkdir(root.global, 0)
    chmod(root.global, 0o777)
    expectRefusal(
      #"Global\x"#, in: root.global, "ERROR_ACCESS_DENIED (5)",
      "has mode 0777 instead of 01777; \(changed)")
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give a directory away"))
  func withAnotherOwner() {
    mkdir(root.local, 0o700)
    chown(root.local, 54_321, 54_321)
    expectRefusal(
      in: root.local, "ERROR_ACCESS_DENIED (5)",
      "belongs to uid 54321, not to you; somebody made it first: have it removed\(wayOut)")
    #expect(root.entries(root.local) == [])
  }

  @Test func thatIsAFile() {
    root.makeFile(root.local, "kept")
    expectNoDirectory()
    #expect(root.mode(root.local) & S_IFMT == S_IFREG)
  }

  @Test func thatIsAPipeWhichNobodyWrites() {
    mkfifo(root.local, 0o700)
    expectNoDirectory()
  }

  @Test func thatIsALinkToNowhere() {
    symlink("\(root.path)/made-by-nobody", root.local)
    expectNoDirectory()
    #expect(access("\(root.path)/made-by-nobody", F_OK) == -1)
  }

  @Test func thatIsALinkToADirectoryOfOurs() {
    mkdir("\(root.path)/ours", 0o700)
    symlink("ours", root.local)
    expectNoDirectory()
    #expect(root.entries("\(root.path)/ours") == [])
  }

  @Test func thatIsALinkToASystemDirectory() {
    symlink("/etc", root.local)
    expectNoDirectory()
  }

  @Test func thatDoesNotExistAndHasNoParent() {
    let session = Session(session: nil, strictGlobal: false, root: "\(root.path)/gone")
    #expect(
      refusal { _ = try MemoryObject.create("x", size: 1, in: session) }
        == "create x: ERROR_PATH_NOT_FOUND (3, ENOENT): "
        + "\(root.path)/gone does not exist; let root mount a tmpfs there")
    #expect(root.entries() == [])
  }
}

/// The directory goes while a session has it open.
@Suite struct ADirectoryIsRemovedUnderARunningSession {
  let root: ShmRoot
  let session: Session

  init() throws {
    root = try ShmRoot()
    session = root.session()
  }

  /// How a stranger takes the directory away.
  enum Removal: CaseIterable, Sendable { case removed, renamed }

  private func take(_ removal: Removal) {
    switch removal {
    case .removed: root.remove(root.local)
    case .renamed: rename(root.local, "\(root.path)/aside")
    }
  }

  @Test(arguments: Removal.allCases)
  func anOpenThenSaysNotFound(removal: Removal) throws {
    let object = try MemoryObject.create("x", size: 1, in: session)
    take(removal)
    #expect(
      refusal { _ = try MemoryObject.open("y", in: session) }
        == "open y: ERROR_FILE_NOT_FOUND (2): "
        + "no process holds an object of this name; start the one that creates it first")
    #expect(try session.list(.local).map(\.text) == [])
    #expect(object.isRemoved == (removal == .removed))
    #expect(root.mode(root.local) == 0)
  }

  @Test func theNextCreateMakesAnother() throws {
    let lost = try MemoryObject.create("x", size: 1, in: session)
    take(.removed)
    let object = try MemoryObject.create("x", size: 2, in: session)
    #expect(object.existed == false)
    #expect(lost.isRemoved == true)
    #expect(object.isRemoved == false)
    #expect(root.mode(root.local) == S_IFDIR | 0o700)
    #expect(try MemoryObject.open("x", in: root.session()).size == 2)
  }

  @Test(arguments: Removal.allCases)
  func objectsInTheNewOneAreFound(removal: Removal) throws {
    let lost = try MemoryObject.create("x", size: 1, in: session)
    take(removal)
    let others = root.session()
    let object = try MemoryObject.create("x", size: 2, in: others)
    // A listing first: it must not need an open's failure to look again.
    #expect(try session.list(.local).map(\.size) == [2])
    #expect(try MemoryObject.open("y", in: others, isThere: false))
    #expect(try MemoryObject.open("y", in: session, isThere: false))
    #expect(try MemoryObject.open("x", in: session).size == 2)
    object.close()
    lost.close()
  }

  @Test func aLinkInItsPlaceIsNotFollowed() throws {
    try MemoryObject.create("x", size: 1, in: session).close()
    take(.removed)
    symlink("/etc", root.local)
    #expect(
      refusal { _ = try MemoryObject.open("x", in: session) }
        == "open x: ERROR_ACCESS_DENIED (5): \(root.local) "
        + "is not a directory (a link is not followed); remove it\(wayOut)")
  }
}

extension MemoryObject {
  /// Whether `open` answers as expected, without keeping the handle.
  fileprivate static func open(
    _ name: String, in session: Session, isThere: Bool
  ) throws -> Bool {
    do throws(SharedMemoryError) {
      let object = try open(name, in: session)
      return object.existed == isThere
    } catch {
      if error.code != .fileNotFound { throw error }
      return !isThere
    }
  }
}

/// The umask is the whole process's, so each is a process of its own.
@Suite struct TheUmaskChangesNothing {
  @Test(arguments: ["077", "0", "0777"])
  func ofDirectoriesAndObjects(umask: String) throws {
    let session = Places.unique()
    let shared = Places.unique()
    let script = """
      local a = assert(shm.create("a", 1, {mode = "0640"}))
      local b = assert(shm.create([[Global\\\(shared)]], 1, {mode = "0666"}))
      io.write("ready\\n"):flush()
      io.read()
      """
    let child = Child(
      "/bin/sh", ["-c", "umask \(umask); exec \"$0\" -e \"$1\"", Places.moonpool, script],
      environment: ["MOONPOOL_SESSION": session], input: .open)
    #expect(child.prints("ready\n"), "\(child.complained)")
    let directory = "/dev/shm/moonpool-\(geteuid())@\(session)"
    #expect(mode(directory) == S_IFDIR | 0o700)
    #expect(mode("\(directory)/a") == S_IFREG | 0o640)
    #expect(mode("/dev/shm/moonpool-global") == S_IFDIR | 0o1777)
    #expect(mode("/dev/shm/moonpool-global/\(shared)") == S_IFREG | 0o666)
    child.closeInput()
    #expect(child.wait() == 0)
    #expect(mode(directory) == 0)
  }

  private func mode(_ path: String) -> UInt32 {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode : 0
  }
}

@Suite struct StrictGlobal {
  @Test(.enabled(if: geteuid() != 0, "root may; as another user: OtherUserTests"))
  func refusesOrdinaryUsers() throws {
    let root = try ShmRoot()
    let session = root.session(strictGlobal: true)
    #expect(
      refusal { _ = try MemoryObject.create(#"Global\x"#, size: 1, in: session) }
        == #"create Global\x: ERROR_ACCESS_DENIED (5): "#
        + #"MOONPOOL_GLOBAL=strict lets only root create in Global\; use Local\"#)
    #expect(root.entries() == [])
  }

  @Test(.enabled(if: geteuid() == 0, "an ordinary user may not"))
  func letsRootCreate() throws {
    let root = try ShmRoot()
    let object = try MemoryObject.create(
      #"Global\x"#, size: 1, in: root.session(strictGlobal: true))
    #expect(object.existed == false)
  }

  @Test func leavesLocalNamesAlone() throws {
    let root = try ShmRoot()
    let object = try MemoryObject.create(
      #"Local\x"#, size: 1, in: root.session(strictGlobal: true))
    #expect(object.existed == false)
  }
}
