import ArgumentParser
import SharedMemory

struct Dump: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump", abstract: "Show an object's bytes.")

  @Argument(help: "The object's name.") var name: NameArgument
  @Option(help: "The first byte to show.") var offset = 0
  @Option(help: "How many bytes to show; all by default.") var length: Int?

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      let view =
        if let wine = try WineInspection.look(at: name.bytes) {
          try wine.section.map()
        } else {
          try MemoryObject.open(bytes: name.bytes, access: .read).map()
        }
      let bytes = try view.read(length ?? max(view.count - max(offset, 0), 0), at: offset)
      for line in HexDump.lines(bytes, from: offset) { print(line) }
    }
  }
}

/// Sixteen bytes a line: offset, hexadecimal, text; repeated lines are one `*`, as `hexdump -C`.
enum HexDump {
  static func lines(_ bytes: [UInt8], from offset: Int) -> [String] {
    var lines: [String] = []
    var before: ArraySlice<UInt8>?
    for start in stride(from: 0, to: bytes.count, by: 16) {
      let row = bytes[start..<min(start + 16, bytes.count)]
      if let before, before.elementsEqual(row) {
        if lines.last != "*" { lines.append("*") }
      } else {
        lines.append(line(row, offset + start))
      }
      before = row
    }
    return lines + [hex(offset + bytes.count, 8)]
  }

  private static func line(_ row: ArraySlice<UInt8>, _ offset: Int) -> String {
    let cells = row.enumerated().map { ($0 == 8 ? " " : "") + hex(Int($1), 2) }
    let text = row.map { 0x20..<0x7F ~= $0 ? Character(UnicodeScalar($0)) : "." }
    let columns = cells.joined(separator: " ")
    let padding = String(repeating: " ", count: 48 - columns.count)
    return "\(hex(offset, 8))  \(columns)\(padding)  |\(String(text))|"
  }

  private static func hex(_ value: Int, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(digits - text.count, 0)) + text
  }
}
