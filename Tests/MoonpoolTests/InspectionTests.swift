import Glibc
import SharedMemory
import TestSupport
import Testing

/// The commands that look at living objects: what they print, and their statuses.
@Suite final class Inspecting {
  private let session: String
  private let holder: Child
  private let folder: String

  init() throws {
    session = Places.unique("inspect")
    folder = "/dev/shm/moonpool-\(geteuid())@\(session)"
    holder = Child(
      Places.moonpool,
      [
        "-e",
        """
        box = assert(shm.create("box", 300)):write("hello"):write("end", 290)
        again = box:map{}
        slash = assert(shm.create("a/b", 16, {mode = "0644"}))
        bell = assert(shm.event("bell", {manual = true}))
        key = assert(shm.mutex("key")) assert(key:lock())
        seats = assert(shm.semaphore("seats", 3, 8))
        print("ready") io.stdout:flush() io.read() box:write("bye")
        print("written") io.stdout:flush() io.read()
        """,
      ], environment: ["MOONPOOL_SESSION": session], input: .open)
    try #require(holder.prints("ready"), "\(holder.complained)")
  }

  /// Killed, it would leave what nobody looks for.
  deinit {
    holder.closeInput()
    holder.wait()
  }

  private func moonpool(_ arguments: String...) -> Outcome {
    run(Places.moonpool, arguments, environment: ["MOONPOOL_SESSION": session])
  }

  private var user: String {
    getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(geteuid())"
  }

  /// The lines about this session: other tests may have objects in `Global\`.
  private func local(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init).filter { !$0.contains(#"Global\"#) }
  }

  @Test func theLivingAreListed() {
    let rows = local(moonpool("ls").output)
    #expect(
      rows.map { $0.split(separator: " ").joined(separator: " ") } == [
        "SIZE TYPE MODE OWNER HANDLES NAME", #"16 mapping 0644 \#(user) 1 Local\a/b"#,
        #"4096 event 0600 \#(user) 1 Local\bell"#, #"300 mapping 0600 \#(user) 1 Local\box"#,
        #"4096 mutex 0600 \#(user) 1 Local\key"#, #"4096 semaphore 0600 \#(user) 1 Local\seats"#,
      ])
    let json = local(moonpool("ls", "--json").output)
    #expect(json.first == "[" && json.last == "]")
    #expect(json.contains { $0.hasPrefix("  \(box(#""handles": 1, "#, ""))") })
  }

  private func box(_ claims: String, _ held: String) -> String {
    #"{"name": "Local\\box", "type": "mapping", "size": 300, "mode": "0600", "#
      + #""owner": \#(geteuid()), \#(claims)"path": "\#(folder)/box"\#(held)}"#
  }

  @Test func anObjectIsDescribed() {
    #expect(
      moonpool("stat", "box").output == #"""
        name    Local\box
        type    mapping
        size    300 bytes
        mode    0600
        owner   \#(user)
        file    \#(folder)/box

        """#)
    #expect(
      moonpool("stat", "--json", #"Local\box"#).output == box("", #", "held": true"#) + "\n")
  }

  @Test(arguments: [
    ("bell", "event", "manual, not set", #"{"manual": true, "set": false}"#),
    ("seats", "semaphore", "3 of 8", #"{"count": 3, "maximum": 8}"#),
    (
      "key", "mutex", "locked by process PID",
      #"{"locked": true, "abandoned": false, "process": PID}"#
    ),
  ])
  func itsStateIsDescribed(_ name: String, _ type: String, _ state: String, _ json: String) {
    func own(_ text: String) -> String {
      text.split(separator: "PID", omittingEmptySubsequences: false)
        .joined(separator: "\(holder.pid)")
    }
    let plain = moonpool("stat", name).output
    #expect(
      plain.hasPrefix(
        "name    Local\\\(name)\ntype    \(type)\nstate   \(own(state))\nsize    4096 "),
      "\(plain)")
    let outcome = moonpool("stat", "--json", name).output
    #expect(
      outcome.hasSuffix(
        #", "path": "\#(folder)/\#(name)", "held": true, "state": \#(own(json))}"# + "\n"))
  }

  @Test func aMutexWhoseOwnerWasKilledIsAbandoned() {
    let owner = Child(
      Places.moonpool,
      ["-e", "key = shm.mutex('dead') key:lock() print('ready') io.stdout:flush() io.read()"],
      environment: ["MOONPOOL_SESSION": session], input: .open)
    #expect(owner.prints("ready"))
    let keeper = Child(
      Places.moonpool,
      ["-e", "key = shm.mutex('dead') print('ready') io.stdout:flush() io.read()"],
      environment: ["MOONPOOL_SESSION": session], input: .open)
    #expect(keeper.prints("ready"))
    owner.kill()
    owner.wait()
    #expect(
      moonpool("stat", "dead").output.contains(
        "\nstate   abandoned: its owner ended without unlocking it\n"))
    #expect(
      moonpool("stat", "--json", "dead").output.contains(
        #""state": {"locked": false, "abandoned": true}}"#))
    keeper.closeInput()
    keeper.wait()
  }

  @Test func aDamagedObjectIsDescribedAllTheSame() {
    let file = open("\(folder)/seats", O_RDWR | O_CLOEXEC)
    var limit: UInt32 = 0
    pwrite(file, &limit, 4, 16)
    close(file)
    let outcome = moonpool("stat", "seats")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("\nstate   unknown: its header says limit 0 and 496 slots, "))
    #expect(outcome.output.contains("\nfile    \(folder)/seats\n"))
    #expect(moonpool("stat", "--json", "seats").output.hasSuffix(#""state": null}"# + "\n"))
  }

  @Test func whatHasNoBytesOfItsOwnIsSaid() {
    let outcome = moonpool("dump", "key")
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(
      outcome.errors == "moonpool: open key: ERROR_INVALID_HANDLE (6): the name belongs to another "
        + "type (mutex), not a mapping; open it as a mutex, or look at it with 'moonpool stat'\n")
  }

  @Test func aMutexIsWatchedByItsState() {
    let watcher = Child(
      Places.moonpool, ["watch", "key", "--interval", "0.02"],
      environment: ["MOONPOOL_SESSION": session])
    #expect(watcher.prints("  locked by process \(holder.pid)\n"))
    holder.kill()
    #expect(watcher.prints("key is gone\n"))
    #expect(watcher.wait() == 0)
  }

  @Test func inANarrowTerminalNamesHaveTheirOwnLines() {
    let terminal = PseudoTerminal(columns: 40)
    terminal.start(Places.moonpool, ["ls"], environment: ["MOONPOOL_SESSION": session])
    #expect(terminal.wait() == 0)
    let lines = terminal.screen.everything.split(separator: "\n").map(String.init)
    #expect(Array(lines.prefix(2)) == ["SIZE  TYPE       MODE  OWNER  HANDLES", "  NAME"])
    #expect(
      Array(lines.dropFirst(2).prefix(2)) == [
        "16    mapping    0644  \(user)   1", #"  Local\a/b"#,
      ])
    let wide = PseudoTerminal(columns: 80)
    wide.start(Places.moonpool, ["ls"], environment: ["MOONPOOL_SESSION": session])
    #expect(wide.wait() == 0)
    #expect(wide.screen.everything.hasPrefix("SIZE  TYPE       MODE  OWNER  HANDLES  NAME\n"))
  }

  @Test(arguments: [
    ["ls"], ["stat", "box"], ["who", "box"], ["dump", "box"], ["manual"], ["doctor"],
  ])
  func whatCannotBePrintedIsAFailure(words: [String]) {
    let outcome = run(
      "/bin/sh", ["-c", "exec \"$0\" \"$@\" > /dev/full", Places.moonpool] + words,
      environment: ["MOONPOOL_SESSION": session])
    #expect(outcome.status == 1)
    #expect(outcome.errors == "moonpool: standard output: No space left on device\n")
  }

  @Test func itsHoldersAreNamed() throws {
    let reader = Child(
      Places.moonpool,
      [
        "-e", "v = shm.open('box', {access = 'r'}) w = v:map{} x = shm.open('box', {access = 'r'})",
        "-e", "print('ready') io.stdout:flush() io.read()", "-", "an argument",
      ], environment: ["MOONPOOL_SESSION": session], input: .open)
    #expect(reader.prints("ready"), "\(reader.complained)")
    let rows = moonpool("who", "box").output.split(separator: "\n").map {
      $0.split(separator: " ", maxSplits: 4).map { word in String(word.drop { $0 == " " }) }
    }
    let holders = rows.dropFirst().sorted { $0[2] < $1[2] }
    #expect(rows.first == ["PID", "USER", "ACCESS", "HANDLES", "COMMAND"])
    #expect(
      holders.map { Array($0[..<4]) } == [
        ["\(reader.pid)", user, "r", "2"], ["\(holder.pid)", user, "rw", "1"],
      ])
    #expect(holders.first?[4].hasPrefix("moonpool -e v = shm.open(") == true)
    #expect(holders.first?[4].hasSuffix(" - an argument") == true)
    #expect(holders.last?[4].contains(#"{}\x0Aslash = "#) == true, "one line: \(holders)")
    let json = moonpool("who", "--json", "box").output
    #expect(
      json.contains(
        #""an argument"], "user": \#(geteuid()), "access": "r", "handles": 2}"#), "\(json)")
    #expect(json.contains(#"{"process": \#(reader.pid), "command": "moonpool", "arguments": [""#))
    reader.closeInput()
    reader.wait()
  }

  /// JSON is exact, and a command line is any bytes.
  @Test func aCommandLineThatIsNoUTF8IsGivenInHex() {
    let reader = Child(
      "/bin/sh",
      [
        "-c",
        #"exec "$0" -e "v = shm.open('box', {access = 'r'}) print('ready') io.stdout:flush() io.read()" - "$(printf 'caf\351\033')""#,
        Places.moonpool,
      ], environment: ["MOONPOOL_SESSION": session], input: .open)
    #expect(reader.prints("ready"), "\(reader.complained)")
    let json = moonpool("who", "--json", "box").output
    #expect(json.contains(#""-", null], "arguments_hex": ["#), "\(json)")
    #expect(json.contains(#""2d", "636166e91b"], "user": "#), "\(json)")
    #expect(moonpool("who", "box").output.contains(#" - caf\xE9\x1B"#))
    reader.closeInput()
    reader.wait()
  }

  @Test func itsFileIsNamed() {
    #expect(moonpool("path", "box").output == "\(folder)/box\n")
    #expect(moonpool("path", "a/b").output == "\(folder)/a%2Fb\n")
    #expect(moonpool("path", #"Global\x"#).output == "/dev/shm/moonpool-global/x\n")
    #expect(moonpool("path", "/x").output == "/dev/shm/x\n")
    let refused = moonpool("path", #"a\b"#)
    #expect(refused.status == 1)
    #expect(refused.errors.hasPrefix(#"moonpool: path a\b: ERROR_PATH_NOT_FOUND (3): "#))
  }

  @Test func itsBytesAreShown() {
    #expect(
      moonpool("dump", "box").output == """
        00000000  68 65 6c 6c 6f 00 00 00  00 00 00 00 00 00 00 00  |hello...........|
        00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
        *
        00000120  00 00 65 6e 64 00 00 00  00 00 00 00              |..end.......|
        0000012c

        """)
    #expect(
      moonpool("dump", "box", "--offset", "289", "--length", "4").output == """
        00000121  00 65 6e 64                                       |.end|
        00000125

        """)
    #expect(
      moonpool("dump", "box", "--offset=0x120", "--length=1K").output == """
        00000120  00 00 65 6e 64 00 00 00  00 00 00 00              |..end.......|
        0000012c

        """)
    #expect(moonpool("dump", "box", "--offset=400").output == "0000012c\n")
    #expect(moonpool("dump", "box", "--offset=0x7fffffffffffffff").output == "0000012c\n")
    for wrong in ["--offset=-1", "--length=-0x1", "--length=8E", "--offset=9999999999999999999"] {
      let outcome = moonpool("dump", "box", wrong)
      #expect(outcome.status == 64)
      #expect(outcome.output == "")
    }
  }

  @Test func onlyPosixNamesAreRemoved() throws {
    let refused = moonpool("rm", "box")
    #expect(refused.status == 1)
    #expect(refused.errors.hasPrefix("moonpool: unlink box: ERROR_INVALID_PARAMETER (87): "))
    let name = "/\(Places.unique("moonpool-test"))"
    try MemoryObject.create(name, size: 8).close()
    #expect(moonpool("rm", name).status == 0)
    let gone = moonpool("rm", name)
    #expect(gone.status == 1)
    #expect(gone.errors.hasPrefix("moonpool: unlink \(name): ERROR_FILE_NOT_FOUND (2, ENOENT): "))
    #expect(moonpool("stat", "box").status == 0)
  }

  @Test func oneNameThatStaysKeepsNoOther() throws {
    let name = "/\(Places.unique("moonpool-test"))"
    try MemoryObject.create(name, size: 8).close()
    let outcome = moonpool("rm", "box", name)
    #expect(outcome.status == 1)
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(outcome.errors.hasPrefix("moonpool: unlink box: "))
    #expect(access("/dev/shm\(name)", F_OK) != 0)
  }

  @Test(arguments: ["stat", "who", "dump", "watch"])
  func aNameThatNobodyHoldsIsError2(command: String) {
    let outcome = moonpool(command, "nobody")
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("nobody: ERROR_FILE_NOT_FOUND (2): no process holds an object"))
  }

  @Test(arguments: [["stat"], ["ls", "more"], ["dump", "box", "--offset", "x"]])
  func aWrongCommandLineIsStatus64(words: [String]) {
    let outcome = run(Places.moonpool, words, environment: ["MOONPOOL_SESSION": session])
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("Usage: moonpool \(words[0])"))
  }

  /// The lines without their times.
  private func watched(_ child: Child) -> [String] {
    child.printed.split(separator: "\n").map { line in
      let isTime = line.count == 12 && line.dropFirst(2).first == ":"
      return isTime ? "TIME" : String(line)
    }
  }

  @Test func changesAreWatchedUntilTheLastHolderGoes() {
    let watcher = Child(
      Places.moonpool, ["watch", "box", "--interval", "0.02"],
      environment: ["MOONPOOL_SESSION": session])
    #expect(watcher.prints("\n0000012c\n"))
    holder.write("\n")
    #expect(watcher.prints("|byelo..........."))
    holder.write("\n")
    #expect(watcher.wait() == 0)
    let end = "00000120  00 00 65 6e 64 00 00 00  00 00 00 00              |..end.......|"
    #expect(
      watched(watcher) == [
        "TIME", "00000000  68 65 6c 6c 6f 00 00 00  00 00 00 00 00 00 00 00  |hello...........|",
        "00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|", "*", end,
        "0000012c", "TIME",
        "00000000  62 79 65 6c 6f 00 00 00  00 00 00 00 00 00 00 00  |byelo...........|",
        "          ^^ ^^ ^^", "*", "box is gone",
      ])
  }

  @Test func aRangeIsWatched() {
    let watcher = Child(
      Places.moonpool,
      ["watch", "box", "--interval", "0.02", "--offset", "0x2", "--length", "4"],
      environment: ["MOONPOOL_SESSION": session])
    #expect(watcher.prints("\n00000006\n"))
    holder.write("\n")
    #expect(watcher.prints("|elo.|"))
    holder.write("\n")
    #expect(watcher.wait() == 0)
    #expect(
      watched(watcher)
        == [
          "TIME", "00000002  6c 6c 6f 00                                       |llo.|", "00000006",
          "TIME", "00000002  65 6c 6f 00                                       |elo.|",
          "          ^^ ^^ ^^", "box is gone",
        ].map { $0 == "          ^^ ^^ ^^" ? "          ^^" : $0 })
  }

  /// The findings about this session; another test's removed names may stand beside them.
  private func diagnosis() -> [String] {
    moonpool("doctor").output.split(separator: "\n").map(String.init)
      .filter { $0.contains(session) || $0.contains(#"holds Local\box, "#) }
  }

  @Test func theDoctorFindsNothingWrongWithTheLiving() {
    #expect(diagnosis() == ["ok    \(folder) is sound"])
  }

  @Test func theDoctorFindsANameThatWasRemoved() {
    #expect(unlink("\(folder)/box") == 0)
    let findings = diagnosis()
    #expect(findings.count == 2)
    #expect(
      findings.last == "wrong process \(holder.pid) holds Local\\box, whose name another program "
        + "removed; restart its users to share it again")
    #expect(moonpool("doctor").status == 1)
  }

  @Test func theDoctorFindsADirectoryThatIsOpenToOthers() {
    #expect(chmod(folder, 0o755) == 0)
    let outcome = moonpool("doctor")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("wrong \(folder) has mode 0755 instead of 0700"))
    #expect(chmod(folder, 0o700) == 0)
  }
}
