import Glibc

/// Prints each ratio beside its budget.
struct Report {
  private var isFine = true
  private(set) var rows: [(what: String, ratio: Double, budget: Double?)] = []

  /// - Parameters:
  ///   - ours: what is measured, in nanoseconds or another unit.
  ///   - bare: what it is compared with.
  ///   - budget: the highest ratio allowed; nil: for information.
  mutating func add(
    _ what: String, ours: Double, bare: Double, budget: Double?, unit: String = "ns"
  ) {
    let ratio = ours / bare
    rows.append((what, ratio, budget))
    let verdict = budget.map { ratio <= $0 ? "ok" : "OVER" } ?? ""
    if verdict == "OVER" { isFine = false }
    let limit = budget.map { "at most \(number($0))" } ?? ""
    print(
      pad(what, 44), pad("\(number(ours)) \(unit)", 14), pad("\(number(bare)) \(unit)", 14),
      pad("ratio \(number(ratio))", 12), pad(limit, 12), verdict)
    fflush(nil)
  }

  func end() -> Never { exit(isFine ? 0 : 1) }

  func number(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let rest = hundredths % 100
    return value >= 1000 ? "\(hundredths / 100)" : "\(hundredths / 100).\(rest / 10)\(rest % 10)"
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }
}

/// Nanoseconds a call of each, by turns: the median of many short rounds, so that what disturbs
/// the machine disturbs both alike.
func compare(
  rounds: Int = 60, calls: Int = 200, _ ours: () -> Void, _ bare: () -> Void
) -> (ours: Double, bare: Double) {
  var times: (ours: [Double], bare: [Double]) = ([], [])
  for _ in 0..<rounds {
    times.ours.append(time(calls, ours))
    times.bare.append(time(calls, bare))
  }
  return (times.ours.sorted()[rounds / 2], times.bare.sorted()[rounds / 2])
}

/// Nanoseconds a call.
func time(_ calls: Int, _ body: () -> Void) -> Double {
  let begun = nanoseconds()
  for _ in 0..<calls { body() }
  return Double(nanoseconds() - begun) / Double(calls)
}

func nanoseconds() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
