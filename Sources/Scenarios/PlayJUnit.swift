internal import PrintableText

/// `--junit`: a test suite, a case for each file, as continuous integration reads it.
package enum PlayJUnit {
  static func text(_ reports: [Report]) -> String {
    let failed = reports.count { $0.verdict == .failed }
    let errors = reports.count { isError($0.verdict) }
    let seconds = reports.reduce(0) { $0 + $1.duration }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + "<testsuite name=\"moonpool play\" tests=\"\(reports.count)\" failures=\"\(failed)\" "
      + "errors=\"\(errors)\" time=\"\(seconds)\">\n"
      + reports.map(testCase).joined() + "</testsuite>\n"
  }

  private static func isError(_ verdict: Report.Verdict) -> Bool {
    switch verdict {
    case .passed, .partial, .failed: false
    case .notExercised, .misuse, .interrupted, .diverged: true
    }
  }

  private static func testCase(_ report: Report) -> String {
    let head =
      "  <testcase classname=\"\(escaped(report.file))\" "
      + "name=\"\(escaped(report.scenario?.title ?? report.file))\" time=\"\(report.duration)\""
    guard let (tag, message, text) = problem(of: report) else { return head + "/>\n" }
    return head + ">\n    <\(tag) message=\"\(escaped(message))\">\(escaped(text))</\(tag)>\n"
      + "  </testcase>\n"
  }

  private static func problem(of report: Report) -> (String, String, String)? {
    switch report.verdict {
    case .passed, .partial: return nil
    case .failed:
      let page = Page(isTerminal: false)
      let text = String(decoding: page.verdict(report), as: UTF8.self)
      return ("failure", report.outcome?.failures.first?.text ?? "", text)
    case .notExercised:
      return ("error", "not exercised", lines(report.notExercised))
    case .misuse(let text): return ("error", text, text)
    case .interrupted: return ("error", "interrupted", "")
    case .diverged:
      let page = Page(isTerminal: false)
      return ("error", "diverged", String(decoding: page.verdict(report), as: UTF8.self))
    }
  }

  private static func lines(_ failures: [Outcome.Failure]) -> String {
    failures.map { "\($0.text) (\($0.place))" }.joined(separator: "\n")
  }

  /// XML 1.0 has no control characters but these.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
