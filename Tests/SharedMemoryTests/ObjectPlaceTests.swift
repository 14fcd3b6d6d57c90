import Glibc
import SharedMemory
import TestSupport
import Testing

/// Strangers in the place of an object's file.
@Suite struct AnObjectsPlaceIsTaken {
  let root: ShmRoot
  let session: Session

  init() throws {
    root = try ShmRoot()
    session = root.session()
    mkdir(root.local, 0o700)
    chmod(root.local, 0o700)
  }

  enum Stranger: Sendable { case directory, link, dangling, pipe, socket, device }

  private func put(_ stranger: Stranger, _ path: String) -> Bool {
    switch stranger {
    case .directory: mkdir(path, 0o700) == 0
    case .link: symlink("/etc/passwd", path) == 0
    case .dangling: symlink("\(root.path)/nowhere", path) == 0
    case .pipe: mkfifo(path, 0o600) == 0
    case .socket: mknod(path, S_IFSOCK | 0o600, 0) == 0
    case .device: mknod(path, S_IFCHR | 0o600, makedev(1, 3)) == 0
    }
  }

  @Test(arguments: [Stranger.directory, .link, .dangling, .pipe, .socket])
  func whichIsNoSharedMemory(stranger: Stranger) throws {
    try expectNoSharedMemory(stranger)
  }

  @Test(.enabled(if: geteuid() == 0, "only root makes devices"))
  func byADeviceWhichIsNoSharedMemory() throws { try expectNoSharedMemory(.device) }

  private func expectNoSharedMemory(_ stranger: Stranger) throws {
    let path = "\(root.local)/x"
    try #require(put(stranger, path))
    let before = root.mode(path)
    let reason = "the name belongs to a directory, a link or a pipe, which is no shared memory"
    for access in Access.allCases {
      #expect(
        refusal { _ = try MemoryObject.open("x", access: access, in: session) }?
          .hasSuffix(reason) == true)
    }
    #expect(
      refusal { _ = try MemoryObject.create("x", size: 1, in: session) }?
        .hasPrefix("create x: ERROR_INVALID_HANDLE (6") == true)
    #expect(try session.list(.local).map(\.text) == [])
    #expect(root.mode(path) == before && before != 0)
    #expect(access("\(root.path)/nowhere", F_OK) == -1)
  }

  /// Nobody holds a lock, so nobody has it: the sweep takes it away.
  @Test func byAFileWithoutLocksWhichIsDead() throws {
    root.makeFile("\(root.local)/x")
    root.makeFile("\(root.local)/no%name", mode: 0o400)
    #expect(
      refusal { _ = try MemoryObject.open("x", in: session) }?
        .hasPrefix("open x: ERROR_FILE_NOT_FOUND (2)") == true)
    #expect(root.entries(root.local) == [])
  }

  @Test(arguments: [0o600, 0o400, 0o666] as [mode_t])
  func byADeadFileOfAnyModeAndCreateMakesItNew(mode: mode_t) throws {
    // The session has swept, so that `create` itself meets the dead.
    try MemoryObject.create("other", size: 1, in: session).close()
    root.makeFile("\(root.local)/x", mode: mode)
    let object = try MemoryObject.create("x", size: 5, in: session)
    #expect(object.existed == false)
    #expect(try object.map().read(5) == [0, 0, 0, 0, 0])
  }
}

private func makedev(_ major: UInt, _ minor: UInt) -> dev_t { major << 8 | minor }
