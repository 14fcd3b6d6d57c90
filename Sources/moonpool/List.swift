import ArgumentParser
import Console
import SharedMemory

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List the objects that live, and remove what the dead left.")

  @Flag(help: "Print JSON.") var json = false

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      let session = Session.current
      let entries = try session.list(.local) + session.list(.global)
      let wine = WineInspection.list()
      print(
        json
          ? JSON.array(
            (entries.map(Self.fields) + wine.map(WineInspection.fields)).map(JSON.object))
          : ObjectTable.text(entries, columns: StandardTerminal.columns))
      if !json && !wine.isEmpty { print("\n" + WineTable.text(wine)) }
    }
  }

  static func fields(_ entry: Session.Entry) -> [JSON.Field] {
    (entry.isWhole ? JSON.text("name", entry.name) : [("name", "null")]) + [
      ("type", JSON.string(entry.type)),
      ("size", "\(entry.size)"), ("mode", JSON.string(ObjectTable.octal(entry.mode))),
      ("owner", "\(entry.owner)"), ("claims", "\(entry.claims)"),
    ] + JSON.text("path", entry.pathBytes)
  }
}
