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
      let entry = try Session.current.find(name.bytes)
      let view = try MemoryObject.open(bytes: name.bytes, access: .read).map()
      var shown: Set<String> = []
      // The handle is closed again: watching keeps no name alive.
      while Session.current.claims(on: entry) > 0 {
        let lines = HexDump.lines(try view.read(view.count), from: 0)
        for line in lines where line != "*" && !shown.contains(line) { print(line) }
        fflush(nil)
        shown = Set(lines)
        usleep(UInt32((interval.isNaN ? 0.5 : min(max(interval, 0.01), 3600)) * 1_000_000))
      }
      print("\(name.text) is gone")
    }
  }
}
