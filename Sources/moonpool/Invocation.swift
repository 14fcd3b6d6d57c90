import LuaHost

/// What the command line asks for: words of lua's, or a command of this program.
enum Invocation {
  case script(ScriptRun)
  case command
  /// `--help`, or `help` or `-h` alone: of the program, not of a command.
  case help
  case completion(Completion)
  /// An option that lua would refuse, or one whose argument is missing.
  case misuse(program: ArraySlice<UInt8>, option: ArraySlice<UInt8>)

  init(_ arguments: Words) {
    var first = arguments.startIndex
    if !arguments.isEmpty { arguments.formIndex(after: &first) }
    if let completion = Completion(arguments) {
      self = .completion(completion)
    } else if Self.asksForHelp(arguments) {
      self = .help
    } else if first < arguments.endIndex, Self.isCommand(arguments[first]) {
      self = ScriptRun(bundled: arguments).map(Self.script) ?? .command
    } else {
      self = Self.script(arguments, from: first)
    }
  }

  /// Is the word a command? A script of that name can be run as `./ls`.
  private static func isCommand(_ word: ArraySlice<UInt8>) -> Bool {
    // Most words are no command, and making a String of them would slow down the start of their
    // script.
    let hyphen = UInt8(ascii: "-")
    let isOption = word.first == hyphen && word.dropFirst().first != hyphen
    if isOption || word.contains(UInt8(ascii: ".")) || word.contains(UInt8(ascii: "/")) {
      return false
    }
    return Moonpool.words.contains(String(decoding: word, as: UTF8.self))
  }

  private static func asksForHelp(_ arguments: Words) -> Bool {
    guard arguments.count >= 2 else { return false }
    // A slice's type would be made at run time, which costs a sixth of a start.
    let word = arguments[arguments.index(after: arguments.startIndex)]
    return word.elementsEqual("--help".utf8)
      || arguments.count == 2 && (word.elementsEqual("help".utf8) || word.elementsEqual("-h".utf8))
  }

  /// Reads lua's options up to the script. `-E` also affects those before it.
  private static func script(_ arguments: Words, from first: Words.Index) -> Invocation {
    var run = ScriptRun(program: Program(arguments: arguments))
    var index = first
    options: while index < arguments.endIndex {
      let word = arguments[index]
      let option = Option(word)
      arguments.formIndex(after: &index)
      switch option {
      case .none:
        run.program.script = index.number - 1
        break options
      case .end:
        if index < arguments.endIndex { run.program.script = index.number }
        break options
      case .explain: run.explained = true
      case .ignoreEnvironment: run.program.heedsEnvironment = false
      case .version: run.program.showsVersion = true
      case .interactive:
        run.program.showsVersion = true
        run.interactive = true
      case .warnings: run.program.addWarnings()
      case .text, .module:
        guard let text = text(of: word, in: arguments, at: &index) else {
          return .misuse(program: arguments.first!, option: word)
        }
        if option == .text { run.addText(text) } else { run.program.addModule(text) }
      case .unknown: return .misuse(program: arguments.first!, option: word)
      }
    }
    run.finish()
    return .script(run)
  }

  /// The text of `-e` or `-l`, from the same word or the next; nil: there is none, or an option
  /// follows.
  private static func text(
    of word: ArraySlice<UInt8>, in arguments: Words, at index: inout Words.Index
  ) -> ArraySlice<UInt8>? {
    if word.count > 2 { return word.dropFirst(2) }
    guard index < arguments.endIndex, arguments[index].first != UInt8(ascii: "-") else {
      return nil
    }
    defer { arguments.formIndex(after: &index) }
    return arguments[index]
  }

  /// A word before the script's name.
  private enum Option {
    /// No option: the script, or `-` for standard input.
    case none
    case end, explain, ignoreEnvironment, version, interactive, warnings, unknown
    /// `-e` and `-l`, whose text follows in the same word or the next.
    case text, module

    init(_ word: ArraySlice<UInt8>) {
      guard word.count > 1, word.first == UInt8(ascii: "-") else {
        self = .none
        return
      }
      let isAlone = word.count == 2
      switch word[word.startIndex + 1] {
      case UInt8(ascii: "e"): self = .text
      case UInt8(ascii: "l"): self = .module
      case UInt8(ascii: "-") where isAlone: self = .end
      case UInt8(ascii: "-") where word.elementsEqual("--explain".utf8): self = .explain
      case UInt8(ascii: "E") where isAlone: self = .ignoreEnvironment
      case UInt8(ascii: "v") where isAlone: self = .version
      case UInt8(ascii: "i") where isAlone: self = .interactive
      case UInt8(ascii: "W") where isAlone: self = .warnings
      default: self = .unknown
      }
    }
  }

  /// lua's message for an option that it does not accept.
  static func complaint(program: ArraySlice<UInt8>, option: ArraySlice<UInt8>) -> [UInt8] {
    let name = program.isEmpty ? Array("moonpool".utf8) : Array(program)
    let word = option.count > 1 ? option[option.startIndex + 1] : 0
    let lacks = word == UInt8(ascii: "e") || word == UInt8(ascii: "l")
    var text = name + Array((lacks ? ": '" : ": unrecognized option '").utf8)
    text += option
    text += Array((lacks ? "' needs argument\n" : "'\n").utf8)
    return text + Array("usage: ".utf8) + name + Array(Self.options.utf8)
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
