internal import CShm
internal import Glibc

/// One line on a terminal that tells how far a long play is.
final class Progress {
  private let isShown: Bool
  private let begin = cshm_now()
  private var last: Int64 = 0

  init(isShown: Bool) { self.isShown = isShown }

  /// Behind a run; the first second says nothing.
  func step(_ number: Int, of count: Int, _ report: Report) {
    let now = cshm_now()
    guard isShown, count > 1, now - begin > 1_000_000_000, now - last > 100_000_000 else { return }
    last = now
    let rate = Double(report.runs) * 1e9 / Double(now - begin)
    let what = report.killPoints == nil ? "runs" : "kill points"
    write(
      "\r\u{1B}[K  \(Page.counted(number)) of \(Page.counted(count)) \(what), \(Page.counted(Int(rate)))/s"
    )
  }

  func clear() {
    if last > 0 { write("\r\u{1B}[K") }
    last = 0
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}
