internal import CShm
internal import Glibc
internal import PrintableText

/// One line on a terminal that tells, once a second, how far a long search is.
final class ExplorationProgress {
  private let isShown: Bool
  private let begin = cshm_now()
  private var last: Int64
  private var turns = 0

  init(isShown: Bool) {
    self.isShown = isShown
    last = begin
  }

  /// Asked at each step; looks at the clock seldom.
  func step(_ schedules: Int, _ states: Int) {
    turns &+= 1
    if !isShown || turns & 0xFF != 0 { return }
    let now = cshm_now()
    if now - last < 1_000_000_000 { return }
    last = now
    let rate = Double(max(schedules, states)) * 1e9 / Double(now - begin)
    write(
      "\r\u{1B}[K  \(Figures.counted(schedules)) schedules, \(Figures.counted(states)) states, "
        + "\(Figures.counted(Int(rate)))/s")
  }

  func clear() {
    if last != begin { write("\r\u{1B}[K") }
    last = begin
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}
