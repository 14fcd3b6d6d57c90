import Console
import Glibc
import LuaHost
import SharedMemory

/// What the command line asks for: lua's words, or a command.
enum Invocation {
  case script(ScriptRun)
  case command
  case usage(String)

  static let usage = """
    usage: moonpool [--explain] [-e TEXT]… [--] [SCRIPT [ARG…]]
           moonpool COMMAND …   (moonpool --help lists the commands)
    """

  /// A word that is a command is one; a script of that name is run as `./ls`.
  private static let commands: Set<String> = [
    "demo", "ls", "stat", "who", "path", "rm", "dump", "watch", "doctor", "scripts", "run", "types",
    "manual", "help", "--help", "--version", "--generate-completion-script",
  ]

  init(_ arguments: [[UInt8]]) {
    let first = arguments.dropFirst().first.map { String(decoding: $0, as: UTF8.self) }
    if let run = ScriptRun(bundled: arguments) {
      self = .script(run)
    } else if let first, Self.commands.contains(first) {
      self = .command
    } else {
      self = Self.script(arguments)
    }
  }

  private static func script(_ arguments: [[UInt8]]) -> Invocation {
    var run = ScriptRun(program: Program(arguments: arguments))
    var index = 1
    options: while index < arguments.count {
      let word = arguments[index]
      switch String(decoding: word, as: UTF8.self) {
      case "--explain":
        run.explained = true
      case "-i":
        run.prompts = true
      case "--":
        index += 1
        break options
      case "-e" where index + 1 == arguments.count:
        return .usage("'-e' needs a text to run")
      case "-e":
        index += 1
        run.program.chunks.append(arguments[index])
      case let text where text.hasPrefix("-e"):
        run.program.chunks.append(Array(word.dropFirst(2)))
      case "-":
        break options
      case let text where text.hasPrefix("-"):
        return .usage("unrecognized option '\(text)'")
      default:
        break options
      }
      index += 1
    }
    if index < arguments.count {
      run.program.script = index
    } else if run.program.chunks.isEmpty && !run.prompts {
      run.prompts = Prompt.isWanted
      run.program.standardInput = !run.prompts
    }
    return .script(run)
  }
}

/// A program for the interpreter, and whether to explain it.
struct ScriptRun {
  var program: Program
  var explained = false
  /// A prompt follows.
  var prompts = false

  /// False: it failed, and standard error says how.
  func perform() -> Bool {
    let explanation = explained ? Explanation(Self.explain) : nil
    do {
      let interpreter = try Interpreter(
        session: explanation?.session() ?? .current, console: StandardTerminal(),
        listener: explanation)
      guard interpreter.run(program) else { return false }
      if prompts { Prompt(interpreter, version: Moonpool.configuration.version).run() }
      return true
    } catch {
      ExitStatus.failure.exit("not enough memory for an interpreter")
    }
  }

  private static func explain(_ text: String) {
    fflush(nil)  // what the script printed before comes first
    _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  }
}
