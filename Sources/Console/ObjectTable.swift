public import SharedMemory

/// Objects and their holders as lines of text, for the commands and the prompt.
public enum ObjectTable {
  /// One line for each object under a heading.
  public static func text(_ entries: [Session.Entry]) -> String {
    let rows =
      [["SIZE", "TYPE", "MODE", "OWNER", "CLAIMS", "NAME"]]
      + entries.map { entry in
        [
          "\(entry.size)", entry.type, octal(entry.mode), entry.ownerName,
          "\(entry.claims)", entry.text,
        ]
      }
    let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
        .joined(separator: "  ") + "  " + row[5]
    }.joined(separator: "\n")
  }

  /// One line for each process that holds the object.
  public static func holders(of entry: Session.Entry, _ session: Session) -> String {
    let holders = session.holders(of: entry)
    let unseen = entry.claims - holders.reduce(0) { $0 + $1.handles }
    return
      (holders.map { "\($0.process)  \($0.command)  (handles: \($0.handles))" }
      + (unseen > 0 ? ["and \(unseen) more that only root may see"] : []))
      .joined(separator: "\n")
  }

  /// Permission bits as `ls` users read them.
  public static func octal(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }
}
