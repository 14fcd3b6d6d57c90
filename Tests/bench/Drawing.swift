import Glibc

/// The ratios as bars to the left (faster) or to the right of a line at 1, each twice the last: on a
/// scale of that kind twice as fast is as long as half as fast. A tick is a limit.
struct Drawing {
  let report: Report

  private let label = 350.0
  private let step = 64.0
  private let height = 22.0
  private let top = 64.0
  /// In doublings.
  private let fastest = -4.0
  private let slowest = 2.0

  private var line: Double { label - fastest * step }
  private var right: Double { line + slowest * step }
  private var width: Double { right + 70 }
  private var bottom: Double { top + height * Double(report.rows.count) }

  func write(to file: String) {
    guard let stream = fopen(file, "w") else { return print("bench: cannot write \(file)") }
    fputs(text, stream)
    fclose(stream)
  }

  private var text: String {
    let size = "\(Int(width)) \(Int(bottom + 16))"
    let numbers = size.split(separator: " ")
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(numbers[0])" height="\(numbers[1])" \
      viewBox="0 0 \(size)" font-family="system-ui, sans-serif" font-size="12">
      <style>
      \(Self.style)
      </style>
      <rect class="page" width="100%" height="100%"/>
      <text x="16" y="24" font-size="14" font-weight="600">\
      moonpool / what it stands beside: to the left is less, a tick is the limit</text>
      \(scale)
      \(report.rows.indices.map(row).joined(separator: "\n"))
      </svg>

      """
  }

  private static let style = """
    .page { fill: #ffffff } text { fill: #24292f } .quiet { fill: #57606a }
    .grid { stroke: #d8dee4 } .one { stroke: #57606a }
    .fast { fill: #2da44e } .slow { fill: #bf8700 } .over { fill: #cf222e } .limit { stroke: #24292f }
    @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #8d96a0 }
    .grid { stroke: #21262d } .one { stroke: #8d96a0 }
    .fast { fill: #3fb950 } .slow { fill: #d29922 } .over { fill: #f85149 } .limit { stroke: #e6edf3 }
    }
    """

  private var scale: String {
    (Int(fastest)...Int(slowest)).map { doubling in
      let x = place(Double(doubling))
      let name = doubling < 0 ? "1/\(1 << -doubling)" : "\(1 << doubling)"
      let kind = doubling == 0 ? "one" : "grid"
      return """
        <text class="quiet" x="\(x)" y="\(top - 12)" text-anchor="middle">\(name)</text>
        <line class="\(kind)" x1="\(x)" x2="\(x)" y1="\(top - 6)" y2="\(bottom)"/>
        """
    }.joined(separator: "\n")
  }

  /// Where a number of doublings is; what does not fit ends at the edge.
  private func place(_ doublings: Double) -> Double {
    line + min(max(doublings, fastest), slowest) * step
  }

  private func row(_ index: Int) -> String {
    let (what, ratio, budget) = report.rows[index]
    let y = top + height * Double(index)
    let end = place(log2(ratio))
    let kind = ratio > budget ?? .infinity ? "over" : ratio <= 1 ? "fast" : "slow"
    let limit = budget.map { place(log2($0)) }.map { x in
      "\n<line class=\"limit\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(y + 3)\" y2=\"\(y + 19)\"/>"
    }
    return """
      <text x="\(label - 14)" y="\(y + 15)" text-anchor="end">\(Self.escaped(what))</text>
      <rect class="\(kind)" x="\(min(line, end))" y="\(y + 5)" width="\(max(abs(end - line), 1))" \
      height="12" rx="1"/>\(limit ?? "")
      <text x="\(width - 14)" y="\(y + 15)" text-anchor="end">\(report.number(ratio))</text>
      """
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
  }
}
