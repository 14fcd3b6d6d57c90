import ArgumentParser
import Console
@preconcurrency import Glibc
import LuaHost
import SharedMemory

/// The commands beside running scripts.
struct Moonpool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "moonpool",
    abstract: "Named shared memory that you can script.",
    usage: "moonpool [--explain] [-e TEXT] [SCRIPT [ARG …]]\n       moonpool <command> …",
    discussion: "A word that is a command is one; a script of that name is run as ./ls.",
    version: "0.1.0",
    subcommands: [
      Demo.self, List.self, Stat.self, Who.self, Path.self, Remove.self, Dump.self, Watch.self,
      Doctor.self, Scripts.self, Run.self, Types.self, Manual.self,
    ])

  /// The command that somebody meant who wrote `word`, within a few letters.
  static func nearest(_ word: String) -> String? {
    Bundled.nearest(
      word, among: configuration.subcommands.compactMap { $0.configuration.commandName })
  }

  /// Parses the command line and runs the command; help is output like any other.
  static func run() -> Never {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let message = fullMessage(for: error)
      let code = exitCode(for: error)
      if code != .success {
        fputs(message.isEmpty ? "" : message + "\n", stderr)
        Glibc.exit(code.rawValue)
      }
      if !message.isEmpty { print(message) }
    }
    ExitStatus.exitAfterCommand()
  }

  /// `--help`, from the tables of the manual page.
  static func help() -> Never {
    let columns = StandardTerminal.columns ?? 80
    do { try Interpreter.write("require('moonpool.manual').overview(\(columns))") } catch {
      ExitStatus.failure.exit("\(error)")
    }
    ExitStatus.exitAfterCommand()
  }

  /// Runs a command's work; an error of the library ends the process with its text.
  static func reporting(_ body: () throws(SharedMemoryError) -> Void) {
    do throws(SharedMemoryError) { try body() } catch {
      ExitStatus.failure.exit(error.description)
    }
  }
}

/// A value as JSON text; only what the commands print.
enum JSON {
  static func string(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// A key, and its value as JSON.
  typealias Field = (key: String, value: String)

  static func object(_ fields: [Field]) -> String {
    "{" + fields.map { "\(string($0.key)): \($0.value)" }.joined(separator: ", ") + "}"
  }

  static func array(_ values: [String]) -> String {
    values.isEmpty ? "[]" : "[\n  " + values.joined(separator: ",\n  ") + "\n]"
  }
}
