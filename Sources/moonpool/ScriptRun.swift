import Console
import Glibc
import LuaHost

/// A program for the interpreter; whether to explain it, and whether a prompt follows.
struct ScriptRun {
  var program: Program
  var explained = false
  /// `-i`; or there is nothing to run, and a terminal to ask at.
  var interactive = false
  /// `-e` was given. With `-l` and `-W` alone standard input is still run.
  private var hasText = false
  private var prompts = false

  init(program: Program) { self.program = program }

  mutating func addText(_ text: ArraySlice<UInt8>) {
    hasText = true
    program.addText(text)
  }

  /// Called when all options are read: decides what to run if no script was named.
  mutating func finish() {
    if program.script == nil && !interactive && !program.showsVersion && !hasText {
      interactive = isatty(STDIN_FILENO) == 1
      program.showsVersion = interactive
      program.standardInput = !interactive
    }
    // A person gets our prompt; a program that expects lua gets lua's.
    prompts = interactive && Prompt.isWanted
    program.readsLines = interactive && !prompts
    if prompts { program.showsVersion = false }
  }

  func perform() -> Program.End {
    let explanation = explained ? Explanation(Self.explain) : nil
    do {
      let interpreter = try Interpreter(
        session: explanation?.session(), console: StandardTerminal(),
        listener: explanation)
      let end = interpreter.run(program)
      if prompts && end == .ran {
        Prompt(interpreter, version: Version.number).run()
      }
      return end
    } catch {
      ExitStatus.failure.exit("cannot create state: not enough memory")
    }
  }

  /// The command that was probably meant by a script's name for which there is no file.
  var meantCommand: String? {
    guard let script = program.script, program.text == nil else { return nil }
    let index = program.arguments.index(program.arguments.startIndex, offsetBy: script)
    let name = String(decoding: program.arguments[index], as: UTF8.self)
    if name == "-" || name.contains("/") || access(name, F_OK) == 0 { return nil }
    // Words that are options here, and commands of other programs.
    if name == "explain" || name == "version" { return "--\(name)" }
    return Moonpool.nearest(name)
  }

  private static func explain(_ text: String) {
    fflush(nil)  // what the script printed comes first
    _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  }
}
