import ArgumentParser
import SharedMemory

struct Remove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove POSIX names (/name); all others go by themselves.")

  @Argument(help: "The names.") var names: [String]

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      for name in names { try MemoryObject.unlink(name) }
    }
  }
}
