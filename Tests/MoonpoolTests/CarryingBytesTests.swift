import Glibc
import SharedMemory
import TestSupport
import Testing

/// `moonpool dump --raw` and `moonpool write`.
@Suite final class CarryingBytes {
  private let word = Places.unique("carry")
  private let session: Session
  private let object: MemoryObject
  private let folder = "/tmp/\(Places.unique("carry"))"
  static let size = 3 << 20

  init() throws {
    session = Session(named: word)
    object = try MemoryObject.create("box", size: Self.size, in: session)
    mkdir(folder, 0o700)
  }

  deinit {
    for name in ["in", "out"] { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }

  /// Runs a shell command in which `$M` is the binary; `$IN` and `$OUT` are files.
  private func shell(_ command: String) -> Outcome {
    run(
      "/bin/sh", ["-c", command],
      environment: [
        "MOONPOOL_SESSION": word, "M": Places.moonpool, "IN": "\(folder)/in",
        "OUT": "\(folder)/out",
      ])
  }

  private func save(_ bytes: [UInt8], _ name: String = "in") {
    let file = open("\(folder)/\(name)", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
    #expect(write(file, bytes, bytes.count) == bytes.count)
    close(file)
  }

  private func saved(_ name: String = "out") -> [UInt8] {
    let file = open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: Self.size + 1)
    let count = pread(file, &bytes, bytes.count, 0)
    return Array(bytes.prefix(max(count, 0)))
  }

  /// Without the millions of bytes in the report.
  private func expectSame(
    _ found: [UInt8], _ expected: [UInt8], _ location: SourceLocation = #_sourceLocation
  ) {
    let same = found.count == expected.count && memcmp(found, expected, found.count) == 0
    #expect(same, "\(found.count) bytes instead of \(expected.count)", sourceLocation: location)
  }

  private func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 ^ $0 >> 9) }
  }

  @Test(arguments: ["< $IN", "cat $IN |"]) func everyByteGoesInAndComesOut(input: String) throws {
    let all = bytes(Self.size)
    save(all)
    let write = input.hasPrefix("<") ? "$M write box \(input)" : "\(input) $M write box"
    let written = shell(write)
    #expect(written.status == 0)
    #expect(written.output + written.errors == "")
    expectSame(try object.map().read(Self.size), all)
    for command in ["$M dump --raw box > $OUT", "$M dump --raw box | cat > $OUT"] {
      #expect(shell(command).status == 0)
      expectSame(saved(), all)
    }
  }

  @Test func aRangeGoesInAndComesOut() throws {
    #expect(shell("printf abcdef | $M write box --offset 0x11 --length 3").status == 0)
    #expect(try object.map().read(6, at: 16) == Array("\0abc\0\0".utf8))
    #expect(shell("$M dump --raw box --offset 16 --length 5").output == "\0abc\0")
    #expect(shell("$M dump --raw box --length 0").output == "")
    // What there is.
    #expect(shell("$M dump --raw box --offset \(Self.size - 2) --length 100").output == "\0\0")
    #expect(shell("$M dump --raw box --offset \(Self.size + 2)").output == "")
    #expect(shell(": | $M write box").status == 0)
    #expect(shell("printf x | $M write box --offset \(Self.size - 1)").status == 0)
    #expect(try object.map().read(2, at: Self.size - 2) == Array("\0x".utf8))
  }

  private func expectFailure(
    _ command: String, _ text: String, _ location: SourceLocation = #_sourceLocation
  ) {
    let outcome = shell(command)
    #expect(outcome.status == 1, sourceLocation: location)
    #expect(outcome.output == "", sourceLocation: location)
    #expect(outcome.errors == "moonpool: write box: \(text)\n", sourceLocation: location)
  }

  @Test func tooMuchIsRefusedBeforeAnythingIsWritten() throws {
    let place = Self.size - 3
    save(Array("1234".utf8))
    expectFailure(
      "$M write box --offset \(place) < $IN",
      "4 bytes do not fit into the 3 from offset \(place) on; nothing was written")
    expectFailure(
      "cat $IN | $M write box --offset \(place)",
      "the input has more than the 3 bytes from offset \(place) on; nothing was written")
    expectFailure(
      "cat $IN | $M write box --length 4 --offset \(place)",
      "4 bytes do not fit into the 3 from offset \(place) on; nothing was written")
    expectFailure(
      "cat $IN | $M write box --offset \(Self.size + 1)",
      "offset \(Self.size + 1) is past the object's \(Self.size) bytes")
    #expect(try object.map().read(3, at: place) == [0, 0, 0])
    #expect(shell("cat $IN | $M write box --length 3 --offset \(place)").status == 0)
    #expect(try object.map().read(3, at: place) == Array("123".utf8))
  }

  @Test func whatWasWrittenOfALongInputIsSaid() throws {
    let all = bytes(Self.size + 1)
    save(all)
    expectFailure(
      "cat $IN | $M write box",
      "the input has more than the \(Self.size) bytes from offset 0 on, which were written")
    expectSame(try object.map().read(Self.size), Array(all.dropLast()))
    expectFailure(
      "printf abc | $M write box --length 5",
      "the input ended after 3 of 5 bytes, which were written")
  }

  @Test func whatCannotBeReadOrWrittenIsAFailure() throws {
    let closed = shell("$M write box <&-")
    #expect(closed.status == 1)
    #expect(closed.errors == "moonpool: standard input: Bad file descriptor\n")
    let directory = shell("$M write box < /tmp")
    #expect(directory.status == 1)
    #expect(directory.errors == "moonpool: standard input: Is a directory\n")
    let full = shell("$M dump --raw box > /dev/full")
    #expect(full.status == 1)
    #expect(full.errors == "moonpool: standard output: No space left on device\n")
    let readOnly = try MemoryObject.create("r", size: 8, .init(access: .read), in: session)
    let refused = shell("printf x | $M write r")
    #expect(refused.status == 1)
    #expect(refused.errors.hasPrefix("moonpool: open r: ERROR_ACCESS_DENIED (5"))
    readOnly.close()
  }

  /// A pipe's reader that goes away ends it as it ends `cat`.
  @Test func aReaderThatGoesEndsIt() {
    #expect(shell("$M dump --raw box | head -c 3").output == "\0\0\0")
    #expect(shell("{ $M dump --raw box; echo $? >&2; } | head -c 3").errors == "141\n")
  }

  @Test func aTerminalGetsNoRawBytes() {
    let terminal = PseudoTerminal(columns: 100)
    terminal.start(
      Places.moonpool, ["dump", "--raw", "box"], environment: ["MOONPOOL_SESSION": word])
    #expect(terminal.wait() == 64)
    #expect(
      terminal.screen.everything.contains(
        "moonpool: dump --raw: standard output is a terminal; send it to a file or a pipe"))
  }

  @Test func holesStayHolesInAFile() throws {
    let sparse = try MemoryObject.create("sparse", size: 1 << 30, .init(reserve: true), in: session)
    try sparse.map(offset: 1 << 29, length: 65_536).write("middle", at: 100)
    #expect(shell("{ printf begun; $M dump --raw sparse; printf ended; } > $OUT").status == 0)
    let file = open("\(folder)/out", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    var status = stat()
    fstat(file, &status)
    #expect(Int(status.st_size) == 5 + 1 << 30 + 5)
    #expect(status.st_blocks * 512 < 1 << 20)
    var middle = [UInt8](repeating: 0, count: 8)
    pread(file, &middle, 8, 5 + 1 << 29 + 99)
    #expect(middle == Array("\0middle\0".utf8))
    pread(file, &middle, 5, 5 + 1 << 30)
    #expect(middle.prefix(5) == Array("ended".utf8)[...])
    sparse.close()
  }
}

/// What a look costs, whatever the size of what is looked at.
@Suite final class TheCostOfALook {
  private let word = Places.unique("cost")
  private let session: Session

  init() { session = Session(named: word) }

  /// KiB at its peak, and what was printed.
  private func peak(_ words: [String]) -> (memory: Int, lines: [Substring]) {
    let script =
      "import resource, subprocess, sys; subprocess.run(sys.argv[1:]); "
      + #"print("\n%d" % resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"#
    let outcome = run(
      "python3", ["-c", script, Places.moonpool] + words, environment: ["MOONPOOL_SESSION": word])
    let lines = outcome.output.split(separator: "\n")
    return (lines.last.flatMap { Int($0) } ?? 0, lines.dropLast())
  }

  private func committed(_ object: borrowing MemoryObject) -> Int {
    var status = stat()
    stat(object.path!, &status)
    return Int(status.st_blocks) * 512
  }

  @Test(arguments: [1 << 30, 100 << 40]) func isTheSameForAnySize(size: Int) throws {
    let object = try MemoryObject.create("big", size: size, .init(reserve: true), in: session)
    try object.map(offset: size / 2, length: 65_536).write("middle")
    #expect(committed(object) == 4096)
    let version = peak(["--version"]).memory
    #expect(version > 1000)
    let raw = ["dump", "--raw", "--offset", "\(size / 2)", "--length", "1M", "big"]
    for words in [["dump", "big"], raw] {
      let look = peak(words)
      let isBounded = look.memory > 1000 && look.memory <= version + 4096
      #expect(isBounded, "\(words): \(look.memory) beside \(version)")
      #expect(look.lines.contains { $0.contains("middle") })
    }
    let watcher = Child(
      Places.moonpool, ["watch", "big", "--interval", "0.02"],
      environment: ["MOONPOOL_SESSION": word])
    #expect(watcher.prints("middle.."))
    try object.map(offset: size / 2, length: 65_536).write("M")
    #expect(watcher.prints("Middle.."))
    let status = Traces.text("/proc/\(watcher.pid)/status")
    let high = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let memory = high?.split(separator: " ").dropLast().last.flatMap { Int($0) } ?? 0
    #expect(memory > 1000 && memory <= version + 4096, "\(memory) beside \(version)")
    #expect(committed(object) == 4096)
    object.close()
    #expect(watcher.wait() == 0)
  }
}
