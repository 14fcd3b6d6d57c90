import CShm
import Glibc
import SharedMemory
import TestSupport
import Testing

/// Names too long for a file's: the file is named by a hash, and keeps the whole name.
@Suite(.enabled(if: ShmRoot.keepsAttributes, "the kernel keeps no attributes on tmpfs"))
struct ALongName {
  private let root: ShmRoot
  private let session: Session
  private let name = "n" + String(repeating: "é", count: 200)

  init() throws {
    root = try ShmRoot()
    session = root.session(named: "s")
  }

  private var file: String {
    let bytes = NameEncoding.encode(Array(name.utf8))
    return "\(root.local)@s/\(String(decoding: bytes, as: UTF8.self))"
  }

  /// As if another name had the same hash.
  private func rename(_ whole: String?) {
    guard let whole else {
      #expect(removexattr(file, "user.moonpool.name") == 0)
      return
    }
    #expect(setxattr(file, "user.moonpool.name", whole, whole.utf8.count, 0) == 0)
  }

  private func refusals(_ advice: String) {
    let start = name.unicodeScalars.prefix(120)
    let said =
      "\(String(start))…: ERROR_FILENAME_EXCED_RANGE (206): "
      + "the file that stands for this long name \(advice)"
    #expect(refusal { _ = try MemoryObject.open(name, in: session) } == "open \(said)")
    #expect(refusal { _ = try MemoryObject.create(name, size: 1, in: session) } == "create \(said)")
    #expect(
      refusal { _ = try MemoryObject.create(name, size: 1, .init(exclusive: true), in: session) }
        == "create \(said)")
    #expect(refusal { _ = try NamedEvent.create(name, in: session) } == "create \(said)")
    #expect(refusal { _ = try session.find(Array(name.utf8)) } == "find \(said)")
  }

  @Test func isNeverTheObjectOfAnother() throws {
    let object = try MemoryObject.create(name, size: 8, in: session)
    rename("another")
    refusals("belongs to another object, another (7 bytes); choose another name")
    rename(String(repeating: "o", count: 300))
    refusals(
      "belongs to another object, \(String(repeating: "o", count: 40))… (300 bytes); "
        + "choose another name")
    #expect(try session.list(.local).map(\.isWhole) == [false])
    rename(name)
    #expect(try MemoryObject.open(name, in: session).size == 8)
    #expect(try session.list(.local).map(\.isWhole) == [true])
    // What was refused left no claim behind.
    let entry = try session.find(Array(name.utf8))
    #expect(poll(within: 2) { session.handles(of: entry) == 1 })
    object.close()
  }

  @Test func isNotThatOfAFileThatNoMoonpoolMade() throws {
    let object = try MemoryObject.create(name, size: 8, in: session)
    rename(nil)
    refusals("carries no name: no Moonpool made it; have it removed")
    object.close()
  }

  @Test func isWholeForWhoAsksForItWhereTheKernelKeepsNone() throws {
    let faults = NoAttributes()
    let session = root.session(named: "t", system: System(observer: faults))
    let object = try MemoryObject.create(name, size: 8, in: session)
    #expect(try MemoryObject.open(name, in: session).size == 8)
    let entry = try session.find(Array(name.utf8))
    #expect(entry.text == "Local\\\(name)" && entry.isWhole)
    let listed = try #require(try session.list(.local).first)
    #expect(!listed.isWhole && listed.text.hasSuffix("…"))
    object.close()
  }
}

/// A kernel before 6.6.
private final class NoAttributes: SystemObserver {
  var seesSweeps: Bool { true }
  func step(_ step: LifetimeStep?) {}
  func before(_ call: SystemCall) -> Errno? {
    call.name.hasSuffix("xattr") ? Errno(EOPNOTSUPP) : nil
  }
  func after(_ call: SystemCall, _ result: Result<Int, Errno>) {}
}
