internal import Scenarios

/// `--junit`: a test suite, a case for each file.
enum ExplorationJUnit {
  struct Case {
    let file, title: String
    let seconds: Double
    let verdict: Exploration.Verdict?
    /// The page, or why there is none.
    let text: String
  }

  static func text(_ cases: [Case]) -> String {
    let failed = cases.count { $0.verdict == .failed }
    let errors = cases.count { isError($0.verdict) }
    let seconds = cases.reduce(0) { $0 + $1.seconds }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + "<testsuite name=\"moonpool explore\" tests=\"\(cases.count)\" failures=\"\(failed)\" "
      + "errors=\"\(errors)\" time=\"\(seconds)\">\n" + cases.map(testCase).joined()
      + "</testsuite>\n"
  }

  private static func isError(_ verdict: Exploration.Verdict?) -> Bool {
    switch verdict {
    case .proved, .partial, .failed: false
    case .notExercised, .interrupted, nil: true
    }
  }

  private static func testCase(_ each: Case) -> String {
    let head =
      "  <testcase classname=\"\(PlayJUnit.escaped(each.file))\" "
      + "name=\"\(PlayJUnit.escaped(each.title))\" time=\"\(each.seconds)\""
    if each.verdict == .proved || each.verdict == .partial { return head + "/>\n" }
    let tag = each.verdict == .failed ? "failure" : "error"
    let message = each.verdict.map(ExplorationJSON.word) ?? "misuse"
    return head + ">\n    <\(tag) message=\"\(message)\">\(PlayJUnit.escaped(each.text))</\(tag)>\n"
      + "  </testcase>\n"
  }
}
