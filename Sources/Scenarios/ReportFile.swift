internal import Glibc

/// A file that a play writes at its end: `--junit`, `--svg`, `--trace`, `--save`.
final class ReportFile {
  let path: String
  private let text: ([Report]) -> String
  private let stream: UnsafeMutablePointer<FILE>

  /// Nil: it cannot be written; `errno` says why. What it had is gone only when there is a report.
  init?(_ path: String, _ text: @escaping ([Report]) -> String) {
    guard let stream = fopen(path, "ae") else { return nil }
    (self.path, self.text, self.stream) = (path, text, stream)
  }

  /// False: `errno` says why. (What cannot be truncated, a pipe or a terminal, has nothing to lose.)
  func write(_ reports: [Report]) -> Bool {
    if ftruncate(fileno(stream), 0) != 0 && errno != EINVAL { return false }
    let isWritten = fputs(text(reports), stream) >= 0
    return fclose(stream) == 0 && isWritten
  }
}
