import ArgumentParser
import LuaHost
import SharedMemory

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a script that is inside the binary, or print it.",
    usage: "moonpool run [--explain] <name> [<arg> …]\n       moonpool run --show <name>")

  @Flag(help: "Print the script instead.") var show = false
  @Flag(help: "Explain each call, as moonpool --explain does.") var explain = false
  @Argument(help: "The script's name.", completion: .list(Bundle.scripts.map(\.name)))
  var name: String
  @Argument(
    parsing: .captureForPassthrough, help: ArgumentHelp("Its arguments.", valueName: "arg"),
    completion: .file())
  var words: [String] = []

  func run() {
    guard let text = Bundle.script(name) else {
      if Bundle.scenario(ParserText.decodedString(name)) != nil {
        ExitStatus.failure.exit("'\(name)' is a scenario: moonpool play \(name)")
      }
      let near = Bundle.nearest(name).map { "did you mean '\($0)'?" }
      ExitStatus.failure.exit(
        "no script '\(shown(ParserText.decode(name)))' is bundled; \(near ?? "'moonpool scripts' lists them")"
      )
    }
    if show {
      print(String(decoding: text.bytes, as: UTF8.self), terminator: "")
      return
    }
    var run = ScriptRun(text, arguments, at: arguments.count - words.count - 1)
    run.explained = explain
    ExitStatus.exit(after: run.perform())
  }
}

extension ScriptRun {
  /// Reads `run NAME [ARG…]` without the parser's cost; nil: leave it to the parser.
  init?(bundled arguments: Words) {
    let name = arguments.dropFirst(2)
    guard !name.isEmpty, arguments.dropFirst().first!.elementsEqual("run".utf8),
      let text = Bundle.script(String(decoding: name.first!, as: UTF8.self))
    else { return nil }
    self.init(text, arguments, at: 2)
  }

  fileprivate init(_ text: Bundle.Text, _ arguments: Words, at index: Int) {
    self.init(program: Program(arguments: arguments))
    program.script = index
    program.text = text
  }
}
