import ArgumentParser
import Glibc
import SharedMemory

struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Show the lines of an object's bytes that change, until its last other holder goes.")

  @Argument(help: "The object's name.") var name: NameArgument
  @Option(help: "Seconds between two looks.") var interval = 0.5

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      if let wine = try WineInspection.look(at: name.bytes) {
        return try watch(wine.section.map(), until: wine.isGone)
      }
      let entry = try Session.current.find(name.bytes)
      // The handle is closed again: watching keeps no name alive.
      try watch(MemoryObject.open(bytes: name.bytes, access: .read).map()) {
        Session.current.claims(on: entry) == 0
      }
    }
  }

  private func watch(
    _ view: borrowing View, until isGone: () -> Bool
  ) throws(SharedMemoryError) {
    var shown: Set<String> = []
    while !isGone() {
      let lines = HexDump.lines(try view.read(view.count), from: 0)
      for line in lines where line != "*" && !shown.contains(line) { print(line) }
      fflush(nil)
      shown = Set(lines)
      usleep(UInt32((interval.isNaN ? 0.5 : min(max(interval, 0.01), 3600)) * 1_000_000))
    }
    print("\(name.text) is gone")
  }
}
