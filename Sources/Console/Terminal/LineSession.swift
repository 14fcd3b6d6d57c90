internal import Glibc
internal import PrintableText

/// Edits one text, from its prompt to its end.
struct LineSession: ~Copyable {
  let terminal: RawTerminal
  let delegate: any LineEditorDelegate
  var state: EditorState
  var view = EditorView()
  var renderer: EditorRenderer
  var decoder = KeyDecoder()
  var pending: ArraySlice<UInt8> = []
  private var keys: [Key] = []

  init(
    terminal: consuming RawTerminal, delegate: any LineEditorDelegate, history: [String],
    killRing: KillRing
  ) {
    let size = terminal.size
    renderer = EditorRenderer(
      columns: size.columns, rows: size.rows, isColoured: TerminalCapabilities.showsColors)
    self.terminal = terminal
    self.delegate = delegate
    state = EditorState(history: history, killRing: killRing)
  }

  mutating func run() -> LineResult {
    terminal.write(renderer.freshRow())
    paint()
    while true {
      // Keys that are already there are shown together, so that a paste without brackets is quick.
      let isWaiting = pending.isEmpty && keys.isEmpty
      let event = isWaiting ? wait() : nextPending()
      if let result = handle(event) { return result }
    }
  }

  private mutating func wait() -> RawTerminal.Event {
    let many = decoder.isPasting
    let limit: Int32 = decoder.isPending ? LineEditor.escapeMilliseconds : 0
    let event = terminal.wait(milliseconds: limit, many: many)
    guard event == .timeout, !decoder.isPending else { return event }
    paint()
    return terminal.wait(milliseconds: -1, many: many)
  }

  private mutating func nextPending() -> RawTerminal.Event {
    pending.popFirst().map { .byte($0) } ?? .timeout
  }

  mutating func handle(_ event: RawTerminal.Event) -> LineResult? {
    switch event {
    case .byte(let byte): return take(decoder.feed(byte))
    case .bytes(let bytes):
      pending += bytes
      return nil
    case .timeout: return take(decoder.timeout())
    case .signal(let number): return take(number)
    case .end:
      finish()
      return .end
    }
  }

  private mutating func take(_ keys: [Key]) -> LineResult? {
    for key in keys {
      if let result = take(key) { return result }
    }
    return nil
  }

  private mutating func take(_ signal: Int32) -> LineResult? {
    switch signal {
    case SIGINT: return take(.control("c"))
    case SIGTSTP: suspend()
    case SIGCONT:
      terminal.resume()
      restart()
    case SIGWINCH: return takeSize()
    default: break
    }
    return nil
  }

  private mutating func take(_ key: Key) -> LineResult? {
    if key == .metaEnter && state.search == nil {
      beginLine()
      return nil
    }
    switch state.apply(key) {
    case .none: break
    case .bell: terminal.write("\u{7}")
    case .enter: return enter()
    case .complete: complete()
    case .clearScreen: terminal.write(renderer.clearScreen())
    case .suspend: suspend()
    case .interrupted:
      finish(mark: "^C")
      return .interrupted
    case .end:
      finish()
      return .end
    }
    return nil
  }

  // MARK: Effects

  private mutating func enter() -> LineResult? {
    guard delegate.isComplete(state.string) else {
      beginLine()
      return nil
    }
    state.cursor = state.text.count
    if let blanks = indentation.line { state.indentLine(blanks) }
    finish()
    return .line(state.string)
  }

  private mutating func beginLine() { state.insertNewline(indentation) }

  /// Input that comes at once, as a paste without brackets does, is already indented.
  private var indentation: Indentation {
    if !pending.isEmpty || terminal.hasInput || state.text.count > LineEditor.longText {
      return .none
    }
    return delegate.indentation(state.string, cursor: state.cursor)
  }

  /// Shows the text without anything that only helps editing, and moves below it.
  private mutating func finish(mark: String = "") {
    state.cursor = state.text.count
    view.hint = nil
    paint(isFinal: true)
    terminal.write(mark + renderer.leave())
  }

  private mutating func complete() {
    let wasCompletion = state.wasCompletion
    state.noteCompletion()
    let found = delegate.completions(state.string, cursor: state.cursor)
    let range = found.range.clamped(to: 0..<state.text.count)
    let common = found.candidates.commonPrefix
    let current = String(state.text[range])
    if found.candidates.count == 1 ? common != current : common.count > range.count {
      state.complete(range, with: common)
    } else if wasCompletion && found.candidates.count > 1 {
      terminal.write(renderer.list(found.candidates))
    } else {
      terminal.write("\u{7}")
    }
  }

  private mutating func suspend() {
    terminal.write(renderer.leave())
    terminal.suspend()
    restart()
  }

  /// Called after others had the terminal: begins in a new row.
  private mutating func restart() {
    let size = terminal.size
    terminal.write(renderer.leave())
    _ = renderer.resize(columns: size.columns, rows: size.rows)
    terminal.write(renderer.freshRow())
    paint()
  }

  // MARK: Painting

  mutating func paint(isFinal: Bool = false) {
    var shown = view
    let isLong = state.text.count > LineEditor.longText
    if let search = state.search {
      let failing = search.isFailing ? "failing search" : "search"
      shown.prompt = "\(failing) `\(TextWidth.shown(String(search.query)))': "
      shown.text = search.text
      shown.cursor = search.cursor
    } else {
      shown.text = state.text
      shown.cursor = state.cursor
    }
    if !isLong {
      let text = String(shown.text)
      // The final picture highlights no bracket pair, as the cursor has left.
      shown.styles = delegate.styles(text, cursor: isFinal ? -1 : shown.cursor)
      if state.search == nil && !isFinal {
        shown.hint = delegate.hint(text, cursor: shown.cursor).flatMap { $0.isEmpty ? nil : $0 }
      }
    }
    terminal.write(renderer.paint(shown))
  }
}

extension [String] {
  /// Compares by characters, so that no accent is cut off; characters that only look alike differ.
  fileprivate var commonPrefix: String {
    guard let first else { return "" }
    return dropFirst().reduce(first) { prefix, next in
      String(
        zip(prefix, next).prefix { $0.unicodeScalars.elementsEqual($1.unicodeScalars) }.map(\.0))
    }
  }
}
