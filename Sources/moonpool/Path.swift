import ArgumentParser
import SharedMemory

struct Path: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "path", abstract: "Print the file that a name means, for other programs to map.")

  @Argument(help: "The object's name.") var name: String

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      print(String(decoding: try Session.current.path(of: Array(name.utf8)), as: UTF8.self))
    }
  }
}
