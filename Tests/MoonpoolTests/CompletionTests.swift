import Glibc
import TestSupport
import Testing

@Suite struct CompletionTests {
  @Test func bashCompletesCommandsScriptsAndFiles() {
    let share = Share()
    #expect(share.outcome.status == 0, "\(share.outcome.errors)")
    #expect(run("bash", ["-n", share.bash]).errors == "")
    #expect(
      Self.bash(share.bash, "moonpool", "d") == [
        "debug-monitor.lua", "debug-send.lua", "demo", "doctor", "dump",
      ])
    #expect(Self.bash(share.bash, "moonpool", "fir") == ["first.lua"])
    #expect(Self.bash(share.bash, "moonpool", "bui") == [])
    #expect(Self.bash(share.bash, "moonpool", "first.lua", "bui") == ["build"])
    #expect(Self.bash(share.bash, "moonpool", "run", "fir") == ["first"])
    #expect(Self.bash(share.bash, "moonpool", "run", "board", "fir") == ["first.lua"])
    #expect(Self.bash(share.bash, "moonpool", "--exp") == ["--explain"])
    #expect(Self.bash(share.bash, "moonpool", "play", "tru") == ["truncated"])
    #expect(Self.bash(share.bash, "moonpool", "play", "ring", "fir") == ["first.lua"])
    #expect(Self.bash(share.bash, "moonpool", "explore", "tw") == ["two-phases"])
    #expect(Self.bash(share.bash, "moonpool", "replay", "wat") == ["watchdog"])
    #expect(Self.bash(share.bash, "moonpool", "replay", "watchdog", "bui") == ["build"])
    #expect(Self.bash(share.bash, "moonpool", "run", "--sh") == ["--show"])
  }

  @Test(.enabled(if: Places.haveInstalled("zsh"), "zsh is not installed"))
  func zshTakesItsCompletions() {
    let share = Share()
    #expect(run("zsh", ["-n", share.zsh]).errors == "")
  }

  @Test(.enabled(if: Places.haveInstalled("fish"), "fish is not installed"))
  func fishTakesItsCompletions() {
    let share = Share()
    #expect(run("fish", ["-n", share.fish]).errors == "")
  }

  // MARK: - Living names

  /// Objects that live while this does, some with names that a shell would take apart or run.
  private final class Objects {
    let session = Places.unique("complete")
    let posix = "/" + Places.unique("complete") + "-posix"
    private let holder: Child

    init() throws {
      let names = [
        "blackboard", "black cat", "it's", "a$(touch /tmp/moonpool-ran)b", #"quo"te"#, "col:on",
        "-dash", "ünï", "equals=x",
      ]
      let list = names.map { "[==[\($0)]==]" }.joined(separator: ", ")
      holder = Child(
        Places.moonpool,
        [
          "-e",
          """
          held = {}
          for _, name in ipairs { \(list) } do held[#held + 1] = assert(shm.create(name, 64)) end
          held[#held + 1] = assert(shm.event("bell"))
          held[#held + 1] = assert(shm.queue("jobs", 1))
          held[#held + 1] = assert(shm.topic("speed", 1))
          held[#held + 1] = assert(shm.create("\(posix)", 64))
          print("ready") io.stdout:flush() io.read()
          """,
        ], environment: ["MOONPOOL_SESSION": session], input: .open)
      #expect(holder.prints("ready"))
    }

    deinit {
      holder.closeInput()
      _ = holder.wait()
      _ = run(Places.moonpool, ["rm", posix])
    }

    var environment: [String: String] {
      [
        "MOONPOOL_SESSION": session, "PATH": "\(Places.binaries):/usr/bin:/bin",
        "LC_ALL": "C.UTF-8", "HISTFILE": "/dev/null", "PS1": "$ ",
      ]
    }

    /// What is typed, and the whole line after Tab; the same where nothing fits.
    var lines: [(typed: String, completed: String)] {
      [
        ("stat blackb", "stat blackboard "), (#"who black\ "#, #"who black\ cat "#),
        ("stat it", #"stat it\'s "#), ("stat 'black c", "stat 'black cat' "),
        ("stat a", #"stat a\$\(touch\ /tmp/moonpool-ran\)b "#), ("path col:", "path col:on "),
        ("stat equ", "stat equals=x "), (#"dump Local\\-"#, #"dump Local\\-dash "#),
        ("watch ün", "watch ünï "), ("stat be", "stat bell "), ("dump be", "dump be"),
        ("watch be", "watch bell "), ("watch jo", "watch jobs "), ("dump jo", "dump jo"),
        ("write blackb", "write blackboard "), ("write spe", "write spe"),
        ("send jo", "send jobs "), ("send spe", "send speed "), ("send blackb", "send blackb"),
        ("receive --json spe", "receive --json speed "), ("receive be", "receive be"),
        ("stat frobnic", "stat frobnic"), ("rm blackb", "rm blackb"),
        ("rm \(posix.dropLast(2))", "rm \(posix) "),
        ("dump --offset 4 blackb", "dump --offset 4 blackboard "),
        ("run show mumble_l", "run show mumble_linux "), ("run show rts", "run show rtss "),
        ("play trunc", "play truncated "),
        ("replay --times 3 watchd", "replay --times 3 watchdog "),
      ]
    }
  }

  /// Types each line into a shell on a terminal, with a Tab behind it, and looks at the screen.
  private static func completes(
    _ terminal: PseudoTerminal, _ lines: [(typed: String, completed: String)]
  ) {
    for (typed, completed) in lines {
      let bells = terminal.screen.bells
      terminal.type("moonpool \(typed)\t")
      let expected =
        "$ moonpool " + (completed.hasSuffix(" ") ? String(completed.dropLast()) : completed)
      if typed == completed {
        #expect(terminal.waits { $0.bells > bells }, "\(typed)")
      }
      #expect(
        terminal.waits { $0.lines.last?.hasPrefix(expected) == true },
        "\(typed): \(terminal.screen.lines.last ?? "")")
      // No text, and a screen without old ones.
      terminal.type("\u{15}\u{C}")
      #expect(terminal.waits { $0.lines == ["$"] })
    }
    #expect(access("/tmp/moonpool-ran", F_OK) != 0)
  }

  @Test func bashOffersLivingNamesQuotedAsItNeedsThem() throws {
    let share = Share()
    let objects = try Objects()
    let terminal = PseudoTerminal()
    terminal.start(
      "bash", ["--norc", "--noprofile", "-i"], environment: objects.environment)
    terminal.type("source \(share.bash)\r")
    terminal.settle(milliseconds: 300)
    terminal.type("\u{C}")
    #expect(terminal.waits { $0.lines == ["$"] })
    Self.completes(terminal, objects.lines)
  }

  @Test(.enabled(if: Places.haveInstalled("zsh"), "zsh is not installed"))
  func zshOffersLivingNamesQuotedAsItNeedsThem() throws {
    let share = Share()
    let objects = try Objects()
    let terminal = PseudoTerminal()
    terminal.start("zsh", ["-f", "-i"], environment: objects.environment)
    let folder = share.zsh.dropLast("/_moonpool".count)
    terminal.type("PS1='$ ' fpath=(\(folder) $fpath); autoload -U compinit; compinit -u -D\r")
    terminal.type("print read''y\r")
    #expect(terminal.waits(for: "\nready"))
    terminal.settle(milliseconds: 300)
    terminal.type("\u{C}")
    #expect(terminal.waits { $0.lines == ["$"] })
    Self.completes(terminal, objects.lines)
  }

  @Test(.enabled(if: Places.haveInstalled("fish"), "fish is not installed"))
  func fishOffersLivingNames() throws {
    let share = Share()
    let objects = try Objects()
    func offered(_ line: String) -> [String] {
      let script = "source \(share.fish); complete -C 'moonpool \(line)'"
      return run("fish", ["--no-config", "-c", script], environment: objects.environment).output
        .split(separator: "\n").map(String.init)
    }
    #expect(offered("stat bl") == ["black cat", "blackboard"])
    #expect(offered("who it") == ["it's"])
    #expect(offered("path a") == ["a$(touch /tmp/moonpool-ran)b"])
    #expect(offered("dump be") == [])
    #expect(offered("stat be") == ["bell"])
    #expect(offered("watch jo") == ["jobs"])
    #expect(offered("send ") == ["jobs", "speed"])
    #expect(offered("receive spe") == ["speed"])
    #expect(offered("write blackb") == ["blackboard"])
    #expect(offered("rm bl") == [])
    #expect(offered("rm \(objects.posix.dropLast(2))") == [objects.posix])
    #expect(offered("run show mumble_l") == ["mumble_linux"])
  }

  @Test func namesAreGivenAsTheirBytes() throws {
    let session = Places.unique("complete")
    let holder = Child(
      Places.moonpool,
      [
        "-e",
        "a = assert(shm.create('x\\xFFy', 8)) b = assert(shm.create('x\\nz', 8)) print('ready') "
          + "io.stdout:flush() io.read()",
      ], environment: ["MOONPOOL_SESSION": session], input: .open)
    #expect(holder.prints("ready"))
    let script = #""$0" --complete names x | od -An -tx1"#
    let outcome = run(
      "/bin/sh", ["-c", script, Places.moonpool], environment: ["MOONPOOL_SESSION": session])
    #expect(
      outcome.output.split { $0.isWhitespace } == ["78", "0a", "7a", "00", "78", "ff", "79", "00"])
    holder.closeInput()
    _ = holder.wait()
  }

  @Test func aKindThatIsNoneIsRefused() throws {
    let kinds = "--complete: names, memory, messages, files or posix: "
    for (words, complaint) in [
      (["bogus"], "'bogus' is none of these"), (["bogus", "x"], "'bogus' is none of these"),
      (["\u{1B}[2J"], #"'\x1B[2J' is none of these"#), ([], "give one of these"),
    ] {
      let outcome = run(Places.moonpool, ["--complete"] + words)
      #expect(outcome.status == 64)
      #expect(outcome.errors == "moonpool: \(kinds)\(complaint)\n")
      #expect(outcome.output == "")
    }
  }

  /// What bash offers for the last word, in the scripts' folder.
  private static func bash(_ completions: String, _ words: String...) -> [String] {
    let driver = """
      cd "$1" && source "$2" && shift 2
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
      _moonpool "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let outcome = run("bash", ["-c", driver, "bash", Places.scripts, completions] + words)
    return outcome.output.split(separator: "\n").map(String.init).sorted()
  }
}
