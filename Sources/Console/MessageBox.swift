internal import SharedMemory

/// Win32's `MessageBox` as lines of text: a title, a text, and a button.
struct MessageBox {
  private let lines: [String]
  private let title: String
  private let frame: Frame
  private let inner: Int

  private struct Frame {
    let horizontal, vertical, topLeft, topRight, bottomLeft, bottomRight: String

    static let unicode = Frame(
      horizontal: "─", vertical: "│", topLeft: "┌", topRight: "┐", bottomLeft: "└",
      bottomRight: "┘")
    static let ascii = Frame(
      horizontal: "-", vertical: "|", topLeft: "+", topRight: "+", bottomLeft: "+",
      bottomRight: "+")
  }

  private static let button = "[ OK ]  press Enter"

  /// - Parameters:
  ///   - columns: the terminal's width; longer lines are wrapped.
  ///   - ascii: draw the frame without line-drawing characters.
  init(text: [UInt8], title: [UInt8], columns: Int, ascii: Bool) {
    let widest = max(columns - 4, 1)
    let wrapped = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .flatMap { Self.wrap(shown($0), widest) }
    let cut = Self.wrap(shown(title), max(widest - 2, 1)).first ?? ""
    lines = wrapped
    self.title = cut
    frame = ascii ? .ascii : .unicode
    inner = ([Self.width(cut) + 2, Self.width(Self.button)] + wrapped.map(Self.width)).max() ?? 0
  }

  var bytes: [UInt8] {
    let across = String(repeating: frame.horizontal, count: max(inner - Self.width(title) - 1, 0))
    let heading = title.isEmpty ? frame.horizontal + frame.horizontal : " \(title) "
    let top = "\(frame.topLeft)\(frame.horizontal)\(heading)\(across)\(frame.topRight)"
    let bottom =
      frame.bottomLeft + String(repeating: frame.horizontal, count: inner + 2) + frame.bottomRight
    let body = (lines + ["", Self.button]).map { line in
      let padding = String(repeating: " ", count: max(inner - Self.width(line), 0))
      return "\(frame.vertical) \(line)\(padding) \(frame.vertical)"
    }
    return Array((([top] + body + [bottom]).joined(separator: "\n") + "\n").utf8)
  }

  private static func wrap(_ line: String, _ width: Int) -> [String] {
    var lines: [String] = []
    var current = ""
    var used = 0
    for character in line {
      let wide = Self.width(String(character))
      if used + wide > width, !current.isEmpty {
        lines.append(current)
        current = ""
        used = 0
      }
      current.append(character)
      used += wide
    }
    return lines + [current]
  }

  private static func width(_ text: String) -> Int { TextWidth.columns(of: text) }
}
