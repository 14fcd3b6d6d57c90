import Glibc
import SharedMemory
import TestSupport
import Testing

private let message = "Message from first process."
private let notOpened = "Could not open file mapping object (2).\n"

/// The name that the document's programs share on the whole machine: whoever uses it holds the
/// lock of `/dev/shm` meanwhile, so that two runs of these tests do not meet in it.
final class Document {
  let object = #"Global\MyFileMappingObject"#
  private let file = "/dev/shm/moonpool-global/MyFileMappingObject"
  private let turn = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC)

  init() throws {
    while flock(turn, LOCK_EX) != 0 { try #require(errno == EINTR) }
    try #require(isGone, "something else on this machine uses \(object)")
  }

  deinit { close(turn) }

  /// Nobody holds the name, and no file has it.
  var isGone: Bool {
    do throws(SharedMemoryError) {
      _ = try MemoryObject.open(object, access: .read)
      return false
    } catch {
      return error.code == .fileNotFound && isRemoved(file)
    }
  }

  func first(input: Child.Input = .open) -> Child {
    Child(Places.moonpool, ["\(Places.scripts)/first.lua"], input: input)
  }

  func second() -> Outcome {
    run(Places.moonpool, ["\(Places.scripts)/second.lua"])
  }

  /// The text that the first process has written; nil before.
  var text: String? {
    guard let object = try? MemoryObject.open(object, access: .read) else { return nil }
    return try? object.map().text()
  }

  /// A first process that has written its message and waits for its key.
  func waitingFirst() -> Child {
    let child = first()
    #expect(poll { text == message }, "\(child.printed)\(child.complained)")
    return child
  }
}

/// `scripts/first.lua` and `scripts/second.lua` as real processes, in all that may happen.
@Suite(.serialized) struct TheDocument {
  @Test func theMessageCrosses() throws {
    let document = try Document()
    let first = document.waitingFirst()
    for _ in 0..<2 {
      let second = document.second()
      #expect(second.output == "\(message)\n")
      #expect(second.errors == "")
      #expect(second.status == 0)
    }
    first.write("k")
    #expect(first.wait() == 0)
    #expect(first.printed == "" && first.complained == "")
    #expect(document.isGone)
  }

  @Test func secondBeforeFirstFindsNothing() throws {
    let document = try Document()
    let second = document.second()
    #expect(second.output == notOpened)
    #expect(second.errors == "")
    #expect(second.status == 1)
    #expect(document.isGone)
  }

  @Test func secondAfterFirstEndedFindsNothing() throws {
    let document = try Document()
    let first = document.waitingFirst()
    first.closeInput()
    #expect(first.wait() == 0)
    let second = document.second()
    #expect(second.output == notOpened)
    #expect(second.status == 1)
    #expect(document.isGone)
  }

  @Test func secondAfterFirstWasKilledFindsNothing() throws {
    let document = try Document()
    let first = document.waitingFirst()
    first.kill(SIGKILL)
    #expect(first.wait() == 128 + SIGKILL)
    let second = document.second()
    #expect(second.output == notOpened)
    #expect(second.status == 1)
    #expect(document.isGone)
  }

  @Test(arguments: ["", "0<&-"])
  func firstWithoutInputEndsAtOnce(redirection: String) throws {
    let document = try Document()
    let command = "exec '\(Places.moonpool)' '\(Places.scripts)/first.lua' \(redirection)"
    let first = run("/bin/sh", ["-c", command], input: .none)
    #expect(first.status == 0)
    #expect(first.output == "" && first.errors == "")
    #expect(document.isGone)
  }

  @Test(arguments: ["first", "second"])
  func anObjectThatIsTooSmallIsNotMapped(script: String) throws {
    let document = try Document()
    let object = try MemoryObject.create(document.object, size: 255)
    let outcome = run(Places.moonpool, ["\(Places.scripts)/\(script).lua"])
    #expect(outcome.output == "Could not map view of file (5).\n")
    #expect(outcome.errors == "")
    #expect(outcome.status == 1)
    object.close()
    #expect(document.isGone)
  }

  @Test func aNameOfAnotherTypeIsNotCreated() throws {
    let document = try Document()
    let event = try Acquisition("create", document.object, .readWrite, .current, kind: .event)
      .create(ObjectName(Array(document.object.utf8), for: "create"), 64, .init())
    let first = run(Places.moonpool, ["\(Places.scripts)/first.lua"])
    #expect(first.output == "Could not create file mapping object (6).\n")
    #expect(first.status == 1)
    let second = document.second()
    #expect(second.output == "Could not open file mapping object (6).\n")
    #expect(second.status == 1)
    event.close()
    #expect(document.isGone)
  }

  @Test func theDemonstrationShowsBothAndProvesTheEnd() throws {
    let document = try Document()
    let demo = run(Places.moonpool, ["demo", "--scripts", Places.scripts])
    #expect(demo.status == 0, "\(demo.output)\(demo.errors)")
    let lines = demo.output.split(separator: "\n")
    #expect(lines.first?.hasPrefix("FIRST PROCESS ") == true)
    #expect(lines.first?.hasSuffix("│ SECOND PROCESS") == true)
    for call in ["CreateFileMapping(", "OpenFileMapping(", "MessageBox(", "x4 unlinkat("] {
      #expect(demo.output.contains(call))
    }
    #expect(
      lines.suffix(3).map { $0.prefix(80) } == [
        "The second process showed:  \(message)",
        #"The name is gone:           open Global\MyFileMappingObject: ERROR_FILE_NOT_FOUN"#,
        "                            /dev/shm/moonpool-global/MyFileMappingObject: no suc",
      ])
    #expect(document.isGone)
  }

  /// One column, in which each line says whose it is, and none is wider than the terminal.
  @Test func theDemonstrationReadsWellInFortyColumns() throws {
    let document = try Document()
    let terminal = PseudoTerminal(columns: 40, rows: 200)
    terminal.start(Places.moonpool, ["demo", "--scripts", Places.scripts])
    #expect(terminal.wait() == 0)
    let lines = terminal.screen.lines
    #expect(lines.prefix(2) == ["1 │ FIRST PROCESS", "2 │ SECOND PROCESS"])
    #expect(lines.contains("1 │   Win32 CreateFileMapping("))
    #expect(lines.contains("1 │     INVALID_HANDLE_VALUE, NULL,"))
    #expect(lines.contains("2 │   → \"\(message)\""))
    #expect(lines.contains("2 │ exit status 0"))
    let end = try #require(lines.firstIndex(of: "The second process showed:"))
    #expect(lines[end + 1] == "  \(message)")
    #expect(lines[end + 2] == "The name is gone:")
    // A row that the terminal had to wrap has no number of a process.
    let unmarked = lines[3..<end].filter { !["1 │ ", "2 │ "].contains($0.prefix(4)) && $0 != "" }
    #expect(unmarked == [])
    #expect(document.isGone)
  }

  @Test func aDemonstrationWithoutItsScriptsFails() throws {
    let document = try Document()
    let demo = run(Places.moonpool, ["demo", "--scripts", "/nowhere"])
    #expect(demo.status == 1)
    #expect(demo.errors.contains("a process failed"))
    #expect(document.isGone)
  }
}

extension TheDocument {
  /// Addresses as `ADDRESS`, and the three descriptors by their jobs.
  private func normalised(_ text: String) throws -> [String] {
    func descriptor(_ call: Substring) throws -> Substring {
      let line = try #require(text.split(separator: "\n").first { $0.contains(call) })
      return try #require(line.split(separator: " ").last)
    }
    let jobs = [
      try descriptor("moonpool-global\", O_RDONLY|O_DIRECTORY"): "DIRECTORY",
      try descriptor("O_TMPFILE"): "LOCK", try descriptor("/proc/self/fd/"): "MEMORY",
    ]
    return text.split(separator: "\n").map { line in
      guard line.hasPrefix("  Linux") || line.hasPrefix("         ") else { return String(line) }
      return String(line).replacing(#/0x[0-9a-f]+/#, with: "ADDRESS")
        .replacing(#/(fd/|\(|, |= )([0-9]+)/#) { match in
          "\(match.1)\(jobs[match.2] ?? String(match.2))"
        }
    }
  }

  @Test func firstIsExplained() throws {
    let document = try Document()
    let script = "\(Places.scripts)/first.lua"
    let outcome = run(Places.moonpool, ["--explain", script])
    #expect(outcome.status == 0)
    #expect(outcome.output == "")
    let expected = Self.explanation.split(separator: "\n").map(String.init)
    let found = try normalised(outcome.errors.replacing(script, with: "first.lua"))
    // The machine's directory may have to be made first, and is never removed; kernels before 6.6
    // refuse the attribute.
    #expect(
      found.filter { !$0.contains("mkdirat") && !$0.contains("c3 fsetxattr(LOCK, ") } == expected)
    #expect(document.isGone)
  }

  private static let explanation = #"""
    first.lua:8  shm.create([[Global\MyFileMappingObject]], 256)
      Win32  CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 256, TEXT("Global\\MyFileMappingObject"))
             MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, 0)
      Linux     openat(AT_FDCWD, "/dev/shm/moonpool-global", O_RDONLY|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC) = DIRECTORY
                fstat(DIRECTORY) = 0
             c1 openat(DIRECTORY, ".", O_RDWR|O_TMPFILE|O_CLOEXEC, 0600) = LOCK
             c2 fallocate(LOCK, 0, 0, 256) = 0
             c3 openat(AT_FDCWD, "/proc/self/fd/LOCK", O_RDWR|O_CLOEXEC) = MEMORY
             c3 fchmod(LOCK, 0600) = 0
             c4 fcntl(LOCK, F_OFD_SETLK, {F_RDLCK, L}) = 0
             c5 linkat(AT_FDCWD, "/proc/self/fd/LOCK", DIRECTORY, "MyFileMappingObject", AT_SYMLINK_FOLLOW) = 0
                mmap(NULL, 256, PROT_READ|PROT_WRITE, MAP_SHARED, MEMORY, 0) = 0
      → view, false
    first.lua:17  view:map{offset = 0, length = 256}
      Win32  MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, 256)
      Linux     mmap(NULL, 256, PROT_READ|PROT_WRITE, MAP_SHARED, MEMORY, 0) = 0
      → view
    first.lua:30  view:write("Message from first process.")
      Win32  CopyMemory(pBuf, "…", 27)
      Linux     memcpy(view + 0, …, 27): no system call
      → view
    first.lua:31  console.getch()
      Win32  _getch()
      Linux     read(0, …, 1)
      → nil: standard input has ended
    first.lua:33  view:close()
      Win32  UnmapViewOfFile(pBuf)
             CloseHandle(hMapFile)
      Linux     fstat(MEMORY) = 0
                fstatat(DIRECTORY, "MyFileMappingObject", AT_SYMLINK_NOFOLLOW) = 0
                munmap(ADDRESS, 256) = 0
      → true
    first.lua:35  view:close()
      Win32  UnmapViewOfFile(pBuf)
             CloseHandle(hMapFile)
      Linux     fstat(MEMORY) = 0
                fstatat(DIRECTORY, "MyFileMappingObject", AT_SYMLINK_NOFOLLOW) = 0
                munmap(ADDRESS, 256) = 0
             x1 fcntl(LOCK, F_OFD_SETLK, {F_UNLCK, L}) = 0
             x2 fcntl(LOCK, F_OFD_SETLK, {F_WRLCK, [P,L]}) = 0
             x3 fstat(LOCK) = 0
             x3 fstatat(DIRECTORY, "MyFileMappingObject", AT_SYMLINK_NOFOLLOW) = 0
             x4 unlinkat(DIRECTORY, "MyFileMappingObject", 0) = 0
                close(LOCK) = 0
                close(MEMORY) = 0
      → true
    """#
}

extension TheDocument {
  private func onTerminal(
    _ script: String, _ environment: [String: String] = ["LC_ALL": "C.UTF-8", "TERM": "xterm"]
  ) throws -> TerminalChild {
    try #require(
      TerminalChild(
        Places.moonpool, ["\(Places.scripts)/\(script).lua"], environment: environment))
  }

  private static let lineModes = UInt32(ICANON | ECHO)

  @Test func firstTakesOneKeyWithoutEnterAndRestoresTheTerminal() throws {
    let document = try Document()
    let first = try onTerminal("first")
    #expect(poll { document.text == message })
    #expect(poll { first.modes & Self.lineModes == 0 })
    #expect(!first.hasEnded)
    first.press("k")
    #expect(first.wait() == 0)
    #expect(first.modes & Self.lineModes == Self.lineModes)
    #expect(first.screen == "", "the key is not echoed")
    #expect(document.isGone)
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
  func aSignalWhileFirstWaitsRestoresTheTerminal(signal: Int32) throws {
    let document = try Document()
    let first = try onTerminal("first")
    #expect(poll { first.modes & Self.lineModes == 0 })
    first.kill(signal)
    // Ctrl-C is an error of the script's; the others end the process.
    #expect(first.wait() == (signal == SIGINT ? 1 : 128 + signal))
    #expect(first.modes & Self.lineModes == Self.lineModes)
    #expect(document.second().output == notOpened)
    #expect(document.isGone)
  }

  @Test func secondDrawsABoxThatWaitsForEnter() throws {
    let document = try Document()
    let first = document.waitingFirst()
    let second = try onTerminal("second")
    #expect(second.shows("press Enter"))
    #expect(
      second.screen.hasPrefix(
        """
        ┌─ Process2 ──────────────────┐
        │ Message from first process. │
        │                             │
        │ [ OK ]  press Enter         │
        └─────────────────────────────┘

        """), "\(second.screen)")
    #expect(!second.hasEnded)
    second.press("k")
    #expect(!poll(within: 0.2) { second.hasEnded }, "any key but Enter is ignored")
    second.press("\n")
    #expect(second.wait() == 0)
    first.closeInput()
    #expect(first.wait() == 0)
    #expect(document.isGone)
  }

  @Test func theBoxIsDrawnWithoutUnicodeWhereThereIsNone() throws {
    let document = try Document()
    let first = document.waitingFirst()
    let second = try onTerminal("second", ["LC_ALL": "C", "TERM": "xterm"])
    #expect(second.shows("press Enter"))
    #expect(second.screen.hasPrefix("+- Process2 ------------------+\n"))
    second.press("\n")
    #expect(second.wait() == 0)
    first.closeInput()
    #expect(first.wait() == 0)
    #expect(document.isGone)
  }
}
