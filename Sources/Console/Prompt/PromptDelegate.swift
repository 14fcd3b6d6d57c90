internal import LuaHost

/// Answers what the editor asks while a chunk is typed. The answers come from the prompt's Lua
/// side, which runs none of the user's code.
final class PromptDelegate: LineEditorDelegate {
  private unowned let prompt: Prompt

  init(_ prompt: Prompt) { self.prompt = prompt }

  func isComplete(_ text: String) -> Bool { prompt.isWhole(Array(text.utf8)) }

  func styles(_ text: String, cursor: Int) -> [StyledRange] {
    Self.isCommand(text) ? [] : LuaSyntax.styles(text, cursor: cursor)
  }

  func hint(_ text: String, cursor: Int) -> String? {
    let answer = try? prompt.interpreter.ask("hint", Self.arguments(text, cursor))
    guard let answer, !answer.isEmpty else { return nil }
    return String(decoding: answer, as: UTF8.self)
  }

  func indentation(_ text: String, cursor: Int) -> Indentation {
    if Self.isCommand(text) { return .none }
    let answer = try? prompt.interpreter.ask("indentation", Self.arguments(text, cursor))
    let numbers = String(decoding: answer ?? [], as: UTF8.self).split(separator: " ")
      .compactMap { Int($0) }
    guard numbers.count == 2 else { return .none }
    return Indentation(line: numbers[0] < 0 ? nil : numbers[0], following: numbers[1])
  }

  /// Tab: completes words of Lua, or a command's argument.
  func completions(_ text: String, cursor: Int) -> Completions {
    if Self.isCommand(text), let found = commandCompletions(text, cursor: cursor) { return found }
    let answer = try? prompt.interpreter.ask("complete", Self.arguments(text, cursor))
    guard let answer else { return .none(at: cursor) }
    let parts = Self.texts(answer)
    let bytes = parts.first.flatMap { Int($0) } ?? 0
    let from = text.utf8.index(text.startIndex, offsetBy: bytes)
    let start = text.distance(from: text.startIndex, to: from)
    return Completions(range: min(start, cursor)..<cursor, candidates: Array(parts.dropFirst()))
  }

  /// Names of commands, of objects after `:who`, or of files; nil: the argument is Lua.
  private func commandCompletions(_ text: String, cursor: Int) -> Completions? {
    let typed = text.prefix(cursor)
    guard let blank = typed.firstIndex(of: " ") else {
      // A command that takes an argument is completed with a blank behind it.
      let names = PromptCommands.all
        .map { ":\($0.name)\($0.argument.isEmpty ? "" : " ")" }.filter { $0.hasPrefix(typed) }
      return Completions(range: 0..<cursor, candidates: names)
    }
    let argument = typed[blank...].drop { $0 == " " }
    let range = cursor - argument.count..<cursor
    let question: String
    switch typed[..<blank] {
    case ":who": question = "objects"
    case ":load", ":save", ":save!": question = "files"
    default: return nil
    }
    let answer = try? prompt.interpreter.ask(question, [.text(Array(argument.utf8))])
    return Completions(range: range, candidates: Self.texts(answer ?? []))
  }

  private static func isCommand(_ text: String) -> Bool {
    text.hasPrefix(":") && !text.hasPrefix("::")
  }

  /// The arguments for Lua: the text, and how many bytes of it come before the cursor.
  private static func arguments(_ text: String, _ cursor: Int) -> [Interpreter.Argument] {
    let bytes = text.prefix(cursor).utf8.count
    return [.text(Array(text.utf8)), .integer(bytes)]
  }

  /// Splits an answer in which a NUL ends each part.
  private static func texts(_ answer: [UInt8]) -> [String] {
    answer.split(separator: 0, omittingEmptySubsequences: false).dropLast()
      .map { String(decoding: $0, as: UTF8.self) }
  }
}
