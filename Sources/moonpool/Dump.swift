import ArgumentParser
import Console
import SharedMemory

struct Dump: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Show an object's bytes, or the fields of a FILE.h or a known layout, or copy them.")

  @Argument(help: "The object's name.") var name: NameArgument
  @OptionGroup var range: ByteRange
  @OptionGroup var fields: LayoutOption
  @Flag(help: "Write the bytes as they are, to a file or a pipe.") var raw = false

  func validate() throws {
    if raw && fields.layout != nil {
      throw ValidationError("--raw and --layout are two different outputs.")
    }
  }

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      let reader = try WineInspection.reader(of: name.bytes)
      if let layout = fields.layout {
        let listing = LayoutOption.listing(layout, fields.type)
        let lines = try listing.lines(
          of: reader, from: range.start, to: range.end, name: name.text)
        print(lines.joined(separator: "\n"))
      } else if raw {
        try copy(reader)
      } else {
        try HexDump.dump(reader, from: range.start, to: range.end, write: StandardOutput.write)
      }
    }
  }

  /// Copies exactly the bytes that existed at the beginning, or fails.
  private func copy(_ reader: borrowing ObjectReader) throws(SharedMemoryError) {
    if StandardOutput.isTerminal {
      ExitStatus.usage.exit(
        "dump --raw: standard output is a terminal; send it to a file or a pipe")
    }
    let stop = min(range.end, reader.size)
    let reached = try reader.forEach(from: range.start, to: stop, unit: 1) { piece in
      switch piece {
      case .bytes(let bytes): StandardOutput.write(bytes)
      case .hole(let count): if !StandardOutput.skip(count) { StandardOutput.writeZeroes(count) }
      }
    }
    if reached < stop { throw reader.shortened(at: reached) }
  }
}
