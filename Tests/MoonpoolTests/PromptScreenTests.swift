import Glibc
import TestSupport
import Testing

/// The prompt as a person sees it, on a terminal.
@Suite struct PromptScreenTests {
  /// A prompt in a session, a home and a terminal of its own.
  final class Person {
    let terminal: PseudoTerminal
    let session = Places.unique("prompt")
    let home: String
    private let isDumb: Bool
    /// The terminal's modes before the prompt had it.
    private let before: [UInt32]

    init(columns: Int = 80, rows: Int = 24, environment: [String: String] = [:]) {
      terminal = PseudoTerminal(columns: columns, rows: rows)
      before = terminal.modes
      isDumb = environment["TERM"] == "dumb"
      var template = Array("/tmp/moonpool-test-XXXXXX".utf8CString)
      mkdtemp(&template)
      home = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      let own = [
        "MOONPOOL_SESSION": session, "XDG_STATE_HOME": home, "HOME": home, "TMPDIR": home,
        "LUA_PATH": "\(home)/?.lua",
      ]
      terminal.start(Places.moonpool, environment: own.merging(environment) { $1 })
      #expect(terminal.waits(for: "Ctrl-D leaves"))
      #expect(terminal.waits { $0.lines.contains("> ") || $0.lines.contains(">") })
    }

    /// A killed prompt's objects go with the next operation in its session.
    deinit {
      terminal.kill(SIGKILL)
      terminal.wait()
      _ = moonpool("ls", session: session)
      _ = run("/bin/rm", ["-rf", home])
    }

    func enters(_ line: String) { terminal.type(line + "\r") }

    /// Types a line and waits until its answer is seen.
    func asks(
      _ line: String, shows answer: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
      enters(line)
      #expect(
        terminal.waits { $0.everything.contains(answer) }, "\(terminal.screen.everything)",
        sourceLocation: sourceLocation)
    }

    /// Waits until the last line is the prompt, and nothing else.
    func isAskedForALine() -> Bool {
      terminal.waits { screen in
        let last = screen.everything.split(separator: "\n").last ?? ""
        return [">", "> ", "> ^C"].contains(last)
      }
    }

    /// Leaves by Ctrl-D.
    func leaves() {
      // Before the editor has its modes, the terminal takes Ctrl-D for itself.
      if !isDumb { #expect(poll { terminal.modes != before }) }
      terminal.type("\u{4}")
      hasLeft()
    }

    /// Looks whether it has ended well, and the terminal is as it was.
    func hasLeft() {
      #expect(terminal.wait() == 0)
      #expect(terminal.modes == before)
    }
  }

  @Test func resultsAreShownAndRemembered() {
    let person = Person()
    person.asks("20 + 1", shows: "\n21")
    person.asks("{ b = 1, a = _ }", shows: "{ a = 21, b = 1 }")
    person.asks("_2 * 2", shows: "\n42")
    person.asks("=6 * 11", shows: "\n66")
    #expect(person.terminal.screen.style(of: "66") != nil)
  }

  @Test func aChunkOfSeveralLinesIsAskedForItsRest() {
    let person = Person()
    person.enters("for i = 1, 2 do")
    #expect(person.terminal.waits(for: ">>"))
    person.enters("print('line ' .. i)")
    person.asks("end", shows: "line 2")
  }

  @Test(arguments: [80, 40])
  func aViewIsAHexdumpThatFits(columns: Int) {
    let person = Person(columns: columns)
    person.asks(#"v = shm.create("board", 64)"#, shows: ">")
    person.asks(#"v:write("hello")"#, shows: "view of board (64 bytes, rw)")
    #expect(person.terminal.waits(for: "held by \(person.terminal.pid) moonpool"))
    #expect(person.terminal.waits(for: "68 65 6c 6c 6f 00 00 00"))
    #expect(person.terminal.waits(for: "hello..."))
    let wraps = person.terminal.screen.lines.contains { $0.hasPrefix("...") }
    #expect(!wraps, "\(person.terminal.screen.text)")
  }

  @Test func namesOfObjectsCompleteInsideOfTheString() {
    let person = Person()
    person.asks(#"v = shm.create("blackboard", 8)"#, shows: ">")
    person.terminal.type("shm.open(\"bl\t")
    #expect(person.terminal.waits(for: "shm.open(\"blackboard\""))
    person.asks("):name() .. '!'", shows: "\"blackboard!\"")
  }

  @Test func methodsOfViewsComplete() {
    let person = Person()
    person.asks(#"v = shm.create(nil, 8)"#, shows: ">")
    person.terminal.type("v:wri\t")
    #expect(person.terminal.waits(for: "> v:write"))
    person.terminal.type("(")
    #expect(person.terminal.waits(for: "v:write(data [, offset])"))
  }

  @Test func modulesCompleteAfterRequire() {
    let person = Person()
    let file = fopen("\(person.home)/seahorse.lua", "w")
    fclose(file)
    person.terminal.type("require 'seah\t")
    #expect(person.terminal.waits(for: "require 'seahorse'"))
  }

  @Test func wideCharactersTakeTheirColumns() {
    let person = Person(columns: 40)
    person.enters(#"s = "日本語日本語日""#)
    person.enters("{ s, s, s }")
    #expect(
      person.terminal.waits { screen in
        screen.lines.contains("{") && !screen.lines.contains { $0.hasPrefix("{ ") }
      }, "\(person.terminal.screen.everything)")
    person.enters(#"s = ("e\u{301}"):rep(4)"#)
    person.enters("{ s, s, s, s }")
    #expect(
      person.terminal.waits { screen in
        screen.lines.contains { $0.hasPrefix("{ \"") && $0.hasSuffix("\" }") }
      }, "\(person.terminal.screen.everything)")
  }

  @Test func theCaretStandsUnderWhatItMeans() {
    let person = Person()
    person.enters(#""日本語" .. nothing"#)
    #expect(
      person.terminal.waits { screen in
        let caret = "     | " + String(repeating: " ", count: 12) + "^^^^^^^"
        return screen.everything.contains("\n\(caret)")
      }, "\(person.terminal.screen.everything)")
  }

  @Test func theTopicsOfHelpFitOnTheScreen() {
    let person = Person()
    person.enters("help()")
    #expect(person.terminal.waits(for: "\n  locking    "))
    #expect(!person.terminal.screen.everything.contains("(cut;"))
    #expect(!person.terminal.screen.lines.contains("es"))
  }

  @Test func whatTakesAnArgumentCompletesWithABlank() {
    let person = Person()
    person.asks(#"v = shm.create("blackboard", 8)"#, shows: ">")
    person.terminal.type(":wh\tbl\t")
    #expect(person.terminal.waits(for: "> :who blackboard"))
  }

  /// A word that nothing knows is not a mistake of Tab's to mend.
  @Test(
    arguments: [
      "frobnicate", "x = frobnicate", "string.frobnicate", "nothing.x", "shm.open('frobnicate",
      "require 'frobnicate", ":who frobnicate", ":load /frobnicate", ":frobnicate", "?frobnicate",
    ])
  func tabWhereNothingFitsLeavesTheText(text: String) {
    let person = Person()
    person.terminal.type(text + "\t")
    #expect(person.terminal.waits { $0.bells == 1 })
    person.terminal.type("\t!")
    #expect(person.terminal.waits { $0.bells == 2 && $0.lines.last == "> \(text)!" })
  }

  @Test func theOptionsOfACallComplete() {
    let person = Person()
    person.terminal.type("v = shm.create('x', 64, { rese\ttrue, excl\ttrue })\r")
    #expect(person.terminal.waits(for: "{ reserve = true, exclusive = true })"))
    person.asks("v", shows: "view of x (64 bytes, rw)")
  }

  @Test func theLinesOfAChunkAreIndented() {
    let person = Person()
    person.enters("for i = 1, 2 do")
    #expect(person.terminal.waits { $0.lines.last == ">>" && $0.cursor.column == 5 })
    person.enters("if i == 2 then")
    #expect(
      person.terminal.waits {
        $0.lines.suffix(2) == [">>   if i == 2 then", ">>"] && $0.cursor.column == 7
      })
    person.enters("print('seen ' .. i)")
    #expect(
      person.terminal.waits {
        $0.lines.suffix(2) == [">>     print('seen ' .. i)", ">>"] && $0.cursor.column == 7
      })
    person.enters("end")
    #expect(person.terminal.waits { $0.lines.suffix(2) == [">>   end", ">>"] })
    person.asks("end", shows: "\nseen 2")
    #expect(
      person.terminal.screen.everything.contains(
        "\n> for i = 1, 2 do\n>>   if i == 2 then\n>>     print('seen ' .. i)\n>>   end\n>> end\n"))
  }

  /// Without brackets around it, it comes as if it were typed.
  @Test func aPasteIsNotIndentedTwice() {
    let person = Person()
    person.terminal.type("for i = 1, 1 do\r  if i then\r    print('pasted')\r  end\rend\r")
    #expect(person.terminal.waits(for: "\npasted"))
    #expect(
      person.terminal.screen.everything.contains(">>   if i then\n>>     print('pasted')\n>>   end")
    )
  }

  @Test func upWithTextFindsWhatBeginsWithIt() {
    let person = Person()
    person.asks("print('first')", shows: "\nfirst")
    person.asks("x = 1", shows: "> x = 1")
    person.asks("pair = 2", shows: "> pair = 2")
    person.terminal.type("pr\u{1B}[A")
    #expect(person.terminal.waits { $0.lines.last == "> print('first')" })
  }

  @Test func theKeysAreListed() {
    let person = Person()
    person.asks("?keys", shows: "Ctrl-R, Ctrl-S      search")
    person.asks("help(keys)", shows: "Alt-Enter")
    person.asks(":", shows: "?keys")
  }

  @Test func layoutsShowTheirNames() {
    let person = Person()
    person.asks("shm.layouts", shows: "  mumble_linux = \"Mumble Link")
    person.terminal.type("shm.layouts.mumble_l\t")
    #expect(person.terminal.waits { $0.lines.last == "> shm.layouts.mumble_linux" })
  }

  @Test func commandsComplete() {
    let person = Person()
    person.terminal.type(":ti\t")
    #expect(person.terminal.waits(for: "> :time"))
  }

  @Test func theParametersOfOnesOwnFunctionAreHinted() {
    let person = Person()
    person.enters("function mix(water, salt) end")
    person.terminal.type("mix(1, ")
    #expect(person.terminal.waits(for: "mix(1, salt)"))
  }

  @Test func anErrorIsRedWithACaret() {
    let person = Person()
    person.asks("x = nothing.field", shows: "    |     ^^^^^^^")
    #expect(person.terminal.screen.style(of: "attempt to index")?.contains("31") == true)
  }

  @Test func aVanishedLocalIsExplained() {
    let person = Person()
    person.enters("local x = 1")
    person.asks("x", shows: "a local ends with its line")
  }

  @Test func helpIsAtHand() {
    let person = Person()
    person.asks("?shm.open", shows: "shm.open(name [, options])")
    person.asks("help(shm.path)", shows: "shm.path(name)")
    person.asks("help(view.write)", shows: "view:write(data [, offset])")
    person.asks("help(event.set)", shows: "event:set()")
    person.asks("e = shm.event('e')", shows: "> e = shm")
    person.asks("help(e.reset)", shows: "event:reset()")
    person.asks("?e:wait", shows: "event:wait(")
    person.asks("help()", shows: "console")
  }

  @Test func longOutputIsCutAndAllShowsTheRest() {
    let person = Person()
    person.asks(
      "t = {} for i = 1, 500 do t['k' .. i] = i end return t", shows: ":all shows everything")
    #expect(!person.terminal.screen.everything.contains("k99 = 99"))
    person.asks(":all", shows: "k99 = 99")
  }

  @Test func hexMakesFlagsReadable() {
    Person().asks("hex(0xC0000005)", shows: "0xc0000005")
  }

  // MARK: - Ctrl-C

  /// A search in a text that takes longer than anybody lives.
  private static let endless =
    "_ = ('a'):rep(40):gsub(('a?'):rep(40) .. ('a'):rep(40), 'x')"

  @Test func theThirdCtrlCEndsWhatDoesNotListen() {
    let person = Person()
    person.asks("io.write('run', 'ning\\n') io.flush() " + Self.endless, shows: "\nrunning")
    // Before it is in that search, the first press would stop the line, and none would add up.
    let before = processorTime(of: person.terminal.pid)
    #expect(poll { processorTime(of: person.terminal.pid) > before + 20 })
    // Those that come before the handler of the first has run are one signal.
    var presses = 0
    repeat {
      person.terminal.type("\u{3}")
      presses += 1
    } while !person.terminal.waits(for: "Ctrl-C once more ends moonpool", within: 3) && presses < 9
    #expect(presses >= 2 && presses < 9)
    person.terminal.type("\u{3}")
    #expect(person.terminal.wait() == 128 + SIGINT)
  }

  @Test func ctrlCThatIsHeardDoesNotAddUp() {
    let person = Person()
    for turn in 1...4 {
      person.asks(
        "io.write('turn', \(turn), '\\n') io.flush() while true do end", shows: "\nturn\(turn)")
      person.terminal.type("\u{3}")
      #expect(person.terminal.waits { $0.lines.last == ">" })
    }
    #expect(!person.terminal.screen.everything.contains("once more"))
    person.leaves()
  }

  @Test(
    arguments: [
      "while true do end", "io.read()", "console.getch()", "console.message_box('box')",
      "coroutine.wrap(function() while true do end end)()",
      "local function f() f() end while true do pcall(f) end",
      "shm.create(nil, 8):atomic(0):wait(0)",
      "coroutine.wrap(function() shm.create(nil, 8):atomic(0):wait(0) end)()",
      "local v = shm.create(nil, 8):write('\\1') v:snapshot(0, 8, {timeout = 1e9})",
    ])
  func ctrlCStopsALineAndKeepsThePrompt(line: String) {
    let person = Person()
    // The program says when it runs: an earlier Ctrl-C would be the editor's.
    person.asks("io.write('run', 'ning\\n') io.flush() " + line, shows: "\nrunning")
    person.terminal.settle()
    person.terminal.type("\u{3}")
    if !person.terminal.waits(for: "interrupted!", within: 2) { person.terminal.type("\u{3}") }
    #expect(person.terminal.waits(for: "interrupted!"), "\(person.terminal.screen.everything)")
    person.asks("40 + 2", shows: "\n42")
    person.leaves()
  }

  @Test func aLoopThatCatchesErrorsEndsWithTheSecondCtrlC() {
    let person = Person()
    person.asks(
      "print('run' .. 'ning') while true do pcall(function() while true do end end) end",
      shows: "\nrunning")
    person.terminal.type("\u{3}")
    person.terminal.settle()
    person.terminal.type("\u{3}")
    #expect(person.terminal.waits(for: "interrupted!"))
    person.asks("40 + 2", shows: "\n42")
  }

  // MARK: - Commands

  @Test func aColonListsTheCommands() {
    let person = Person()
    person.enters(":")
    for word in [":time EXPR", ":ls", ":who NAME", ":edit", ":save FILE", ":load FILE", ":q"] {
      #expect(person.terminal.waits(for: word))
    }
    person.asks(":nonsense", shows: "unknown command ':nonsense'; : lists them")
    person.asks(":time", shows: "usage: :time EXPR")
  }

  @Test func timeSaysHowLongItTook() {
    let person = Person()
    person.enters(":time 6 * 7")
    #expect(person.terminal.waits { $0.lines.contains("42") })
    #expect(
      person.terminal.waits { screen in
        screen.lines.contains { $0.hasSuffix(" µs") || $0.hasSuffix(" ns") || $0.hasSuffix(" ms") }
      })
  }

  @Test func whatDoesNotRunHasNoTime() {
    let person = Person()
    person.enters(":time x = = 1")
    #expect(person.terminal.waits(for: "unexpected symbol near '='"))
    person.asks(":time error('late')", shows: "late")
    person.asks("40 + 2", shows: "\n42")
    let times = person.terminal.screen.lines.filter {
      [" µs", " ns", " ms"].contains($0.suffix(3))
    }
    #expect(times.count == 1, "\(person.terminal.screen.text)")
  }

  @Test func objectsAndTheirHoldersAreListed() {
    let person = Person()
    person.asks(#"v = shm.create("board", 64)"#, shows: ">")
    person.asks(":ls", shows: #"Local\board"#)
    person.asks(":who board", shows: "PID")
    #expect(
      person.terminal.waits { screen in
        screen.lines.contains {
          $0.hasPrefix("\(person.terminal.pid) ") && $0.contains(" rw ")
            && $0.hasSuffix(" moonpool")
        }
      })
    person.asks(":who nobody", shows: "ERROR_FILE_NOT_FOUND (2)")
  }

  @Test func aSavedPromptRunsAsAScript() {
    let person = Person()
    let path = "\(person.home)/saved.lua"
    person.enters("x = 20")
    person.enters("local lost = 1")
    person.enters("x = = 1")
    person.asks("x + 1", shows: "\n21")
    person.asks("_ * 2", shows: "\n42")
    person.asks(":save \(path)", shows: "lines written to")
    let outcome = moonpool(path, session: Places.unique())
    #expect(outcome.output == "21\n42\n")
    #expect(outcome.status == 0, "\(outcome.errors)")
    person.asks(":save \(path)", shows: "exists; :save! ")
    person.asks("error('a mistake')", shows: "a mistake")
    person.asks(":save! \(path)", shows: "lines written to")
    person.asks("x = 1", shows: ">")
    person.asks(":load \(path)", shows: "\n42")
    person.asks(":load \(person.home)/none.lua", shows: "No such file")
  }

  @Test func theLastChunkIsEdited() {
    let editor = "sh -c 'stat -c \"mode %a\" $0; sed -i s/20/21/ $0'"
    let person = Person(environment: ["VISUAL": "", "EDITOR": editor])
    person.asks("20 * 2", shows: "\n40")
    person.asks(":edit", shows: "mode 600")
    #expect(person.terminal.waits(for: "\n42"))
    #expect(run("/bin/ls", [person.home]).output.contains("lua") == false)
  }

  @Test func withoutAnEditorThatIsSaid() {
    let person = Person(environment: ["VISUAL": "", "EDITOR": ""])
    person.asks(":edit", shows: "set VISUAL or EDITOR")
  }

  @Test func qLeavesAndTheTerminalIsAsBefore() {
    let person = Person()
    person.enters(":q")
    person.hasLeft()
  }

  // MARK: - Other terminals

  @Test func aDumbTerminalGetsPlainLines() {
    let person = Person(environment: ["TERM": "dumb"])
    person.asks("{ a = nothing }", shows: "{}")
    person.enters("for i = 1, 1 do")
    #expect(person.terminal.waits(for: ">>"))
    person.asks("print('inside') end", shows: "\ninside")
    person.asks("x.y", shows: "     | ^")
    // Typed before the next prompt, a line would stand before it.
    #expect(person.isAskedForALine())
    // The kernel drops the line and what was echoed of it, sends the signal, and then echoes ^C,
    // which the next prompt may come before.
    person.terminal.type("half a line\u{3}")
    #expect(person.terminal.waits { $0.everything.contains("^C") })
    #expect(person.isAskedForALine())
    person.asks("40 + 2", shows: "\n42")
    #expect(!person.terminal.raw.contains(0x1B))
    person.leaves()
  }

  /// The chunk has run, its line is not read yet: an interrupt in between is the line's.
  @Test func anInterruptBeforeAPlainLineIsReadIsItsOwn() {
    let person = Person(environment: ["TERM": "dumb"])
    let (read, write) = (0, 1)
    #expect(poll { callAsleep(person.terminal.pid) == read })
    person.terminal.holdOutput(true)
    person.enters("left = 7")
    #expect(poll { callAsleep(person.terminal.pid) == write })
    person.terminal.kill(SIGINT)
    person.terminal.holdOutput(false)
    // The line is echoed before or after the prompt that was held back.
    #expect(
      person.terminal.waits { screen in
        screen.everything.count { $0 == ">" } == 3 && screen.everything.hasSuffix("\n>")
      }, "\(person.terminal.screen.everything)")
    person.asks("40 + 3", shows: "\n43")
    person.leaves()
  }

  @Test func aScriptMayBeFollowedByThePrompt() {
    let terminal = PseudoTerminal()
    terminal.start(
      Places.moonpool, ["-i", "-e", "left = 'over'"],
      environment: ["MOONPOOL_SESSION": Places.unique(), "XDG_STATE_HOME": "/nonexistent"])
    #expect(terminal.waits(for: "Ctrl-D leaves"))
    terminal.type("left\r")
    #expect(terminal.waits(for: "\"over\""))
  }
}
