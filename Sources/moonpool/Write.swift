import ArgumentParser
import SharedMemory

struct Write: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "write", abstract: "Copy standard input into an object that exists.")

  @Argument(help: "The object's name.") var name: NameArgument
  @OptionGroup var range: ByteRange

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      if let section = try WineInspection.section(of: name.bytes) {
        try copy(into: section.object)
      } else {
        try copy(into: MemoryObject.open(bytes: name.bytes, access: .readWrite))
      }
    }
  }

  /// In bytes. So much is read before anything is written: a smaller input is written completely or
  /// not at all.
  private static let pieceSize = 1 << 20

  private func copy(into object: borrowing MemoryObject) throws(SharedMemoryError) {
    let start = range.start
    if start > object.size { fail("offset \(start) is past the object's \(object.size) bytes") }
    let room = object.size - start
    if let known = range.length?.value ?? StandardInput.size, known > room {
      fail(
        "\(known) bytes do not fit into the \(room) from offset \(start) on; nothing was written")
    }
    var written = 0
    while true {
      let most = min(Self.pieceSize, range.end - start - written)
      let piece = StandardInput.read(most)
      let fitting = min(piece.count, room - written)
      if fitting < piece.count, written == 0 {
        fail(
          "the input has more than the \(room) bytes from offset \(start) on; nothing was written")
      }
      try write(piece[..<fitting], to: object, at: start + written)
      written += fitting
      if fitting < piece.count {
        fail(
          "the input has more than the \(room) bytes from offset \(start) on, which were written")
      }
      if piece.count < Self.pieceSize { break }
    }
    if let wanted = range.length?.value, written < wanted {
      fail("the input ended after \(written) of \(wanted) bytes, which were written")
    }
  }

  private func write(
    _ bytes: ArraySlice<UInt8>, to object: borrowing MemoryObject, at offset: Int
  ) throws(SharedMemoryError) {
    var failure: SharedMemoryError?
    bytes.withUnsafeBytes { buffer in
      do throws(SharedMemoryError) { try object.write(buffer, at: offset) } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  private func fail(_ text: String) -> Never {
    ExitStatus.failure.exit("write \(name.text): \(text)")
  }
}
