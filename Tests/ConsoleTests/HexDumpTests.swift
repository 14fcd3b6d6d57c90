import Console
import SharedMemory
import TestSupport
import Testing

/// Dumps and watches of an object of the test's own, in small memory.
@Suite final class LookingAtBytes {
  private let session = Session(named: Places.unique("look"))

  private func reader(_ name: String) throws -> ObjectReader {
    try session.reader(of: Array(name.utf8))
  }

  private func dump(_ name: String, from: Int = 0, to: Int = .max) throws -> [String] {
    var text: [UInt8] = []
    try HexDump.dump(reader(name), from: from, to: to) { text += $0 }
    return lines(text)
  }

  private func lines(_ text: [UInt8]) -> [String] {
    String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// What a dump says, made in the simplest way.
  private func expected(_ bytes: [UInt8], from offset: Int) -> [String] {
    var all: [String] = []
    var before: [UInt8]?
    for start in stride(from: 0, to: bytes.count, by: 16) {
      let row = Array(bytes[start..<min(start + 16, bytes.count)])
      if row == before {
        if all.last != "*" { all.append("*") }
        continue
      }
      before = row
      var cells = ""
      for index in 0..<16 {
        cells += index == 8 ? "  " : " "
        cells += index < row.count ? hexadecimal(Int(row[index]), 2) : "  "
      }
      let text = row.map { 0x20..<0x7F ~= $0 ? String(UnicodeScalar($0)) : "." }.joined()
      all.append("\(hexadecimal(offset + start, 8)) \(cells)  |\(text)|")
    }
    return all + [hexadecimal(offset + bytes.count, 8)]
  }

  private func hexadecimal(_ value: Int, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: digits - text.count) + text
  }

  /// Holes, zeroes that take memory, repeated rows, and ranges at every place around their edges.
  @Test func holesReadAsTheZeroesThatTheyAre() throws {
    let size = 300_001
    let object = try MemoryObject.create("x", size: size, .init(reserve: true), in: session)
    let view = try object.map()
    try view.write(Array("begin".utf8))
    try view.write([UInt8](repeating: 7, count: 5000), at: 20_000)
    try view.write([UInt8](repeating: 0, count: 9000), at: 100_000)
    try view.write(Array("end".utf8), at: size - 3)
    let all = try view.read(size)
    for from in [0, 1, 15, 16, 4095, 4096, 4097, 19_999, 20_000, 28_671, 28_672, 28_673, size - 3] {
      for to in [from, from + 1, from + 17, 24_576, 28_673, 131_072, size - 4, size, .max]
      where to >= from {
        let stop = min(to, size)
        #expect(
          try dump("x", from: from, to: to) == expected(Array(all[from..<stop]), from: from),
          "\(from) to \(to)")
      }
    }
    #expect(try dump("x", from: size + 5) == [hexadecimal(size, 8)])
    object.close()
  }

  @Test func offsetsAreAsLongAsTheLastOneNeeds() throws {
    let options = MemoryObject.CreateOptions(reserve: true)
    let object = try MemoryObject.create("x", size: 100 << 40, options, in: session)
    try object.map(offset: 50 << 40, length: 65_536).write("far")
    #expect(
      try dump("x") == [
        "000000000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|", "*",
        "320000000000  66 61 72 00 00 00 00 00  00 00 00 00 00 00 00 00  |far.............|",
        "320000000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|", "*",
        "640000000000",
      ])
    object.close()
  }

  // MARK: - Watching

  private struct Watched {
    var watch: ChangeWatch
    let session: Session

    /// The lines of one look; those of times are `at`, with the size if it changed.
    mutating func look(_ seen: ([UInt8]) -> Void = { _ in }) throws -> [String] {
      var text: [UInt8] = []
      let reader = try session.reader(of: Array("x".utf8))
      try watch.look(
        at: reader, stamp: { $0.map { "at, size \($0)" } ?? "at" },
        write: {
          text += $0
          seen($0)
        })
      return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }
  }

  private func watching(
    from: Int = 0, to: Int = .max, size: Int, copied: Int = 1 << 20, blocks: Int = 24_000
  ) -> Watched {
    Watched(
      watch: ChangeWatch(
        from: from, to: to, size: size, .init(copied: copied, blocks: blocks)), session: session)
  }

  /// As soon as the first lines are out, somebody may act on them.
  @Test func whatChangesWhileTheFirstLookIsShownIsSeenByTheNext() throws {
    let object = try MemoryObject.create("x", size: 16, in: session)
    let view = try object.map()
    var watched = watching(size: 16)
    _ = try watched.look { if $0.contains(UInt8(ascii: "|")) { try? view.write("A") } }
    #expect(try watched.look().dropFirst().first?.hasSuffix("|A...............|") == true)
  }

  @Test func whatChangedIsMarkedAndWhatDidNotIsLeftOut() throws {
    let object = try MemoryObject.create("x", size: 10_000, in: session)
    let view = try object.map()
    var watched = watching(size: 10_000)
    #expect(
      try watched.look() == [
        "at", "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|", "*",
        "00002710",
      ])
    #expect(try watched.look() == [])
    try view.write([1, 2], at: 7)
    try view.write([0, 0x41], at: 47)
    #expect(
      try watched.look() == [
        "at", "00000000  00 00 00 00 00 00 00 01  02 00 00 00 00 00 00 00  |................|",
        "                               ^^  ^^", "*",
        "00000030  41 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |A...............|",
        "          ^^", "*",
      ])
    #expect(try watched.look() == [])
    // Back to zero, in another block, and in the last line.
    try view.write([0, 0], at: 7)
    try view.write([0x42], at: 9999)
    #expect(
      try watched.look() == [
        "at", "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|",
        "                               ^^  ^^", "*",
        "00002700  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 42  |...............B|",
        "                                                        ^^",
      ])
    #expect(try watched.look() == [])
    object.close()
  }

  @Test func aRangeAnywhereIsWatched() throws {
    let object = try MemoryObject.create("x", size: 10_000, in: session)
    let view = try object.map()
    var watched = watching(from: 4090, to: 4110, size: 10_000)
    #expect(try watched.look().last == "0000100e")
    try view.write([9], at: 4089)
    try view.write([9], at: 4110)
    #expect(try watched.look() == [])
    try view.write([0x61], at: 4109)
    #expect(
      try watched.look() == [
        "at", "*", "0000100a  00 00 00 61                                       |...a|",
        "                   ^^",
      ])
    object.close()
  }

  /// One block of three is remembered as it is: the others are known by their sums.
  @Test func whatIsKnownByItsSumIsShownWithoutMarksOnce() throws {
    let object = try MemoryObject.create("x", size: 3 * 4096, in: session)
    let view = try object.map()
    for block in 0..<3 { try view.write("block", at: block * 4096) }
    var watched = watching(size: 3 * 4096, copied: 4096)
    _ = try watched.look()
    #expect(try watched.look() == [])
    try view.write("BLOCK", at: 4096)
    let first = try watched.look()
    #expect(first.count == 5)
    #expect(first[..<2] == ["at", "*"] && first.last == "*")
    #expect(first[2].hasSuffix("|BLOCK...........|") && !first.contains { $0.contains("^^") })
    #expect(try watched.look() == [])
    try view.write("b", at: 4096)
    #expect(
      try watched.look() == [
        "at", "*", "00001000  62 4c 4f 43 4b 00 00 00  00 00 00 00 00 00 00 00  |bLOCK...........|",
        "          ^^", "*",
      ])
    // The first one has lost its copy, not its memory.
    try view.write("B", at: 0)
    let other = try watched.look()
    #expect(other.count == 4 && other[1].hasSuffix("|Block...........|"))
    #expect(try watched.look() == [])
    object.close()
  }

  @Test func manyBlocksAreJoined() throws {
    let size = 64 * 4096
    let object = try MemoryObject.create("x", size: size, in: session)
    let view = try object.map()
    for block in 0..<64 { try view.write("block", at: block * 4096) }
    // Eight blocks at most: each then has 32 KiB, and no copy is that long.
    var watched = watching(size: size, copied: 1, blocks: 8)
    _ = try watched.look()
    try view.write("B", at: 5 * 32_768 + 4096)
    #expect(try watched.look() == ["at", "*", "00028000-0002ffff  changed", "*"])
    try view.write("L", at: 5 * 32_768 + 4097)
    #expect(
      try watched.look() == [
        "at", "*", "00029000  42 4c 6f 63 6b 00 00 00  00 00 00 00 00 00 00 00  |BLock...........|",
        "             ^^", "*",
      ])
    object.close()
  }

  /// The sum of a block does not depend on which of its zeroes take memory.
  @Test func zeroesThatTakeMemoryAreNoChange() throws {
    let size = 1 << 20
    let object = try MemoryObject.create("x", size: size, .init(reserve: true), in: session)
    let view = try object.map()
    for block in stride(from: 0, to: 256, by: 8) { try view.write("x", at: block * 4096 + 3) }
    for (round, limits) in [(1 << 20, 24_000), (1, 24_000), (1, 2)].enumerated() {
      var watched = watching(from: 3, size: size, copied: limits.0, blocks: limits.1)
      _ = try watched.look()
      try view.write([UInt8](repeating: 0, count: 4096 * 7), at: 4096 * (8 * round + 1))
      #expect(try watched.look() == [])
    }
    object.close()
  }
}
