import TestSupport

/// The same report in each process, times aside: where one search is enough, and where two run side by
/// side.
enum Repetition {
  private static let programs = [
    "bugs/aba", "bugs/ticket-lock-killed", "proved/event-count", "proved/futex-mutex",
  ]

  /// - Parameter times: processes for each program.
  static func complaint(_ times: Int) -> String? {
    for name in programs {
      let texts = (0..<max(2, times)).map { _ in report(name) }
      if Set(texts).count != 1 { return Set(texts).sorted().joined(separator: "\n") }
      if texts[0].isEmpty { return "\(name): no report" }
    }
    return nil
  }

  private static func report(_ name: String) -> String {
    let outcome = run(
      Places.moonpool, ["explore", "--no-check", "--budget", "300", Corpus.path(name)])
    return outcome.output.replacing(#/in [\d,.]+ m?s/#, with: "in T") + outcome.errors
  }
}
