internal import Glibc
internal import PrintableText

/// Reads a text of one or more lines from the terminal, with the keys that a person expects.
///
/// The text is an `EditorState`, and an `EditorRenderer` paints it; this is the loop between them
/// and the terminal, which is in raw mode only while `readLine` runs.
package struct LineEditor {
  package private(set) var history: History
  private let delegate: any LineEditorDelegate
  private let input: Int32
  private let output: Int32
  private var killRing = KillRing()
  private var decoder = KeyDecoder()
  /// What the terminal does with its rows at another width, once that was seen.
  private var wrapsAnew: Bool?
  /// Keys that came together with a paste before them.
  private var typedAhead: [UInt8] = []

  /// In characters. A longer text is shown plain, and the delegate is not asked at each key.
  package static let longText = 20_000
  /// How long to wait for the rest of a sequence before an Escape counts as a key of its own.
  static let escapeMilliseconds: Int32 = 50

  package init(
    history: History, delegate: any LineEditorDelegate, input: Int32 = STDIN_FILENO,
    output: Int32 = STDOUT_FILENO
  ) {
    self.history = history
    self.delegate = delegate
    self.input = input
    self.output = output
  }

  /// False: there is no terminal, or it cannot move its cursor; read plain lines instead.
  package static var isUsable: Bool {
    isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && TerminalCapabilities.movesCursor
  }

  /// Shows the prompt and edits until the text is submitted, which puts it into the history.
  ///
  /// - Parameter continuation: the prompt of each further line.
  package mutating func readLine(prompt: String, continuation: String) -> LineResult {
    fflush(nil)
    guard let terminal = RawTerminal(input: input, output: output) else { return .end }
    var session = LineSession(
      terminal: terminal, delegate: delegate, history: history.entries, killRing: killRing)
    session.view.prompt = prompt
    session.view.continuation = continuation
    session.renderer.wrapsAnew = wrapsAnew
    session.decoder = decoder
    session.pending = typedAhead[...]
    let result = session.run()
    killRing = session.state.killRing
    decoder = session.decoder
    wrapsAnew = session.renderer.wrapsAnew
    typedAhead = Array(session.pending)
    if case .line(let text) = result { history.append(text) }
    return result
  }
}
