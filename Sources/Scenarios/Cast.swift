internal import CLuaShm
internal import LuaHost

/// The state in which a file is compiled: every part is a fork of it.
final class Cast {
  private let interpreter: Interpreter
  private let stage: Stage

  /// - Throws: what is wrong with the text's syntax.
  init(_ text: Interpreter.PlayText, _ stage: Stage) throws {
    self.stage = stage
    interpreter = try Interpreter.forPlays()
    try interpreter.preparePlay(text, sharing: stage.memory)
  }

  /// In a forked process: plays the part, and ends the process.
  func play(_ part: Int) -> Never { interpreter.play(part, sharing: stage.memory) }
}
