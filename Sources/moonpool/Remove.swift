import ArgumentParser
import SharedMemory
import Wine

struct Remove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove POSIX names (/name); all others go by themselves.")

  @Argument(help: "The names.") var names: [NameArgument]

  func run() {
    var refusals: [String] = []
    for name in names {
      do throws(SharedMemoryError) {
        try WineName.refuse(name.bytes, for: "unlink")
        try MemoryObject.unlink(bytes: name.bytes)
      } catch {
        refusals.append(error.description)
      }
    }
    // All that can be removed is removed, even if others fail.
    if !refusals.isEmpty { ExitStatus.failure.exit(refusals.joined(separator: "\nmoonpool: ")) }
  }
}
