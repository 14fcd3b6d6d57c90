import ArgumentParser
import SharedMemory

struct Who: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "who", abstract: "List the processes that hold an object.")

  @Argument(help: "The object's name.") var name: String
  @Flag(help: "Print JSON.") var json = false

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      let entry = try Session.current.find(Array(name.utf8))
      let holders = Session.current.holders(of: entry)
      if json {
        print(JSON.array(holders.map(Self.json)))
        return
      }
      for holder in holders {
        print("\(holder.process)  \(holder.command)  (handles: \(holder.handles))")
      }
      let unseen = entry.claims - holders.reduce(0) { $0 + $1.handles }
      if unseen > 0 { print("and \(unseen) more that only root may see") }
    }
  }

  private static func json(_ holder: Holders.Holder) -> String {
    JSON.object([
      "process": "\(holder.process)", "command": JSON.string(holder.command),
      "user": "\(holder.user)", "handles": "\(holder.handles)",
    ])
  }
}
