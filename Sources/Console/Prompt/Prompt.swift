internal import Glibc
public import LuaHost
internal import PrintableText

/// The prompt: reads chunks, runs them, and shows the results.
///
/// How the parts play together. A `ChunkReader` supplies chunks: `EditedReader` from the line
/// editor (the folder Terminal, which knows no Lua), `PlainReader` where a terminal cannot move its
/// cursor (`TERM=dumb`), without colours. While a chunk is typed, the editor asks `PromptDelegate`
/// about colours, hints, completions and indentation. Words that begin with a colon are
/// `PromptCommands`; everything else is run by the interpreter. What needs Lua's knowledge (how a
/// value is shown, which names exist) is answered by the prompt's own Lua modules in
/// CBundle/Prompt.
public final class Prompt {
  /// Is a person there? Otherwise a program talks to us as it would to the stand-alone lua.
  public static var isWanted: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

  let interpreter: Interpreter
  private let version: String
  private lazy var reader: any ChunkReader =
    LineEditor.isUsable ? EditedReader(self) : PlainReader(self)
  /// Set when `:q` was typed.
  var leaves = false

  /// - Parameters:
  ///   - interpreter: already open, with whatever its scripts left in it.
  ///   - version: the program's, for the banner.
  public init(_ interpreter: consuming Interpreter, version: String) {
    self.interpreter = interpreter
    self.version = version
  }

  /// Runs until Ctrl-D or `:q`.
  public func run() {
    Interruption.begin()
    defer { Interruption.end() }
    do {
      try interpreter.openPrompt()
      configure()
      _ = try interpreter.ask("start")
    } catch {
      complain(error.description)
      return
    }
    print(Self.banner(version))
    loop()
  }

  private static func banner(_ version: String) -> String {
    "Moonpool \(version) (Lua 5.4)   : commands   ?keys   help()   Ctrl-D leaves\n"
  }

  private func loop() {
    while !leaves {
      configure()
      switch reader.next() {
      case .chunk(let chunk): handle(chunk)
      case .interrupted: continue
      case .end: return
      }
    }
  }

  /// The prompt's text in front of a line.
  func mark(continued: Bool) -> [UInt8] { ask("mark", [.integer(continued ? 1 : 0)]) }

  // MARK: - Running

  private func handle(_ chunk: [UInt8]) {
    let words = String(decoding: chunk, as: UTF8.self).trimmed
    if words.isEmpty { return }
    if words.hasPrefix(":") && !words.hasPrefix("::") {
      PromptCommands(self).run(words)
    } else if words.hasPrefix("?") {
      print(ask("help", [.text(Array(String(words.dropFirst()).trimmed.utf8))]))
    } else if let answer = helpAsked(words) {
      print(answer)
    } else {
      evaluate(chunk)
    }
  }

  /// `help(view.write)` means the method, unless there is a variable `view`.
  private func helpAsked(_ words: String) -> [UInt8]? {
    guard words.hasPrefix("help") else { return nil }
    let answer = ask("asked", [.text(Array(words.utf8))])
    return answer.isEmpty ? nil : answer
  }

  func evaluate(_ chunk: [UInt8]) {
    show(interpreter.evaluate(chunk, final: true))
  }

  func show(_ outcome: Interpreter.Evaluation) {
    switch outcome {
    case .done(let text): print(text)
    case .failed(let text): report(text)
    case .incomplete: break  // impossible: the chunk was final
    }
  }

  /// The answer of a function on the prompt's Lua side. A failure is reported and answers nothing.
  func ask(_ function: String, _ arguments: [Interpreter.Argument] = []) -> [UInt8] {
    do { return try interpreter.ask(function, arguments) } catch {
      complain(error.description)
      return []
    }
  }

  // MARK: - The terminal

  /// Called before each line, as the terminal's size may have changed.
  func configure() {
    let size = StandardTerminal.size()
    let isColoured = LineEditor.isUsable && TerminalCapabilities.showsColors
    _ = try? interpreter.ask(
      "configure",
      [.integer(size.columns), .integer(size.rows), .integer(isColoured ? 1 : 0)])
  }

  func print(_ text: String) { print(Array(text.utf8)) }

  func print(_ bytes: [UInt8]) {
    fflush(nil)  // output of the chunk comes first
    StandardTerminal.write(bytes, to: STDOUT_FILENO)
  }

  private func report(_ bytes: [UInt8]) {
    fflush(nil)
    let bytes = bytes.last == UInt8(ascii: "\n") ? bytes : bytes + [UInt8(ascii: "\n")]
    StandardTerminal.write(bytes, to: STDERR_FILENO)
  }

  /// Prints one line in the colour of errors.
  func complain(_ message: String) {
    let text = try? interpreter.ask("complaint", [.text(Array(message.trimmed.utf8))])
    report(text ?? Array((message + "\n").utf8))
  }
}

extension Prompt {
  /// Can a chunk be run as it is? A command is always one line.
  func isWhole(_ chunk: [UInt8]) -> Bool {
    let first = chunk.first { $0 != UInt8(ascii: " ") }
    if first == UInt8(ascii: "?") { return true }
    if first == UInt8(ascii: ":"), !chunk.contains(UInt8(ascii: "\n")) { return true }
    return !interpreter.isIncomplete(chunk)
  }
}

extension String {
  /// The text without blanks and line ends around it.
  var trimmed: String {
    var part = self[...]
    while let first = part.first, first.isWhitespace { part.removeFirst() }
    while let last = part.last, last.isWhitespace { part.removeLast() }
    return String(part)
  }
}
