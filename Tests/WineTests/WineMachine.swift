import Glibc
import TestSupport
import Wine

/// A prefix of the test's own, in a temporary folder, and Windows programs that run in it.
///
/// `MOONPOOL_WINE_ROOT=/folder` takes the wine of another system, which stands in that folder, by
/// chroot: so the tests run against other versions than Debian's own.
final class WineMachine {
  private static let root = getenv("MOONPOOL_WINE_ROOT").map { String(cString: $0) } ?? ""

  /// Why Windows programs cannot run here; nil: they can.
  static let obstacle: String? = {
    for program in ["wine", "wineserver"] where !has(enter + [program]) {
      return "\(program) is not installed (scripts/setup wine)"
    }
    if !has(["x86_64-w64-mingw32-gcc"]) { return "mingw is not installed (scripts/setup wine)" }
    return nil
  }()

  private static let enter = root.isEmpty ? [] : ["chroot", root]

  private static func has(_ command: [String]) -> Bool {
    run(
      "/bin/sh",
      [
        "-c",
        (command.dropLast() + ["sh", "-c", "'command -v \(command.last!)'"]).joined(separator: " "),
      ]
    )
    .status == 0
  }

  /// The folder with the prefix and the programs, as we see it.
  let folder: String
  var prefix: String { folder + "/prefix" }
  var prefixes: WinePrefixes { WinePrefixes(prefix: prefix) }
  /// As wine sees it.
  private var inside: String { String(folder.dropFirst(Self.root.count)) }

  private var environment: [String: String] {
    [
      "WINEPREFIX": inside + "/prefix", "WINEDEBUG": "-all", "DISPLAY": "",
      "WINEDLLOVERRIDES": "mscoree=;mshtml=;winemenubuilder.exe=", "LC_ALL": "C.UTF-8",
    ]
  }

  struct NotReady: Error { let complaint: String }

  /// Makes the prefix, which takes seconds, and compiles the programs.
  init() throws {
    var template = Array("\(Self.root)/tmp/moonpool-wine-XXXXXX".utf8CString)
    folder = mkdtemp(&template).map { String(cString: $0) } ?? "/nowhere"
    let sources = "\(Places.repository)/Tests/WineTests/Programs"
    for program in ["first", "second", "shown", "agent", "telemetry"] {
      let compiled = run(
        "x86_64-w64-mingw32-gcc",
        ["-w", "-o", "\(folder)/\(program).exe", "\(sources)/\(program).c"])
      if compiled.status != 0 { throw NotReady(complaint: compiled.errors) }
    }
    let boot = run(
      words("wineboot")[0], Array(words("wineboot", "-i").dropFirst()), environment: environment)
    if boot.status != 0 { throw NotReady(complaint: boot.errors) }
  }

  deinit {
    stop()
    _ = run("/bin/rm", ["-rf", folder])
  }

  /// Ends all of the prefix's programs, and its server.
  func stop() {
    for argument in ["-k", "-w"] {
      let command = words("wineserver", argument)
      _ = run(command[0], Array(command.dropFirst()), environment: environment)
    }
  }

  /// The version that is tested.
  var version: String {
    let command = words("wine", "--version")
    return run(command[0], Array(command.dropFirst()), environment: environment).output
  }

  private func words(_ command: String...) -> [String] { Self.enter + command }

  /// Starts one of the programs.
  func start(_ program: String, input: Child.Input = .none) -> Child {
    let command = words("wine", "\(inside)/\(program).exe")
    return Child(command[0], Array(command.dropFirst()), environment: environment, input: input)
  }

  /// Starts one of the programs on a terminal of its own.
  func startOnTerminal(_ program: String) -> PseudoTerminal {
    let command = words("wine", "\(inside)/\(program).exe")
    let terminal = PseudoTerminal()
    terminal.start(command[0], Array(command.dropFirst()), environment: environment)
    return terminal
  }

  /// A script of the repository's, whose names mean this prefix's: its text after a blank, as an
  /// argument of `-e` begins with no dash.
  func script(_ name: String) -> String {
    " "
      + Traces.text("\(Places.scripts)/\(name).lua")
      .replacing("[[Global\\", with: "[[Wine\\Global\\")
  }

  func moonpool(_ words: String...) -> Outcome {
    run(Places.moonpool, words, environment: ["MOONPOOL_WINE": prefix])
  }

  func startMoonpool(_ text: String) -> Child {
    Child(
      Places.moonpool, ["-e", text], environment: ["MOONPOOL_WINE": prefix], input: .open)
  }
}

/// A Windows program that does what it is told.
final class Agent {
  private let child: Child
  private var lines = 0

  init(_ machine: WineMachine) { child = machine.start("agent", input: .open) }

  /// One line, and the line that answers it.
  func ask(_ line: String) -> String {
    child.write(line + "\n")
    _ = poll(within: 30) { answers.count > lines }
    defer { lines += 1 }
    return lines < answers.count ? answers[lines] : "no answer"
  }

  private var answers: [String] {
    child.printed.replacing("\r\n", with: "\n").split(separator: "\n").map(String.init)
  }

  /// Ends it in the normal way.
  func end() {
    child.closeInput()
    child.wait()
  }

  func kill() {
    child.kill()
    child.wait()
  }
}
