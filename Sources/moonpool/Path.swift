import ArgumentParser
import SharedMemory
import Wine

struct Path: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "path", abstract: "Print the file that a name means, for other programs to map.")

  @Argument(help: "The object's name.") var name: String

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      try WineName.refuse(Array(name.utf8), for: "path")
      print(String(decoding: try Session.current.path(of: Array(name.utf8)), as: UTF8.self))
    }
  }
}
