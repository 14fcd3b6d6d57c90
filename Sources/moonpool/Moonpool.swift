import ArgumentParser
import Console
import Glibc
import LuaHost
import SharedMemory

/// The commands, in addition to running scripts.
struct Moonpool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "moonpool",
    abstract: "Named shared memory that you can script.",
    usage: "moonpool [--explain] [-e TEXT] [SCRIPT [ARG …]]\n       moonpool <command> …",
    discussion: "A word that is a command is one; a script of that name is run as ./ls.",
    version: "moonpool \(Version.full)",
    subcommands: [
      Demo.self, List.self, Stat.self, Who.self, Path.self, Remove.self, Dump.self, Watch.self,
      Write.self, Send.self, Receive.self, Doctor.self, Scripts.self, Run.self, Play.self,
      Explore.self, Replay.self, Types.self, Manual.self, LayoutCommand.self,
    ])

  private static let commands = configuration.subcommands.compactMap {
    $0.configuration.commandName
  }
  /// The words that make a command line ours; a script of such a name can be run as `./ls`.
  static let words = Set(
    commands + ["help", "--help", "--version", "--generate-completion-script"])

  /// The command that was probably meant by `word`, within a few letters.
  static func nearest(_ word: String) -> String? { Bundle.nearest(word, among: commands) }

  /// Runs the command that the words name, or says what is wrong with them.
  static func perform(_ words: Words) {
    if let word = askedAbout(words) { help(on: word) }
    do {
      var command = try parseAsRoot(words.dropFirst().map { ParserText.encode($0) })
      try command.run()
    } catch {
      let message = fullMessage(for: error)
      let code = exitCode(for: error)
      if code.isSuccess {
        if !message.isEmpty { print(message) }
        return
      }
      // Words that the parser repeats are shown by the same rule as names.
      let text =
        message.isEmpty ? [] : Printable.escaped(ParserText.decode(message), .lines) + [0x0A]
      (ExitStatus(rawValue: code.rawValue) ?? .failure).exit(saying: text)
    }
  }

  /// `--help`, printed from the tables of the manual page.
  static func help() -> Never {
    let columns = StandardTerminal.columns ?? 80
    do { try Interpreter.write("require('moonpool.manual').overview(\(columns))") } catch {
      ExitStatus.failure.exit("\(error)")
    }
    ExitStatus.exitAfterCommand()
  }

  /// `help WORD`, where the word is no command, as those have help of their own.
  private static func askedAbout(_ words: Words) -> [UInt8]? {
    let rest = Array(words.dropFirst())
    guard rest.count == 2, rest[0].elementsEqual("help".utf8), rest[1].first != 0x2D,
      !commands.contains(String(decoding: rest[1], as: UTF8.self))
    else { return nil }
    return Array(rest[1])
  }

  /// What the prompt says of a word; status 64 if it knows nothing.
  private static func help(on word: [UInt8]) -> Never {
    let columns = StandardTerminal.columns ?? 80
    let quoted = Printable.escaped(word, .line).map { "\\x" + hex($0) }.joined()
    let answer = """
      (function(help, word)
        local text = help.text(word, \(columns)):gsub("\\n*$", "\\n")
        if help.knows(word) then return text end
        io.stderr:write("moonpool: ", text)
        os.exit(\(ExitStatus.usage.rawValue))
      end)(require("moonpool.help"), "\(quoted)")
      """
    do { try Interpreter.write(answer) } catch { ExitStatus.failure.exit("\(error)") }
    ExitStatus.exitAfterCommand()
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  /// Runs a command's work; a library error ends the process with its text.
  static func reporting(_ body: () throws(SharedMemoryError) -> Void) {
    do throws(SharedMemoryError) { try body() } catch {
      ExitStatus.failure.exit(error.description)
    }
  }
}
