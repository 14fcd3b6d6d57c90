import Console
import Glibc
import LuaHost
import SharedMemory

/// What the command line asks for: lua's words, or a command.
enum Invocation {
  case script(ScriptRun)
  case command
  /// An option that lua would not take, or one that lacks its argument.
  case misuse(program: [UInt8], option: [UInt8])

  init(_ arguments: [[UInt8]]) {
    if arguments.count > 1, Self.isCommand(arguments[1]) {
      self = .command
    } else {
      self = Self.script(arguments)
    }
  }

  /// A word that is a command is one; a script of that name is run as `./ls`.
  private static func isCommand(_ word: [UInt8]) -> Bool {
    switch String(decoding: word, as: UTF8.self) {
    case "demo", "ls", "stat", "who", "path", "rm", "dump", "watch", "doctor", "help", "--help",
      "--version":
      true
    default: false
    }
  }

  /// lua's options up to the script, of which `-E` counts for those before it, too.
  private static func script(_ arguments: [[UInt8]]) -> Invocation {
    var run = ScriptRun(program: Program(arguments: arguments))
    var index = 1
    options: while index < arguments.count {
      switch Option(arguments[index]) {
      case .none: break options
      case .end:
        index += 1
        break options
      case .explain: run.explained = true
      case .ignoreEnvironment: run.program.heedsEnvironment = false
      case .version: run.program.showsVersion = true
      case .interactive:
        run.program.showsVersion = true
        run.interactive = true
      case .warnings: run.program.steps.append(.warnings)
      case .text(let make, let attached):
        if let attached {
          run.program.steps.append(make(attached))
        } else if index + 1 < arguments.count, arguments[index + 1].first != UInt8(ascii: "-") {
          index += 1
          run.program.steps.append(make(arguments[index]))
        } else {
          return .misuse(program: arguments[0], option: arguments[index])
        }
      case .unknown: return .misuse(program: arguments[0], option: arguments[index])
      }
      index += 1
    }
    run.finish(from: index)
    return .script(run)
  }

  /// One word before the script's name.
  private enum Option {
    /// The script, or `-` for standard input.
    case none
    case end, explain, ignoreEnvironment, version, interactive, warnings, unknown
    /// `-e` and `-l`, with what follows in the same word.
    case text(make: ([UInt8]) -> Program.Step, attached: [UInt8]?)

    init(_ word: [UInt8]) {
      guard word.count > 1, word[0] == UInt8(ascii: "-") else {
        self = .none
        return
      }
      let attached = word.count > 2 ? Array(word[2...]) : nil
      switch (word[1], attached) {
      case (UInt8(ascii: "-"), nil): self = .end
      case (UInt8(ascii: "-"), _) where word.elementsEqual("--explain".utf8): self = .explain
      case (UInt8(ascii: "E"), nil): self = .ignoreEnvironment
      case (UInt8(ascii: "v"), nil): self = .version
      case (UInt8(ascii: "i"), nil): self = .interactive
      case (UInt8(ascii: "W"), nil): self = .warnings
      case (UInt8(ascii: "W"), _): self = .unknown
      case (UInt8(ascii: "e"), _): self = .text(make: Program.Step.run, attached: attached)
      case (UInt8(ascii: "l"), _): self = .text(make: Program.Step.require, attached: attached)
      default: self = .unknown
      }
    }
  }

  /// What lua says to an option that it does not take.
  static func complaint(program: [UInt8], option: [UInt8]) -> [UInt8] {
    let name = program.isEmpty ? Array("moonpool".utf8) : program
    let lacks = option.starts(with: "-e".utf8) || option.starts(with: "-l".utf8)
    return name + Array(": ".utf8)
      + (lacks ? [] : Array("unrecognized option ".utf8))
      + Array("'".utf8) + option + Array((lacks ? "' needs argument\n" : "'\n").utf8)
      + Array("usage: ".utf8) + name + Array(Self.options.utf8)
  }

  private static let options = """
     [options] [script [args]]
    Available options are:
      -e stat   execute string 'stat'
      -i        enter interactive mode after executing 'script'
      -l mod    require library 'mod' into global 'mod'
      -l g=mod  require library 'mod' into global 'g'
      -v        show version information
      -E        ignore environment variables
      -W        turn warnings on
      --        stop handling options
      -         stop handling options and execute stdin

    """
}
