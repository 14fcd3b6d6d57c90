internal import PrintableText

/// `--trace`: a line for each operation and each event of the run that failed, or of the last.
enum PlayTrace {
  static func text(_ reports: [Report]) -> String {
    reports.map(lines).joined(separator: "\n")
  }

  private static func lines(_ report: Report) -> String {
    guard let scenario = report.scenario, let outcome = report.outcome else { return "" }
    let head = "moonpool-play 1\n\(report.file)\n\(scenario.title)\nseed \(outcome.seed)\n"
    let operations = outcome.operationSpans.map { operation in
      (operation.from, line(operation, scenario))
    }
    let events = outcome.events.map { event in
      let text = String(decoding: Printable.escaped(event.text, .line), as: UTF8.self)
      let mark = event.isNote ? "" : "prints "
      return (event.time, line(event.time, scenario.name(ofPart: event.part), mark + text))
    }
    return head
      + (operations + events).sorted { $0.0 < $1.0 }.map { $0.1 + "\n" }.joined()
      + (outcome.untraced == 0
        ? "" : "\(Page.counted(outcome.untraced)) more operations are not in this file\n")
  }

  private static func line(_ operation: Outcome.Operation, _ scenario: Scenario) -> String {
    let object = operation.object.isEmpty ? "" : " \(shown(operation.object))"
    let result = operation.isDone ? "" : "  no"
    return line(
      operation.from, scenario.name(ofPart: operation.part),
      "\(operation.place)  \(operation.verb)\(object) @\(operation.offset)"
        + "  \(Page.duration(operation.to - operation.from))\(result)")
  }

  private static func shown(_ text: String) -> String {
    String(decoding: Printable.escaped(Array(text.utf8), .line), as: UTF8.self)
  }

  private static func line(_ time: Double, _ name: String, _ text: String) -> String {
    "\(Int((time * 1e6).rounded())) us  \(name)  \(text)"
  }
}
