import Console
import Glibc
import TestSupport
import Testing

/// A folder of a test that goes with it.
final class TemporaryFolder {
  let path = "/tmp/\(Places.unique("moonpool-console"))"

  init() { mkdir(path, 0o700) }

  deinit { _ = run("rm", ["-rf", path]) }

  func write(_ bytes: [UInt8], to name: String) {
    let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    _ = Glibc.write(descriptor, bytes, bytes.count)
    close(descriptor)
  }

  func mode(of name: String) -> mode_t? {
    var status = stat()
    return stat("\(path)/\(name)", &status) == 0 ? status.st_mode & 0o777 : nil
  }
}

@Suite struct HistoryTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.path + "/state/moonpool/history" }

  @Test(arguments: [
    "plain", "a\nb\n", "\\n", "a\\\nb", "tab\there", "漢字 e\u{301}", "\u{1B}[A\u{0}",
  ])
  func anyEntryComesBackAsItWas(_ entry: String) {
    var history = History(path: path)
    history.append(entry)
    #expect(History(path: path).entries == [entry])
  }

  @Test func theFileAndItsFoldersAreTheOwnersOnly() {
    var history = History(path: path)
    history.append("secret")
    #expect(folder.mode(of: "state/moonpool/history") == 0o600)
    #expect(folder.mode(of: "state/moonpool") == 0o700)
  }

  @Test func aFileThatOthersCouldReadIsClosedToThem() {
    folder.write(Array("old\n".utf8), to: "history")
    chmod(folder.path + "/history", 0o644)
    #expect(History(path: folder.path + "/history").entries == ["old"])
    #expect(folder.mode(of: "history") == 0o600)
  }

  @Test func blankAndRepeatedLinesAreDropped() {
    var history = History(path: path)
    for entry in ["a", "a", "", " \n\t", "b", "a"] { history.append(entry) }
    #expect(history.entries == ["a", "b", "a"])
    #expect(History(path: path).entries == ["a", "b", "a"])
  }

  @Test func promptsAtTheSameTimeLoseNothing() async {
    let path = path
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          var history = History(path: path)
          for number in 0..<50 { history.append("\(writer): line \(number)\nand another") }
        }
      }
    }
    let entries = History(path: path).entries
    #expect(entries.count == 400)
    #expect(Set(entries).count == 400)
    // Each writer's own order is kept.
    for writer in 0..<8 {
      let own = entries.filter { $0.hasPrefix("\(writer):") }
      #expect(own == (0..<50).map { "\(writer): line \($0)\nand another" })
    }
  }

  @Test func aLargeFileIsShortenedToItsNewestLines() async {
    let path = path
    let filler = String(repeating: "x", count: 30_000)
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          var history = History(path: path)
          for number in 0..<40 { history.append("\(writer) \(number) \(filler)") }
        }
      }
    }
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_size <= 2 * History.byteLimit)
    let entries = History(path: path).entries
    #expect(entries.count >= 30)
    #expect(entries.allSatisfy { $0.hasSuffix(filler) })
    // The newest of each are there: shortening and appending do not cross.
    for writer in 0..<4 {
      let numbers = entries.filter { $0.hasPrefix("\(writer) ") }.map {
        $0.split(separator: " ")[1]
      }
      #expect(numbers == (0..<40).suffix(numbers.count).map { Substring("\($0)") })
    }
    #expect(access(path + ".new", F_OK) != 0)
  }

  @Test func aTornLastLineSpoilsNoOther() {
    folder.write(Array("one\ntor".utf8), to: "history")
    var history = History(path: folder.path + "/history")
    history.append("two")
    #expect(History(path: folder.path + "/history").entries == ["one", "tor", "two"])
  }

  @Test func aVeryLongEntryStaysOutOfTheFile() {
    var history = History(path: path)
    let long = String(repeating: "x", count: History.entryByteLimit + 1)
    history.append(long)
    #expect(history.entries == [long])
    #expect(History(path: path).entries == [])
  }

  @Test func whatIsNotAFileIsLeftAlone() {
    mkdir(folder.path + "/directory", 0o700)
    mkfifo(folder.path + "/pipe", 0o600)
    for path in [
      folder.path + "/directory", folder.path + "/pipe", "/dev/null", "/proc/no/history",
    ] {
      var history = History(path: path)
      history.append("line")
      #expect(history.entries == ["line"])
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may read and write all files"))
  func aFileThatCannotBeReadOrWrittenFailsNothing() {
    folder.write(Array("old\n".utf8), to: "history")
    let path = folder.path + "/history"
    for mode in [mode_t(0), 0o400] {
      chmod(path, mode)
      var history = History(path: path)
      history.append("line")
      #expect(history.entries.last == "line")
    }
  }

  @Test func bytesThatAreNoTextAreRead() {
    folder.write([0xFF, 0x0A, 0x5C, 0x0A, 0x61, 0x00, 0x0A], to: "history")
    #expect(History(path: folder.path + "/history").entries == ["\u{FFFD}", "", "a\u{0}"])
  }

  @Test func aLockThatIsHeldStopsNobodyForLong() {
    var history = History(path: path)
    history.append("one")
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    #expect(flock(descriptor, LOCK_EX) == 0)
    history.append("two")
    close(descriptor)
    #expect(History(path: path).entries == ["one", "two"])
  }
}
