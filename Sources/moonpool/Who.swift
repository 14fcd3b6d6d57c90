import ArgumentParser
import Console
import SharedMemory

struct Who: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "who",
    abstract: "List the processes that hold an object, or have a POSIX object open.")

  @Argument(help: "The object's name.") var name: NameArgument
  @Flag(help: "Print JSON.") var json = false

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      if try WineInspection.who(name.bytes, json: json) { return }
      let session = Session.current
      let entry = try session.find(name.bytes)
      if json {
        let roles = session.roles(of: entry)
        print(
          JSON.array(
            session.holders(of: entry).map { holder in
              Self.json(holder, roles.map { $0[holder.process]?.words ?? [] })
            }))
        return
      }
      if entry.place == nil { print(Self.posix(entry)) }
      let columns = StandardTerminal.columns
      let holders = ObjectTable.holders(of: entry, session, columns: columns)
      print(holders.isEmpty ? "nobody has it open" : holders)
    }
  }

  /// A POSIX object's holders are not counted, so the text begins with what is known of it.
  private static func posix(_ entry: Session.Entry) -> String {
    "POSIX object of \(entry.size) bytes, mode \(ObjectTable.octal(entry.mode)), owner "
      + "\(entry.ownerName); it stays until somebody removes it"
  }

  /// - Parameter roles: nil: the object's type knows none.
  private static func json(_ holder: Holders.Holder, _ roles: [String]?) -> String {
    JSON.object(
      [("process", "\(holder.process)")] + JSON.text("command", holder.command)
        + JSON.texts("arguments", holder.arguments) + [
          ("user", "\(holder.user)"), ("access", JSON.string(holder.access.rawValue)),
          ("handles", "\(holder.handles)"),
        ]
        + (roles.map {
          [("roles", "[" + $0.map { JSON.string($0) }.joined(separator: ", ") + "]")]
        } ?? []))
  }
}
