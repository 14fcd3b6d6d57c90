import Glibc
import TestSupport
import Testing

/// The editor as a person has it: a program on a terminal, and its screen.
@Suite struct LineEditorTests {
  private let folder = TemporaryFolder()
  private static let demo = "\(Places.binaries)/editor-demo"

  private func started(
    columns: Int = 80, environment: [String: String] = [:]
  ) -> PseudoTerminal {
    let term = PseudoTerminal(columns: columns, rows: 24)
    start(term, environment)
    return term
  }

  private func start(_ term: PseudoTerminal, _ environment: [String: String] = [:]) {
    let state = ["XDG_STATE_HOME": folder.path]
    term.start(Self.demo, environment: state.merging(environment) { $1 })
    #expect(term.waits { $0.lines.last == ">" && $0.modes.contains(2004) })
  }

  private static let up = "\u{1B}[A"

  @Test(arguments: [40, 80]) func whatIsTypedIsSeenAndGiven(_ columns: Int) {
    let term = started(columns: columns)
    term.type("local ä = 'x'\r")
    #expect(term.waits(for: "got \"local ä = \\'x\\'\"\n>"))
    #expect(term.screen.lines == ["> local ä = 'x'", "got \"local ä = \\'x\\'\"", ">"])
    #expect(term.screen.style(of: "local") == "35")
    term.type("\u{4}")
    #expect(term.wait() == 0)
    #expect(term.screen.lines.last == "end")
  }

  @Test func aResizeInTheMiddleOfALineLosesNothing() {
    let term = started(columns: 80)
    term.type("x = '" + String(repeating: "0123456789", count: 9))
    #expect(term.waits { $0.lines.count == 2 })
    term.resize(columns: 40, rows: 24)
    #expect(term.waits { $0.lines.count == 3 })
    term.type("'\r")
    #expect(term.waits(for: "got"))
    #expect(term.screen.line(0) == "> x = '012345678901234567890123456789012")
    term.resize(columns: 80, rows: 24)
    term.type("y")
    #expect(term.waits { $0.lines.last == "> y" })
  }

  @Test(arguments: Screen.Wrapping.allCases)
  func aResizeLeavesNoOldRows(_ wrapping: Screen.Wrapping) {
    let term = started(columns: 80)
    term.setWrapping(wrapping)
    let text = String(repeating: "0123456789", count: 12).dropLast(4)
    term.type("one\r" + text)
    #expect(term.waits { $0.lines.count == 4 })
    for columns in [60, 39, 100, 59, 80] {
      term.resize(columns: columns, rows: 24)
      term.type("!\u{7F}")
      #expect(
        term.waits { $0.lines.count == 2 + (117 + columns) / columns },
        "\(columns): \(term.screen.text)")
      #expect(term.screen.lines.filter { $0.hasPrefix("> 0") }.count == 1)
    }
    term.type("\r")
    #expect(term.waits { $0.text.filter { $0 != "\n" }.contains("got \"\(text)\"") })
  }

  @Test func keysDuringAResizeAreTaken() {
    let term = started(columns: 80)
    term.resize(columns: 50, rows: 24)
    term.type("local x = 1\r")
    #expect(term.waits(for: #"got "local x = 1""#))
  }

  @Test func aTerminalThatDoesNotTellItsCursorIsPaintedAllTheSame() {
    let term = started(columns: 80)
    term.isSilent = true
    term.type(String(repeating: "x", count: 100))
    #expect(term.waits { $0.lines.count == 2 })
    term.resize(columns: 40, rows: 24)
    #expect(
      term.waits { $0.lines.count == 3 && $0.line(0) == "> " + String(repeating: "x", count: 38) })
  }

  @Test func enterGoesOnUntilTheTextIsComplete() {
    let term = started()
    term.type("f(1,\r2)")
    #expect(term.waits(for: ">> 2)"))
    term.type(Self.up + "\u{1}g")
    #expect(term.waits(for: "> gf(1,"))
    term.type("\r")
    let lines = ["> gf(1,", ">> 2)", #"got "gf(1,\n2)""#, ">"]
    #expect(term.waits { $0.lines == lines }, "\(term.screen.lines)")
  }

  @Test func aPasteOfFiveLinesIsKeptAsItWas() {
    let term = started()
    let text = "for i = 1, 2 do\n\tif i then\n\t\tprint(i)\u{1B}[A\u{3}\n\tend\nend"
    term.paste(text)
    #expect(term.waits(for: ">> end"))
    #expect(term.screen.line(2) == ">>                 print(i)^[[A^C")
    term.type("\r")
    #expect(term.waits { $0.text.filter { $0 != "\n" }.contains("got \(text.debugDescription)") })
    #expect(!term.screen.text.contains("interrupted"))
  }

  @Test func historyOutlivesTheProgram() {
    let term = started()
    term.type("one\rf(\r)\r")
    #expect(term.waits(for: #"got "f(\n)""#))
    term.type("\u{4}")
    term.wait()
    start(term)
    term.type(Self.up)
    #expect(term.waits { $0.lines.suffix(2) == ["> f(", ">> )"] })
    term.type(Self.up + Self.up)
    #expect(term.waits { $0.lines.last == "> one" })
    #expect(folder.mode(of: "moonpool/history") == 0o600)
  }

  @Test func twoAtOnceKeepTheLinesOfBoth() {
    let first = started()
    let second = started()
    first.type("one\r")
    #expect(first.waits(for: "got \"one\""))
    second.type("two\r")
    #expect(second.waits(for: "got \"two\""))
    first.type("three\r")
    #expect(first.waits(for: "got \"three\""))
    let third = started()
    for line in ["three", "two", "one"] {
      third.type(Self.up)
      #expect(third.waits { $0.lines.last == "> \(line)" })
    }
  }

  @Test func aSearchIsSeenAndTaken() {
    let term = started()
    term.type("print(1)\rlocal x\rprint(2)\r")
    #expect(term.waits(for: "got \"print(2)\""))
    term.type("\u{12}pri")
    #expect(term.waits { $0.lines.last == "search `pri': print(2)" })
    term.type("\u{12}")
    #expect(term.waits { $0.lines.last == "search `pri': print(1)" })
    term.type("zz")
    #expect(term.waits { $0.lines.last == "failing search `prizz': print(1)" })
    term.type("\u{7F}\u{7F}\u{12}\u{5}!")
    #expect(term.waits { $0.lines.last == "> print(1)!" })
  }

  @Test func controlCClearsAndGoesOn() {
    let term = started()
    term.type("half a li\u{3}")
    #expect(term.waits(for: "interrupted\n>"))
    #expect(term.screen.line(0) == "> half a li^C")
    term.type("x\r")
    #expect(term.waits(for: "got \"x\""))
  }

  @Test func tabCompletesAndThenLists() {
    let term = started()
    term.type("pr\t")
    #expect(term.waits { $0.lines.last == "> print" })
    term.type("\u{15}s\t")
    term.type("h\t")
    #expect(term.waits { $0.lines.last == "> shm." })
    term.type("\t")
    #expect(
      term.waits { $0.lines == ["> shm.", "shm.create  shm.open    shm.list", "> shm."] })
    term.type("o\t(")
    #expect(term.waits { $0.lines.last == "> shm.open(name, access" })
    #expect(term.screen.style(of: "name") == "90")
  }

  @Test func outputWithoutALineEndIsKept() {
    let term = PseudoTerminal(columns: 40)
    term.start(
      "/bin/sh", ["-c", "printf partial; exec \(Self.demo)"],
      environment: ["XDG_STATE_HOME": folder.path])
    #expect(term.waits { $0.lines == ["partial", ">"] })
  }

  // MARK: The terminal afterwards

  @Test(arguments: [SIGTERM, SIGHUP, SIGQUIT, SIGSEGV])
  func aDeadlySignalLeavesTheTerminalAsItWas(_ signal: Int32) {
    let term = PseudoTerminal()
    let before = term.modes
    start(term)
    #expect(term.modes != before)
    term.type("half")
    #expect(term.waits(for: "half"))
    term.kill(signal)
    #expect(term.wait() == 128 + signal)
    #expect(term.modes == before)
    #expect(!term.screen.modes.contains(2004))
    #expect(term.screen.isCursorVisible)
  }

  @Test func anAbortLeavesTheTerminalAsItWas() {
    let term = PseudoTerminal()
    let before = term.modes
    start(term)
    term.type("abort\r")
    #expect(term.wait() == 128 + SIGABRT)
    #expect(term.modes == before)
  }

  @Test func theTerminalIsItselfBetweenTwoLines() {
    let term = PseudoTerminal()
    let before = term.modes
    start(term)
    term.type("x\r\u{4}")
    #expect(term.wait() == 0)
    #expect(term.modes == before)
  }

  @Test func anInterruptFromOutsideIsControlC() {
    let term = started()
    term.type("half")
    #expect(term.waits(for: "half"))
    term.kill(SIGINT)
    #expect(term.waits(for: "interrupted\n>"))
  }

  @Test func aStopAndAContinueRepaintTheLine() {
    let term = started()
    term.type("half")
    #expect(term.waits(for: "half"))
    let raw = term.modes
    term.kill(SIGSTOP)
    #expect(run("stty", ["-F", term.path, "sane"]).status == 0)
    term.kill(SIGCONT)
    #expect(term.waits { $0.lines == ["> half", "> half"] })
    #expect(term.modes == raw)
    term.type("\u{1}!\r")
    #expect(term.waits(for: "got \"!half\""))
  }

  @Test(.enabled(if: access("/bin/bash", X_OK) == 0, "no bash, whose jobs stop and go on"))
  func controlZStopsAndFgGoesOn() {
    let term = PseudoTerminal()
    term.start(
      "/bin/bash", ["--norc", "--noprofile", "--noediting", "-i"],
      environment: [
        "XDG_STATE_HOME": folder.path, "PS1": "shell$ ", "HISTFILE": "/dev/null",
      ])
    #expect(term.waits(for: "shell$"))
    term.type("\(Self.demo)\r")
    #expect(term.waits { $0.lines.last == ">" })
    term.type("half")
    #expect(term.waits { $0.lines.last == "> half" })
    term.type("\u{1A}")
    #expect(term.waits { $0.text.contains("Stopped") && $0.lines.last == "shell$" })
    #expect(!term.screen.modes.contains(2004))
    term.type("fg\r")
    #expect(term.waits { $0.lines.last == "> half" })
    term.type("!\r")
    #expect(term.waits(for: "got \"half!\""))
    term.type("\u{4}")
    #expect(term.waits { $0.lines.suffix(2) == ["end", "shell$"] })
    term.type("exit\r")
    #expect(term.wait() == 0)
  }

  @Test func aClosedTerminalEndsTheProgram() {
    let term = started()
    term.hangUp()
    #expect(term.wait() == 128 + SIGHUP)
  }

  /// In a session without a terminal the kernel sends no signal; in the terminal's own it comes
  /// after the end of the input, so that now the one is seen first and now the other.
  @Test func aClosedTerminalEndsTheProgramBeforeTheSignalComes() {
    let term = PseudoTerminal()
    term.start(
      "/bin/sh", ["-c", "trap : HUP; setsid -w /bin/sh -c '\(Self.demo); exit $?'"],
      environment: ["XDG_STATE_HOME": folder.path])
    #expect(term.waits { $0.lines.last == ">" })
    term.hangUp()
    #expect(term.wait() == 128 + SIGHUP)
  }

  @Test func aClosedTerminalIsTheEndWhereHangUpsAreIgnored() {
    let term = PseudoTerminal()
    term.start(
      "/bin/sh", ["-c", "trap '' HUP; exec \(Self.demo)"],
      environment: ["XDG_STATE_HOME": folder.path])
    #expect(term.waits { $0.lines.last == ">" })
    term.hangUp()
    #expect(term.wait() == 0)
  }

  // MARK: Where there is no editor

  @Test(arguments: ["dumb", ""]) func aDumbTerminalIsLeftAlone(_ name: String) {
    let term = PseudoTerminal()
    term.start(Self.demo, environment: ["TERM": name])
    #expect(term.wait() == 3)
    #expect(term.screen.lines == ["not usable"])
  }

  @Test func aPipeIsLeftAlone() {
    #expect(run(Self.demo, environment: ["TERM": "xterm"]).status == 3)
  }

  @Test func noColorIsHonoured() {
    let term = started(environment: ["NO_COLOR": "1"])
    term.type("local x = ('a', 12\u{3}")
    #expect(term.waits(for: "interrupted"))
    for code in ["[3", "[9", "[1;3"] {
      #expect(!String(decoding: term.raw, as: UTF8.self).contains("\u{1B}\(code)"))
    }
  }

  // MARK: Much at once

  @Test func whatIsTypedAheadIsForWhoReadsIt() {
    let term = started()
    term.type("one\rtwo\r\u{4}")
    #expect(term.wait() == 0)
    #expect(term.screen.text.contains("got \"one\"") && term.screen.text.contains("got \"two\""))
  }

  @Test func whatIsTypedBehindTheEndIsForTheNextProgram() {
    let term = PseudoTerminal()
    term.start(
      "/bin/sh", ["-c", "\(Self.demo); read line; echo \"read $line\""],
      environment: ["XDG_STATE_HOME": folder.path])
    #expect(term.waits { $0.lines.last == ">" })
    term.type("one\r\u{4}two\r")
    #expect(term.waits(for: "read two"))
    #expect(term.wait() == 0)
  }

  @Test func aMegabyteInOneLineIsALine() {
    let term = started()
    term.paste(String(repeating: "x", count: 1 << 20))
    term.type("\u{1}\u{B}ok\r")
    #expect(term.waits(for: "got \"ok\"", within: 60))
  }
}
