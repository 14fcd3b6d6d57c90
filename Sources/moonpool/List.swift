import ArgumentParser
import SharedMemory

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List the objects that live, and remove what the dead left.")

  @Flag(help: "Print JSON.") var json = false

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      let session = Session.current
      let entries = try session.list(.local) + session.list(.global)
      print(
        json ? JSON.array(entries.map(Self.json)) : Self.table(entries))
    }
  }

  private static func table(_ entries: [Session.Entry]) -> String {
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

  static func json(_ entry: Session.Entry) -> String {
    JSON.object([
      "name": JSON.string(entry.text), "type": JSON.string(entry.type), "size": "\(entry.size)",
      "mode": JSON.string(octal(entry.mode)), "owner": "\(entry.owner)",
      "claims": "\(entry.claims)", "path": JSON.string(entry.path),
    ])
  }
}
