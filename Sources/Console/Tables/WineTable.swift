package import Wine

/// Sections of Windows programs, and their holders, as lines of text.
package enum WineTable {
  /// One line for each section, under a heading; empty if there is none.
  package static func text(_ entries: [WinePrefixes.Entry]) -> String {
    if entries.isEmpty { return "" }
    let rows =
      [["SIZE", "HANDLES", "PREFIX", "NAME"]]
      + entries.map { ["\($0.size)", handles($0), $0.prefixText, $0.text] }
    let widths = (0..<3).map { column in rows.map { TextWidth.columns(of: $0[column]) }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - TextWidth.columns(of: cell)) + "  "
      }.joined() + row[3]
    }.joined(separator: "\n")
  }

  /// One line for each process that has handles.
  package static func holders(_ holders: [WinePrefixes.Holder]) -> String {
    holders.map { holder in
      let who = holder.process.map { "\($0)  \(holder.program)" } ?? "a native program"
      return "\(who)  (handles: \(holder.handles))"
    }.joined(separator: "\n")
  }

  package static func handles(_ entry: WinePrefixes.Entry) -> String {
    entry.handles.map { "\($0)" } ?? "?"
  }
}
