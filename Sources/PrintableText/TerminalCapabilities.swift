internal import Glibc

/// What the environment says that a terminal can show.
package enum TerminalCapabilities {
  /// Colours, unless `NO_COLOR` is set and not empty (no-color.org).
  package static var showsColors: Bool { getenv("NO_COLOR").map { $0.pointee == 0 } ?? true }

  /// Can it move its cursor? By `TERM`.
  package static var movesCursor: Bool {
    guard let terminal = getenv("TERM").map({ String(cString: $0) }) else { return false }
    return !["", "dumb", "unknown"].contains(terminal)
  }

  /// More than ASCII. The first of the locale's variables that is set decides, as in
  /// `setlocale(3)`.
  package static var showsUnicode: Bool {
    if let terminal = getenv("TERM"), strcmp(terminal, "dumb") == 0 { return false }
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      if let value = getenv(name), value.pointee != 0 {
        let locale = String(cString: value).lowercased()
        return locale.contains("utf-8") || locale.contains("utf8")
      }
    }
    return false
  }
}
