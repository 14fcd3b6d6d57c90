internal import PrintableText

/// `--svg`: one lane an actor, from left to right; of the run that failed, or of the last.
///
/// Blocks are operations, hatched ones those that waited, and times in which the actor was frozen; an
/// arrow goes from what woke a wait to its end, a cross is a kill. It has no script and no font of
/// its own, and follows the reader's choice of light or dark.
enum PlayPicture {
  private static let width = 960.0, left = 120.0, lane = 44.0, top = 56.0, bottom = 48.0

  static func text(_ reports: [Report]) -> String {
    var y = 0.0
    var body = ""
    for report in reports {
      guard let scenario = report.scenario, let outcome = report.outcome else { continue }
      let isReplay = report.options.replays != nil
      let drawing = Drawing(
        scenario, isReplay ? outcome.drawnBySteps : outcome, PlayJSON.word(report.verdict),
        bySteps: isReplay)
      body += "<g transform=\"translate(0 \(n(y)))\">\n\(drawing.text)</g>\n"
      y += drawing.height
    }
    return head(height: max(y, 1)) + body + "</svg>\n"
  }

  private static func head(height: Double) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(n(width)) \(n(height))" \
    width="\(n(width))" height="\(n(height))" role="img">
    <style>
    svg { background: #ffffff; font: 12px sans-serif; --ink: #1f2328; --faint: #d0d7de; \
    --block: #2f6feb; --wait: #8a6d00; --dead: #c9252d; --wake: #1a7f37; }
    @media (prefers-color-scheme: dark) { svg { background: #0d1117; --ink: #e6edf3; \
    --faint: #3d444d; --block: #6ea8fe; --wait: #e3b341; --dead: #ff7b72; --wake: #56d364; } }
    text { fill: var(--ink); } .title { font-size: 15px; font-weight: 600; } .small { font-size: 10px; }
    .axis { stroke: var(--faint); } .life { stroke: var(--ink); stroke-width: 1.5; }
    .op { fill: var(--block); } .wait { fill: url(#waits); stroke: var(--wait); }
    .frozen { fill: url(#frozen); stroke: var(--ink); } .kill { stroke: var(--dead); stroke-width: 3; }
    .mark { fill: var(--ink); } .wake { stroke: var(--wake); fill: none; marker-end: url(#tip); }
    .tip { fill: var(--wake); } .hatch { stroke: var(--wait); } .ice { stroke: var(--ink); }
    </style>
    <defs>
    <pattern id="waits" width="6" height="6" patternUnits="userSpaceOnUse" \
    patternTransform="rotate(45)"><path d="M0 0V6" class="hatch"/></pattern>
    <pattern id="frozen" width="4" height="4" patternUnits="userSpaceOnUse" \
    patternTransform="rotate(-45)"><path d="M0 0V4" class="ice"/></pattern>
    <marker id="tip" viewBox="0 0 6 6" refX="6" refY="3" markerWidth="6" markerHeight="6" \
    orient="auto"><path d="M0 0L6 3L0 6Z" class="tip"/></marker>
    </defs>

    """
  }

  fileprivate static func n(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
  }

  /// One run.
  private struct Drawing {
    private let scenario: Scenario
    private let outcome: Outcome
    private let verdict: String
    private let end: Double
    /// A wait of more than that is one that somebody ended.
    private static let asleep = 0.000_05

    /// A replay's times are steps.
    private let isBySteps: Bool

    init(_ scenario: Scenario, _ outcome: Outcome, _ verdict: String, bySteps: Bool) {
      isBySteps = bySteps
      self.scenario = scenario
      self.outcome = outcome
      self.verdict = verdict
      end = max(outcome.duration, 0.000_001)
    }

    var height: Double { top + Double(scenario.actors.count) * lane + bottom }

    var text: String {
      let lanes = scenario.actors.indices.map(row).joined()
      return "<text x=\"12\" y=\"24\" class=\"title\">\(PlayJUnit.escaped(scenario.title))</text>\n"
        + "<text x=\"12\" y=\"42\">\(verdict), \(amount(outcome.duration))</text>\n"
        + axis + lanes + arrows + legend
    }

    /// What the signs mean, of those that are there.
    private var legend: String {
      let kinds = outcome.spans.map(\.kind)
      var signs: [(class: String, text: String)] = [("op", "operation"), ("wait", "waits")]
      if kinds.contains(.frozen) { signs.append(("frozen", "frozen")) }
      if kinds.contains(.killed) { signs.append(("kill", "killed")) }
      if kinds.contains(.mark) { signs.append(("mark", "mark")) }
      let foot = top + Double(scenario.actors.count) * PlayPicture.lane + 30
      return signs.enumerated().map { index, sign in
        let x = left + Double(index) * 110
        return "<g transform=\"translate(\(n(x)) \(n(foot)))\">\(Self.sample(sign.class))"
          + "<text x=\"18\" y=\"4\" class=\"small\">\(sign.text)</text></g>\n"
      }.joined()
    }

    private static func sample(_ kind: String) -> String {
      switch kind {
      case "kill": "<path d=\"M0 -5l10 10m0 -10l-10 10\" class=\"kill\"/>"
      case "mark": "<path d=\"M5 4l-4 -7h8z\" class=\"mark\"/>"
      default: "<rect x=\"0\" y=\"-5\" width=\"12\" height=\"10\" class=\"\(kind)\"/>"
      }
    }

    private func amount(_ time: Double) -> String {
      isBySteps ? "\(Int(time.rounded())) steps" : Page.duration(time)
    }

    private func x(_ time: Double) -> Double {
      left + min(max(time, 0), end) / end * (width - left - 20)
    }

    private func y(_ actor: Int) -> Double { top + (Double(actor) + 0.5) * PlayPicture.lane }

    /// Five lines with their times.
    private var axis: String {
      let foot = top + Double(scenario.actors.count) * PlayPicture.lane
      return (0...4).map { step in
        let time = end * Double(step) / 4
        return "<path d=\"M\(n(x(time))) \(n(top))V\(n(foot))\" class=\"axis\"/>"
          + "<text x=\"\(n(x(time)))\" y=\"\(n(foot + 16))\" text-anchor=\"middle\" class=\"small\">"
          + "\(isBySteps ? "\(Int(time.rounded()))" : Page.duration(time))</text>\n"
      }.joined()
    }

    private func row(_ actor: Int) -> String {
      let name = PlayJUnit.escaped(scenario.actors[actor].name)
      let part = actor + 1
      let spans = outcome.spans.filter { $0.part == part }
      let operations = outcome.operationSpans.filter { $0.part == part }
      return "<text x=\"12\" y=\"\(n(y(actor) + 4))\">\(name)</text>\n"
        + spans.filter { $0.kind == .life }.map { life($0, actor) }.joined()
        + operations.map { block($0, actor) }.joined()
        + spans.filter { $0.kind != .life }.map { sign($0, actor) }.joined()
    }

    private func life(_ span: Outcome.Span, _ actor: Int) -> String {
      "<path d=\"M\(n(x(span.from))) \(n(y(actor)))H\(n(x(span.to)))\" class=\"life\"/>\n"
    }

    private func block(_ operation: Outcome.Operation, _ actor: Int) -> String {
      let isLong = operation.to - operation.from > Self.asleep && Self.waits(operation.verb)
      let object = operation.object.isEmpty ? "" : " of \(operation.object)"
      let what =
        "\(operation.verb)\(object), \(operation.place), \(amount(operation.to - operation.from))"
      return rectangle(operation.from, operation.to, actor, isLong ? "wait" : "op", what)
    }

    private func rectangle(
      _ from: Double, _ to: Double, _ actor: Int, _ kind: String, _ what: String
    ) -> String {
      let wide = max(x(to) - x(from), 2)
      return
        "<rect x=\"\(n(x(from)))\" y=\"\(n(y(actor) - 9))\" width=\"\(n(wide))\" height=\"18\" "
        + "class=\"\(kind)\"><title>\(PlayJUnit.escaped(what))</title></rect>\n"
    }

    private func sign(_ span: Outcome.Span, _ actor: Int) -> String {
      let (x, y) = (x(span.from), y(actor))
      let title = "<title>\(PlayJUnit.escaped(span.text))</title>"
      switch span.kind {
      case .frozen: return rectangle(span.from, span.to, actor, "frozen", span.text)
      case .killed:
        return
          "<path d=\"M\(n(x - 7)) \(n(y - 7))l14 14m0 -14l-14 14\" class=\"kill\">\(title)</path>\n"
      case .mark:
        return "<path d=\"M\(n(x)) \(n(y - 12))l-4 -7h8z\" class=\"mark\">\(title)</path>\n"
      case .life: return ""
      }
    }

    // MARK: Who woke whom

    private static func waits(_ verb: String) -> Bool {
      [":wait", ":lock", ":guard", ":acquire", ".wait"].contains { verb.hasSuffix($0) }
    }

    private static func wakes(_ verb: String) -> Bool {
      [":wake", ":set", ":unlock", ":release"].contains { verb.hasSuffix($0) }
    }

    private var arrows: String {
      outcome.operationSpans.compactMap { wait in
        guard Self.waits(wait.verb), wait.isDone, wait.to - wait.from > Self.asleep,
          let wake = waker(of: wait)
        else { return nil }
        return "<path d=\"M\(n(x(wake.to))) \(n(y(wake.part - 1)))L\(n(x(wait.to))) "
          + "\(n(y(wait.part - 1)))\" class=\"wake\"/>\n"
      }.joined()
    }

    /// The last one on the same object that began while it waited.
    private func waker(of wait: Outcome.Operation) -> Outcome.Operation? {
      outcome.operationSpans.last {
        $0.part != wait.part && Self.wakes($0.verb) && $0.object == wait.object
          && $0.offset == wait.offset && $0.from >= wait.from && $0.from <= wait.to
      }
    }
  }
}
