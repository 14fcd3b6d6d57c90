internal import Glibc
internal import LuaHost
internal import SharedMemory
internal import Wine

/// The commands: words that begin with a colon.
struct PromptCommands {
  struct Command {
    let name: String
    let argument: String
    let summary: String
    let run: (PromptCommands, String) -> Void
  }

  nonisolated(unsafe) static let all: [Command] = [
    Command(name: "all", argument: "", summary: "show the last result whole") { $0.all($1) },
    Command(
      name: "edit", argument: "", summary: "edit the last chunk in $VISUAL or $EDITOR, run it"
    ) { $0.edit($1) },
    Command(name: "load", argument: "FILE", summary: "run a file") { $0.load($1) },
    Command(name: "ls", argument: "", summary: "list the objects that live") { $0.list($1) },
    Command(name: "q", argument: "", summary: "leave, as Ctrl-D does") { $0.quit($1) },
    Command(
      name: "save", argument: "FILE", summary: "write what ran as a script (:save! overwrites)"
    ) { $0.save($1, overwriting: false) },
    Command(name: "time", argument: "EXPR", summary: "run, and say how long it took") {
      $0.time($1)
    },
    Command(name: "who", argument: "NAME", summary: "list the processes that hold an object") {
      $0.who($1)
    },
  ]

  let prompt: Prompt

  init(_ prompt: Prompt) { self.prompt = prompt }

  /// - Parameter line: the command with its colon.
  func run(_ line: String) {
    let name = String(line.dropFirst().prefix { !$0.isWhitespace })
    let argument = String(line.dropFirst(name.count + 1)).trimmed
    if name.isEmpty || name == "help" {
      prompt.print(Self.summary)
    } else if name == "quit" || name == "exit" {
      quit(argument)
    } else if name == "save!" {
      save(argument, overwriting: true)
    } else if let command = Self.all.first(where: { $0.name == name }) {
      runChecked(command, argument)
    } else {
      prompt.complain("unknown command ':\(name)'; : lists them")
    }
  }

  private func runChecked(_ command: Command, _ argument: String) {
    if command.argument.isEmpty != argument.isEmpty {
      let usage = ":\(command.name) \(command.argument)".trimmed
      prompt.complain("usage: \(usage)   \(command.summary)")
    } else {
      command.run(self, argument)
    }
  }

  static var summary: String {
    let words = all.map { ":\($0.name) \($0.argument)".trimmed } + ["?NAME", "?keys"]
    let summaries =
      all.map(\.summary) + ["help on a name; help() lists the topics", "what the keys do"]
    let width = words.map(\.count).max() ?? 0
    return zip(words, summaries).map { word, summary in
      "\(word)\(String(repeating: " ", count: width - word.count))  \(summary)\n"
    }.joined()
  }

  // MARK: - The commands

  private func all(_: String) { prompt.print(prompt.ask("all")) }

  private func quit(_: String) { prompt.leaves = true }

  private func list(_: String) {
    reporting { () throws(SharedMemoryError) in
      let session = prompt.interpreter.session
      let census = session.census()
      let entries = try census.list(.local) + census.list(.global)
      let (wine, refusals) = WinePrefixes().list()
      if entries.isEmpty && wine.isEmpty && refusals.isEmpty { prompt.print("no objects\n") }
      if !entries.isEmpty {
        prompt.print(
          ObjectTable.text(entries, columns: StandardTerminal.size().columns) + "\n")
      }
      if !wine.isEmpty { prompt.print(WineTable.text(wine) + "\n") }
      for refusal in refusals { prompt.print(refusal.description + "\n") }
    }
  }

  private func who(_ name: String) {
    reporting { () throws(SharedMemoryError) in
      if WineName.isOne(Array(name.utf8)) {
        let holders = try WinePrefixes().holders(of: Array(name.utf8))
        prompt.print(WineTable.holders(holders) + "\n")
        return
      }
      let session = prompt.interpreter.session
      let entry = try session.find(Array(name.utf8))
      let columns = StandardTerminal.size().columns
      prompt.print(ObjectTable.holders(of: entry, session, columns: columns) + "\n")
    }
  }

  private func time(_ expression: String) {
    var nanoseconds: Int64?
    prompt.show(
      prompt.interpreter.evaluate(
        Array(expression.utf8), final: true, nanoseconds: &nanoseconds))
    if let nanoseconds { prompt.print(Self.duration(nanoseconds) + "\n") }
  }

  /// A duration with three significant digits in a fitting unit.
  static func duration(_ nanoseconds: Int64) -> String {
    let units: [(Int64, String)] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs")]
    guard let (size, unit) = units.first(where: { nanoseconds >= $0.0 }) else {
      return "\(nanoseconds) ns"
    }
    let hundredths = nanoseconds / (size / 100)
    let fraction = String(hundredths % 100 + 100).dropFirst()
    return "\(hundredths / 100).\(fraction) \(unit)"
  }

  private func load(_ file: String) {
    prompt.evaluate(Array("dofile(\(Self.quoted(PromptFiles.expanded(file))))".utf8))
  }

  private func save(_ file: String, overwriting: Bool) {
    guard !file.isEmpty else { return prompt.complain("usage: :save FILE") }
    let script = prompt.ask("script")
    let path = PromptFiles.expanded(file)
    do throws(PromptFiles.Failure) {
      try PromptFiles.write(script, to: path, overwriting: overwriting)
      let lines = script.count { $0 == UInt8(ascii: "\n") }
      prompt.print("\(lines) lines written to \(path); run it with: moonpool \(path)\n")
    } catch {
      prompt.complain(error.description)
    }
  }

  private func edit(_: String) {
    do throws(PromptFiles.Failure) {
      let chunk = try PromptFiles.edit(prompt.ask("last"))
      let text = String(decoding: chunk, as: UTF8.self).trimmed
      if text.isEmpty { return prompt.complain("the file is empty; nothing is run") }
      prompt.print(text + "\n")
      prompt.evaluate(Array(text.utf8))
    } catch {
      prompt.complain(error.description)
    }
  }

  private func reporting(_ body: () throws(SharedMemoryError) -> Void) {
    do throws(SharedMemoryError) { try body() } catch { prompt.complain(error.description) }
  }

  /// The text as a string literal of Lua.
  private static func quoted(_ text: String) -> String {
    let bytes = text.utf8.map { byte in
      let plain = byte >= 0x20 && byte != 0x7F && byte != 0x22 && byte != 0x5C && byte < 0x80
      let digits = String(1000 + Int(byte)).dropFirst()
      return plain ? String(UnicodeScalar(byte)) : "\\\(digits)"
    }
    return "\"" + bytes.joined() + "\""
  }
}
