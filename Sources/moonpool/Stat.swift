import ArgumentParser
import Console
import SharedMemory

struct Stat: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stat", abstract: "Show what an object is.")

  @Argument(help: "The object's name.") var name: String
  @Flag(help: "Print JSON.") var json = false

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      let entry = try Session.current.find(Array(name.utf8))
      if json {
        print(List.json(entry))
        return
      }
      print(
        """
        name    \(entry.text)
        type    \(entry.type)
        size    \(entry.size) bytes
        mode    \(ObjectTable.octal(entry.mode))
        owner   \(entry.ownerName)
        claims  \(entry.claims)
        file    \(entry.path)
        """)
    }
  }
}
