import CShm
import Glibc
import SharedMemory
import TestSupport
import Testing

/// Files that a stranger put into a namespace, held as objects are. Whatever they are, the commands
/// answer, in bounded memory and time, and nothing ends them but an error.
@Suite final class LookingAtWhatStrangersPlant {
  private let word = Places.unique("hostile")
  private let folder: String
  private let keeper: MemoryObject
  private var files: [Int32] = []

  init() throws {
    folder = "/dev/shm/moonpool-\(geteuid())@\(word)"
    keeper = try MemoryObject.create("keeper", size: 8, in: Session(named: word))
  }

  deinit {
    for file in files { close(file) }
    for name in entries(of: folder) ?? [] { unlink("\(folder)/\(name)") }
  }

  /// - Parameter mode: 01000 and more says that it is no mapping.
  private func plant(_ name: String, size: Int, mode: mode_t = 0o600, _ header: [UInt8] = []) {
    let file = open("\(folder)/\(name)", O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    #expect(file >= 0 && ftruncate(file, size) == 0, "\(name)")
    pwrite(file, header, header.count, 0)
    fchmod(file, mode)
    #expect(cshm_lock(file, CSHM_READ, 0x7000_0000_0000_0001, 1) == 0)
    files.append(file)
  }

  private func moonpool(_ words: [String]) -> Outcome {
    run(
      "/bin/sh", ["-c", #"ulimit -v 2000000; exec "$0" "$@""#, Places.moonpool] + words,
      environment: ["MOONPOOL_SESSION": word], input: .text("input"))
  }

  private func expectAnAnswer(_ words: [String]) {
    let outcome = moonpool(words)
    #expect(outcome.status == 0 || outcome.status == 1, "\(words): \(outcome.errors)")
    #expect(!outcome.errors.contains("Fatal error"), "\(words): \(outcome.errors)")
    #expect((outcome.status == 0) == outcome.errors.isEmpty, "\(words): \(outcome.errors)")
  }

  private static let magic = Array("moonpool".utf8)

  @Test func everyCommandAnswers() {
    plant("empty", size: 0)
    plant("endless", size: .max)
    plant("endless-event", size: .max, mode: 0o1600, Self.magic + [2, 0, 0, 0, 1, 0, 0, 0])
    plant("empty-mutex", size: 0, mode: 0o1600)
    plant("short-mutex", size: 12, mode: 0o1600, Self.magic + [2, 0, 0, 0])
    plant("damaged-mutex", size: 4096, mode: 0o1600, Self.magic + [2, 0, 0, 0, 2, 0, 0, 0])
    plant("future", size: 4096, mode: 0o7777, [UInt8](repeating: 0xFF, count: 4096))
    plant("no-mode", size: 4096, mode: 0)
    plant("a%2", size: 1)
    plant("a%~00000000000000000000000000000000", size: 1)
    plant("bytes\u{202E}", size: 1)
    let names = entries(of: folder) ?? []
    #expect(names.count == 12)
    expectAnAnswer(["ls"])
    expectAnAnswer(["ls", "--json"])
    expectAnAnswer(["doctor"])
    for name in names {
      for command in ["stat", "who", "dump", "path", "write"] { expectAnAnswer([command, name]) }
      for command in ["stat", "who"] { expectAnAnswer([command, "--json", name]) }
      expectAnAnswer(["dump", "--offset", "0x7ffffffffffffff0", name])
      expectAnAnswer(["dump", "--raw", "--offset", "0x7ffffffffffffffc", name])
      expectAnAnswer(["dump", "--length", "0x7fffffffffffffff", name])
      expectAnAnswer(["write", "--offset", "0x7ffffffffffffffc", name])
      expectAnAnswer(["write", "--length", "0x7fffffffffffffff", name])
    }
    let all = moonpool(["dump", "endless"]).output
    #expect(
      all == """
        0000000000000000  69 6e 70 75 74 00 00 00  00 00 00 00 00 00 00 00  |input...........|
        0000000000000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
        *
        7ffffffffffffff0  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00     |...............|
        7fffffffffffffff

        """)
  }

  /// Its watcher sees what changes at both ends of the largest file that there is.
  @Test func theLargestFileIsWatched() {
    plant("endless", size: .max)
    let watcher = Child(
      Places.moonpool, ["watch", "endless", "--interval", "0.02"],
      environment: ["MOONPOOL_SESSION": word])
    #expect(watcher.prints("\n7fffffffffffffff\n"))
    #expect(pwrite(files[0], "x", 1, 0x7FFF_0000_0000_0000) == 1)
    #expect(watcher.prints("\n7fff000000000000  78 "))
    #expect(watcher.prints("\n                  ^^\n"))
    close(files.removeFirst())
    #expect(watcher.wait() == 0)
  }

  /// A file that becomes shorter and longer while it is watched is told as it is.
  @Test func aFileThatChangesItsSizeIsWatched() {
    plant("fickle", size: 100, [1, 2, 3])
    let watcher = Child(
      Places.moonpool, ["watch", "fickle", "--interval", "0.02"],
      environment: ["MOONPOOL_SESSION": word])
    #expect(watcher.prints("\n00000064\n"))
    ftruncate(files[0], 2)
    #expect(watcher.prints("  size 2\n"))
    ftruncate(files[0], 40)
    #expect(watcher.prints("  size 40\n*\n"))
    pwrite(files[0], [UInt8(7)], 1, 2)
    #expect(watcher.prints("\n00000000  01 02 07 00 "))
    #expect(watcher.prints("\n                ^^\n"))
    close(files.removeFirst())
    #expect(watcher.wait() == 0)
  }
}
