internal import Glibc

/// Another size of the terminal.
///
/// Terminals differ in what they do with the rows that they show: most wrap them anew, some cut
/// or keep them, and where a row ends at the margin the cursor goes here or there. Only the
/// terminal can tell where the cursor is now; by that the renderer knows which it was.
extension LineSession {
  /// A window that is dragged has many sizes: the last one counts.
  private static let quietMilliseconds: Int32 = 40
  /// How long the terminal's answer may take; some never give one.
  private static let answerMilliseconds: Int32 = 250
  private static let mostEvents = 4096

  /// `SIGWINCH`: the frame is painted anew. Keys that come meanwhile are taken afterwards.
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

/// Finds the terminal's answer to `question` among what is typed: `ESC [ row ; column R`.
struct CursorReport {
  static let question = "\u{1B}[6n"

  /// From zero; nil: there was no answer yet.
  var column: Int?
  /// What was no answer, in its order.
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
