internal import Glibc

/// Reacts when the terminal's size changes.
///
/// Terminals differ in what they do with the rows they show: most wrap them again, some cut or keep
/// them, and if a row ends at the margin the cursor ends up in different places. Only the terminal
/// can tell where the cursor is now; from that the renderer infers what was done.
extension LineSession {
  /// A window that is being dragged has many sizes; the editor waits this long for the last one.
  private static let quietMilliseconds: Int32 = 40
  /// How long to wait for the terminal's answer; some never give one.
  private static let answerMilliseconds: Int32 = 250
  private static let mostEvents = 4096

  /// `SIGWINCH`: paints the frame again. Keys that come meanwhile are handled afterwards.
  mutating func takeSize() -> LineResult? {
    var late: [RawTerminal.Event] = []
    var report = CursorReport()
    var isAsked = false
    for _ in 0..<Self.mostEvents {
      let event = terminal.wait(
        milliseconds: isAsked ? Self.answerMilliseconds : Self.quietMilliseconds, many: false)
      switch event {
      case .byte(let byte): report.feed(byte)
      case .bytes(let bytes): for byte in bytes { report.feed(byte) }
      case .signal(SIGWINCH):
        isAsked = false
        report.column = nil
      case .signal: late.append(event)
      case .end:
        late.append(event)
        isAsked = true
      case .timeout where !isAsked:
        terminal.write(CursorReport.question)
        isAsked = true
        continue
      case .timeout: break
      }
      let isDone = isAsked && (report.column != nil || event == .timeout || event == .end)
      if isDone { break }
    }
    pending += report.others
    repaint(cursorColumn: report.column)
    for event in late {
      if let result = handle(event) { return result }
    }
    return nil
  }

  private mutating func repaint(cursorColumn: Int?) {
    let size = terminal.size
    terminal.write(
      renderer.resize(columns: size.columns, rows: size.rows, cursorColumn: cursorColumn))
    paint()
  }
}

/// Finds the terminal's answer to `question` in its input: `ESC [ row ; column R`.
struct CursorReport {
  static let question = "\u{1B}[6n"

  /// Counted from zero; nil: no answer has come yet.
  var column: Int?
  /// The bytes that are not part of the answer, in order.
  private(set) var others: [UInt8] = []
  private var start = 0

  mutating func feed(_ byte: UInt8) {
    if byte == 0x1B { start = others.count }
    others.append(byte)
    guard byte == UInt8(ascii: "R"), let found = Self.column(in: others[start...]) else { return }
    column = found
    others.removeSubrange(start...)
  }

  private static func column(in bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.starts(with: [0x1B, UInt8(ascii: "[")]) else { return nil }
    let numbers = bytes.dropFirst(2).dropLast()
      .split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
      .map { Int(String(decoding: $0, as: UTF8.self)) }
    guard numbers.count == 2, numbers[0] != nil, let column = numbers[1] else { return nil }
    return max(column - 1, 0)
  }
}
