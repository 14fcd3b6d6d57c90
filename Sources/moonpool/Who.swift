import ArgumentParser
import Console
import SharedMemory

struct Who: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "who", abstract: "List the processes that hold an object.")

  @Argument(help: "The object's name.") var name: NameArgument
  @Flag(help: "Print JSON.") var json = false

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      if try WineInspection.who(name.bytes, json: json) { return }
      let entry = try Session.current.find(name.bytes)
      let holders = Session.current.holders(of: entry)
      if json {
        print(JSON.array(holders.map(Self.json)))
        return
      }
      print(ObjectTable.holders(of: entry, .current))
    }
  }

  private static func json(_ holder: Holders.Holder) -> String {
    JSON.object([
      ("process", "\(holder.process)"), ("command", JSON.string(holder.command)),
      ("user", "\(holder.user)"), ("handles", "\(holder.handles)"),
    ])
  }
}
