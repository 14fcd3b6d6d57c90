public import SharedMemory

/// Objects and their holders as lines of text, for the commands and the prompt.
public enum ObjectTable {
  /// One line for each object under a heading. In a terminal that is too narrow for it the names,
  /// the only part of any length, have lines of their own.
  ///
  /// - Parameter columns: the terminal's; nil: not for one.
  public static func text(_ entries: [Session.Entry], columns: Int?) -> String {
    let rows =
      [["SIZE", "TYPE", "MODE", "OWNER", "CLAIMS", "NAME"]]
      + entries.map { entry in
        [
          "\(entry.size)", entry.type, octal(entry.mode), entry.ownerName,
          "\(entry.claims)", entry.text,
        ]
      }
    let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let room = (columns ?? .max) - widths.reduce(0) { $0 + $1 + 2 }
    let isNarrow = room < roomForNames && rows.contains { TextWidth.columns(of: $0[5]) > room }
    return rows.map { row in
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      let last = isNarrow ? row[4] + "\n  " : cells[4] + "  "
      return cells[..<4].joined(separator: "  ") + "  " + last + row[5]
    }.joined(separator: "\n")
  }

  /// Room enough: a longer name goes on in the next row.
  private static let roomForNames = 24

  /// What an event, a mutex or a semaphore is at.
  public static func text(_ state: ObjectState) -> String {
    switch state {
    case .event(let isManual, let isSet):
      "\(isManual ? "manual" : "automatic"), \(isSet ? "set" : "not set")"
    case .mutex(.free): "free"
    case .mutex(.locked(let process)):
      "locked by \(process.map { "process \($0)" } ?? "an unknown process")"
    case .mutex(.lockedElsewhere): "locked by a process in another pid namespace"
    case .mutex(.abandoned): "abandoned: its owner ended without unlocking it"
    case .semaphore(let count, let maximum): "\(count) of \(maximum)"
    }
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
