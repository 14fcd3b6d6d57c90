import CShm
import Glibc
import SharedMemory
import Synchronization
import TestSupport
import Testing

/// What looking asks the kernel: the table of everybody's locks stops all who lock, so only a
/// listing reads it, and only once.
@Suite struct ALook {
  private final class Files: SystemObserver {
    let seesSweeps = true
    private let opened = Mutex<[String]>([])
    func step(_ step: LifetimeStep?) {}
    func before(_ call: SystemCall) -> Errno? {
      if call.name == "openat" { opened.withLock { $0.append(call.arguments) } }
      return nil
    }
    func after(_ call: SystemCall, _ result: Result<Int, Errno>) {}

    /// How often a file of this name was opened since the last time.
    func count(_ part: String) -> Int {
      opened.withLock { all in
        defer { all = [] }
        return all.count { $0.contains(part) }
      }
    }
  }

  private let root: ShmRoot
  private let files = Files()
  private let session: Session

  init() throws {
    root = try ShmRoot()
    session = root.session(named: "s", system: System(observer: files))
  }

  @Test func neverReadsTheTableOfAllLocks() throws {
    let object = try MemoryObject.create("x", size: 100, in: session)
    let event = try NamedEvent.create("e", in: session)
    let entry = try session.find(Array("x".utf8))
    #expect(entry.claims == nil && !entry.isClosed)
    let holders = session.holders(of: entry)
    #expect(holders.contains { $0.process == Int(getpid()) && $0.access == .readWrite })
    #expect(session.unseen(of: entry, beside: holders) == .no)
    #expect(try session.state(of: session.find(Array("e".utf8))) != nil)
    let reader = try session.reader(of: Array("x".utf8))
    #expect(reader.lives && reader.size == 100)
    _ = session.examine()
    _ = refusal { _ = try session.find(Array("nobody".utf8)) }
    _ = refusal { _ = try MemoryObject.open("nobody", in: session) }
    _ = try session.census(counting: false).list(.local)
    #expect(files.count("/proc/locks") == 0)
    object.close()
    #expect(reader.lives == false)
    #expect(event.existed == false)
  }

  @Test func ofAllObjectsReadsItOnce() throws {
    let object = try MemoryObject.create("x", size: 100, in: session)
    let global = try MemoryObject.create(#"Global\x"#, size: 100, in: session)
    _ = files.count("")
    let census = session.census()
    let entries = try census.list(.local) + census.list(.global)
    #expect(entries.map(\.text) == [#"Local\x"#, #"Global\x"#])
    #expect(entries.allSatisfy { ($0.claims ?? 0) >= 1 })
    #expect(files.count("/proc/locks") == 1)
    object.close()
    global.close()
  }

  /// Only descriptors of the object's own file are looked at closely.
  @Test func asksOnlyWhoHasTheFileOpen() throws {
    let object = try MemoryObject.create("x", size: 100, in: session)
    let others = try (0..<20).map { try MemoryObjectBox(session, "other\($0)") }
    let entry = try session.find(Array("x".utf8))
    _ = files.count("")
    #expect(session.holders(of: entry).contains { $0.process == Int(getpid()) && $0.handles == 1 })
    // Its lock and its memory, and perhaps those of a child that another test starts.
    #expect((2...8).contains(files.count("/fdinfo/")))
    #expect(others.count == 20)
    object.close()
  }

  private final class MemoryObjectBox {
    let object: MemoryObject
    init(_ session: Session, _ name: String) throws {
      object = try MemoryObject.create(name, size: 1, in: session)
    }
  }

  /// A claim of another program's, in any language, is one.
  @Test func countsAPlainLockAsAClaim() throws {
    let keeper = try MemoryObject.create("keeper", size: 1, in: session)
    let path = "\(root.path)/moonpool-\(geteuid())@s/plain"
    root.makeFile(path, "plain")
    let file = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    #expect(refusal { _ = try session.find(Array("plain".utf8)) }?.contains("(2)") == true)
    root.makeFile(path, "plain")
    let other = open(path, O_RDONLY | O_CLOEXEC)
    #expect(cshm_lock(other, CSHM_READ, 0x7000_0000_0000_0001, 1) == 0)
    let entry = try session.find(Array("plain".utf8))
    let holder = session.holders(of: entry).first { $0.process == Int(getpid()) }
    #expect(holder?.handles == 1 && holder?.access == .read)
    close(other)
    // A child that another test is starting has the descriptor, too, until its exec.
    #expect(
      poll { refusal { _ = try session.reader(of: Array("plain".utf8)) }?.contains("(2)") == true })
    keeper.close()
  }

  /// Whoever only opened it has its name on a descriptor; whoever made it has none.
  @Test(arguments: [false, true]) func ofARemovedObjectKnowsItsName(opened: Bool) throws {
    guard opened || ShmRoot.keepsAttributes else { return }
    let made = try MemoryObject.create("a/b", size: 100, in: session)
    let other = opened ? try MemoryObject.open("a/b", in: session) : made.duplicate()
    if opened { made.close() }
    #expect(unlink(other.path!) == 0)
    #expect(
      session.examine().filter { !$0.isFine }.map(\.text).contains(
        "process \(getpid()) holds Local\\a/b, whose name another program removed; "
          + "restart its users to share it again"))
    other.close()
  }

  /// An attribute that says something else than the file's own name is nobody's word.
  @Test func ofARemovedObjectDoesNotTrustAnAttribute() throws {
    guard ShmRoot.keepsAttributes else { return }
    let made = try MemoryObject.create("true", size: 100, in: session)
    let other = try MemoryObject.open("true", in: session)
    let file = open(made.path!, O_RDWR | O_CLOEXEC)
    #expect(fsetxattr(file, "user.moonpool.name", "false", 5, 0) == 0)
    close(file)
    #expect(unlink(made.path!) == 0)
    let findings = session.examine().map(\.text)
    #expect(findings.contains { $0.contains(#" holds Local\true, "#) })
    #expect(!findings.contains { $0.contains(#"Local\false"#) })
    made.close()
    other.close()
  }

  private func refusalOfWriting(
    _ bytes: [UInt8], at offset: Int, _ object: borrowing MemoryObject
  ) -> String? {
    bytes.withUnsafeBytes { buffer in
      do throws(SharedMemoryError) {
        try object.write(buffer, at: offset)
        return nil
      } catch { return error.description }
    }
  }

  @Test func writesBytesOnlyInsideTheObject() throws {
    let object = try MemoryObject.create("x", size: 8, in: session)
    #expect(refusalOfWriting([1, 2, 3], at: 5, object) == nil)
    #expect(refusalOfWriting([], at: 8, object) == nil)
    for (bytes, offset) in [([1, 2, 3, 4], 5), ([], 9), ([1], -1), ([1], Int.max)]
      as [([UInt8], Int)]
    {
      #expect(
        refusalOfWriting(bytes, at: offset, object)
          == "write x: ERROR_INVALID_PARAMETER (87): \(bytes.count) bytes at offset \(offset) are "
          + "not inside of the object's 8 bytes")
    }
    #expect(try object.map().read(8) == [0, 0, 0, 0, 0, 1, 2, 3])
    // A file that a peer truncated does not grow again.
    #expect(truncate(object.path!, 4) == 0)
    #expect(
      refusalOfWriting([9], at: 7, object)?.hasPrefix("write x: ERROR_SWAPERROR (999): ") == true)
    var status = stat()
    #expect(stat(object.path!, &status) == 0 && status.st_size == 4)
    let reader = try MemoryObject.open("x", access: .read, in: session)
    #expect(
      refusalOfWriting([1], at: 0, reader)
        == "write x: ERROR_ACCESS_DENIED (5): the handle is read-only")
    reader.close()
    object.close()
  }
}
