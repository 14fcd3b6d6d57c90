internal import Glibc
public import SharedMemory

/// Objects and their holders as lines of text, for the commands and the prompt.
public enum ObjectTable {
  /// One line for each object, under a heading. If a terminal is too narrow for that, the names,
  /// which alone can be long, get lines of their own.
  ///
  /// - Parameter columns: the terminal's width; nil: the text is not for a terminal.
  public static func text(_ entries: [Session.Entry], columns: Int?) -> String {
    // Asking for a user's name reads a file, so each is asked for once.
    var names: [UInt32: String] = [:]
    func name(_ entry: Session.Entry) -> String {
      if let known = names[entry.owner] { return known }
      names[entry.owner] = entry.ownerName
      return names[entry.owner]!
    }
    let rows =
      [["SIZE", "TYPE", "MODE", "OWNER", "HANDLES", "NAME"]]
      + entries.map { entry in
        [
          "\(entry.size)", entry.type, octal(entry.mode), name(entry),
          entry.claims.map { "\($0)" } ?? "-", entry.text,
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

  /// How many columns names get; a longer name continues in the next row.
  private static let roomForNames = 24

  /// One line, under a heading, for each process that holds the object or has the POSIX object
  /// open; and one about holders that cannot be seen. Of an object that carries messages also what
  /// each process does with it.
  ///
  /// - Parameter columns: the terminal's width, at which command lines are cut; nil: the text is
  ///   not for a terminal.
  public static func holders(
    of entry: Session.Entry, _ session: Session, columns: Int?
  ) -> String {
    let holders = session.holders(of: entry)
    let roles = session.roles(of: entry)
    let heading = roles == nil ? [] : ["ROLE"]
    let rows =
      [["PID", "USER", "ACCESS", entry.place == nil ? "USES" : "HANDLES"] + heading + ["COMMAND"]]
      + holders.map { holder in
        [
          "\(holder.process)", holder.userName, holder.access.rawValue, "\(holder.handles)",
        ] + (roles.map { [$0[holder.process]?.text ?? "-"] } ?? []) + [command(holder)]
      }
    let widths = (0..<rows[0].count - 1).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let room = (columns ?? .max) - widths.reduce(0) { $0 + $1 + 2 }
    let lines = rows.map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
        .joined(separator: "  ") + "  " + cut(row[widths.count], to: max(room, roomForNames))
    }
    return ((holders.isEmpty ? [] : lines) + unseen(session.unseen(of: entry, beside: holders)))
      .joined(separator: "\n")
  }

  private static func unseen(_ unseen: Holders.Unseen) -> [String] {
    switch unseen {
    case .no: []
    case .perhaps: ["and others that only root may see, if there are any"]
    case .certainly:
      [
        geteuid() == 0
          ? "and others that are not seen from this PID namespace"
          : "and others that only root may see"
      ]
    }
  }

  /// The command line, with the program's path shortened to its name. A process without a command
  /// line is shown by its name.
  private static func command(_ holder: Holders.Holder) -> String {
    guard let program = holder.arguments.first else { return "[\(shown(holder.command))]" }
    let name = program.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? program
    return ([name] + holder.arguments.dropFirst()).map { shown($0) }.joined(separator: " ")
  }

  private static func cut(_ text: String, to columns: Int) -> String {
    // No command line that was read is nearly as long as this.
    if columns >= 1 << 20 || TextWidth.columns(of: text) <= columns { return text }
    var kept = ""
    for character in text {
      if TextWidth.columns(of: kept + String(character)) >= columns { break }
      kept.append(character)
    }
    return kept + "…"
  }

  /// Permission bits in octal, as for `chmod(1)`.
  public static func octal(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }
}
