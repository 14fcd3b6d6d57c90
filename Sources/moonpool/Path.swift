import ArgumentParser
@preconcurrency import Glibc
import SharedMemory
import Wine

struct Path: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "path", abstract: "Print the file that a name means, for other programs to map.")

  @Argument(help: "The object's name.") var name: NameArgument

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      try WineName.refuse(name.bytes, for: "path")
      // Printed byte for byte, so that a program can use it.
      let line = try Session.current.path(of: name.bytes) + [0x0A]
      fwrite(line, 1, line.count, stdout)
    }
  }
}
