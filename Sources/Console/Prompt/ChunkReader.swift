internal import LuaHost

/// Where the prompt's chunks come from.
protocol ChunkReader: AnyObject {
  func next() -> ReadChunk
}

enum ReadChunk {
  case chunk([UInt8])
  /// Ctrl-C: the typed text is dropped.
  case interrupted
  case end
}

/// Reads lines without editing; asks for more lines while a chunk is incomplete.
final class PlainReader: ChunkReader {
  private unowned let prompt: Prompt

  init(_ prompt: Prompt) { self.prompt = prompt }

  func next() -> ReadChunk {
    var chunk: [UInt8] = []
    var continued = false
    while true {
      prompt.print(prompt.mark(continued: continued))
      switch StandardInput.readLine() {
      case .interrupted:
        prompt.print("\n")
        return .interrupted
      case .end:
        prompt.print("\n")
        return continued ? .chunk(chunk) : .end
      case .line(let line): chunk += continued ? [UInt8(ascii: "\n")] + line : line
      }
      if prompt.isWhole(chunk) { return .chunk(chunk) }
      continued = true
    }
  }
}

/// Reads chunks with the line editor, which asks the prompt about them while they are typed.
final class EditedReader: ChunkReader {
  private unowned let prompt: Prompt
  private var editor: LineEditor

  init(_ prompt: Prompt) {
    self.prompt = prompt
    editor = LineEditor(
      history: History(path: History.standardPath()), delegate: PromptDelegate(prompt))
  }

  func next() -> ReadChunk {
    let first = String(decoding: prompt.mark(continued: false), as: UTF8.self)
    let further = String(decoding: prompt.mark(continued: true), as: UTF8.self)
    switch editor.readLine(prompt: first, continuation: further) {
    case .line(let text): return .chunk(Array(text.utf8))
    case .interrupted: return .interrupted
    case .end: return .end
    }
  }
}
