public import SharedMemory

/// Looks at an object again and again, and tells which lines changed since the last look.
///
/// An object may be larger than any memory, so not all of it is remembered. Blocks of zeroes take
/// no memory here. Of the others, 1 MiB is remembered as copies, and the rest as a sum per block.
/// If a sum changes it is not known which bytes did: then the block's lines are shown without
/// marks, or only the block's range if it has more than 4 KiB, as the blocks of large objects have.
/// A block that changed gets a copy, in the place of one that did not, so that its next change is
/// marked.
public struct ChangeWatch {
  private enum Memory {
    case copy([UInt8])
    case sum(UInt64)
  }

  private let first: Int
  private let end: Int
  private let digits: Int
  private let limits: Limits
  private let seed = UInt64.random(in: .min ... .max)
  /// The size of a block in bytes, a multiple of a line's.
  private var block = Self.smallestBlock
  /// What is remembered of each block that was not zero at the last look, by block number.
  private var memory: [Int: Memory] = [:]
  /// The numbers of the blocks with copies, the oldest first.
  private var copies: [Int] = []
  /// The object's size at the last look; nil: there was none.
  private var size: Int?

  static let smallestBlock = 4096
  private static let largestCopy = 65_536

  /// How much is remembered: bytes as copies, and blocks. Tests use small limits.
  package struct Limits {
    let copied: Int
    let blocks: Int

    package init(copied: Int = 1 << 20, blocks: Int = 24_000) {
      self.copied = copied
      self.blocks = blocks
    }
  }

  /// - Parameters:
  ///   - offset: of the first byte to look at.
  ///   - end: the offset behind the last byte; the object may end before it.
  ///   - size: the object's, in bytes; it decides how many digits offsets have.
  public init(from offset: Int, to end: Int, size: Int) {
    self.init(from: offset, to: end, size: size, Limits())
  }

  package init(from offset: Int, to end: Int, size: Int, _ limits: Limits) {
    first = offset
    self.end = end
    self.limits = limits
    digits = HexDump.digits(min(end, size))
  }

  /// Looks once. Shows all lines the first time and later those that changed, with `*` where lines
  /// are left out, and under each line the marks of the bytes that changed; nothing if none did.
  ///
  /// - Parameters:
  ///   - stamp: the line that begins a look; it gets the object's size if that changed.
  ///   - write: gets the lines as soon as they are made.
  /// - Throws: the reader's errors.
  public mutating func look(
    at reader: borrowing ObjectReader, stamp: (Int?) -> String, write: ([UInt8]) -> Void
  ) throws(SharedMemoryError) {
    let now = reader.size
    let stop = max(min(end, now), first)
    let before = size
    size = now
    if before == nil {
      write(Array("\(stamp(nil))\n".utf8))
      // In this order a change in between is shown twice; in the other one it would never be.
      try remember(reader, to: stop)
      try HexDump.dump(reader, from: first, to: end, write: write)
      return
    }
    var lines = Lines(next: first, digits: digits)
    func begin() -> [UInt8] { Array("\(stamp(now == before ? nil : now))\n".utf8) }
    if now != before { write(begin()) }
    var isTooMuch = false
    var hasBegun = now != before
    var walk = Walk(known: memory.keys.sorted(), data: reader.data(from: first))
    while !isTooMuch, let found = try next(&walk, reader, to: stop) {
      compare(found, to: stop, &lines)
      if !lines.text.isEmpty {
        if !hasBegun { write(begin()) }
        hasBegun = true
        write(lines.text)
        lines.text.removeAll(keepingCapacity: true)
      }
      isTooMuch = memory.count > limits.blocks
    }
    if hasBegun && lines.next < stop { write(HexDump.left) }
    if isTooMuch { try remember(reader, to: stop) }
  }

  // MARK: - Remembering

  /// Remembers everything that is not zero, in larger blocks if there would be too many.
  private mutating func remember(
    _ reader: borrowing ObjectReader, to stop: Int
  ) throws(SharedMemoryError) {
    while true {
      memory.removeAll()
      copies.removeAll()
      var walk = Walk(known: [], data: reader.data(from: first))
      while memory.count <= limits.blocks, let found = try next(&walk, reader, to: stop) {
        if let bytes = found.bytes {
          keep(bytes, found.number, evicting: false)
        } else {
          memory[found.number] = .sum(found.sum)
        }
      }
      if memory.count <= limits.blocks { return }
      block *= 2
    }
  }

  /// - Parameter evicting: replace the oldest copy if there is no room; false: then keep none.
  private mutating func keep(_ bytes: [UInt8], _ number: Int, evicting: Bool) {
    if case .copy? = memory[number] {
      memory[number] = .copy(bytes)
      return
    }
    let room = max(limits.copied / block, 1)
    if copies.count >= room {
      guard evicting else {
        memory[number] = .sum(sum(bytes, number))
        return
      }
      let oldest = copies.removeFirst()
      if case .copy(let last)? = memory[oldest] { memory[oldest] = .sum(sum(last, oldest)) }
    }
    memory[number] = .copy(bytes)
    copies.append(number)
  }

  private mutating func forget(_ number: Int) {
    if case .copy? = memory.removeValue(forKey: number) { copies.removeAll { $0 == number } }
  }

  // MARK: - Comparing

  private mutating func compare(_ found: Found, to stop: Int, _ lines: inout Lines) {
    let (number, bytes, sum) = (found.number, found.bytes, found.sum)
    let offset = first + number * block
    let before = memory[number]
    let isZero = sum == Self.ofZeroes
    switch (before, bytes) {
    case (.copy(let old)?, let new?):
      if old == new { return }
      lines.add(new, at: offset, old)
    case (nil, let new?):
      lines.add(new, at: offset, [])
    case (.sum(let old)?, let new?):
      if old == sum { return }
      if block == Self.smallestBlock {
        lines.add(new, at: offset, nil)
      } else {
        lines.addRange(offset, offset + min(block, stop - offset))
      }
    case (.sum(let old)?, nil):
      if old == sum { return }
      lines.addRange(offset, offset + min(block, stop - offset))
    case (_, nil):
      if isZero { return }
      lines.addRange(offset, offset + min(block, stop - offset))
    }
    if isZero {
      forget(number)
    } else if let bytes {
      keep(bytes, number, evicting: true)
    } else {
      memory[number] = .sum(sum)
    }
  }

  // MARK: - Reading

  /// The position of a look.
  private struct Walk {
    /// The blocks that were not zero at the last look, in order.
    let known: [Int]
    var place = 0
    /// The offset of the next bytes that take memory; nil: there are none.
    var data: Int?
    var number = 0
  }

  private struct Found {
    let number: Int
    /// Nil: the block is so large that only its sum is compared.
    let bytes: [UInt8]?
    let sum: UInt64
  }

  /// The next block that is not zero, or was not at the last look.
  private func next(
    _ walk: inout Walk, _ reader: borrowing ObjectReader, to stop: Int
  ) throws(SharedMemoryError) -> Found? {
    let count = (stop - first) / block + ((stop - first) % block == 0 ? 0 : 1)
    while walk.number < count {
      let offset = first + walk.number * block
      if let data = walk.data, data < offset { walk.data = reader.data(from: offset) }
      while walk.place < walk.known.count, walk.known[walk.place] < walk.number { walk.place += 1 }
      let known = walk.place < walk.known.count ? walk.known[walk.place] : .max
      let number = min(walk.data.map { max($0 - first, 0) / block } ?? .max, known)
      if number >= count { break }
      walk.number = number + 1
      let found = try look(reader, number, to: stop)
      if found.sum != Self.ofZeroes || memory[number] != nil { return found }
    }
    return nil
  }

  private func look(
    _ reader: borrowing ObjectReader, _ number: Int, to stop: Int
  ) throws(SharedMemoryError) -> Found {
    let offset = first + number * block
    let last = offset + min(block, stop - offset)
    var bytes: [UInt8] = []
    var sum = Self.ofZeroes
    let isKept = block <= Self.largestCopy
    var position = offset
    try reader.forEach(from: offset, to: last, unit: 1) { piece in
      switch piece {
      case .hole(let count):
        if isKept { bytes += [UInt8](repeating: 0, count: count) }
        position += count
      case .bytes(let buffer):
        if isKept { bytes += buffer }
        sum = mixed(sum, buffer, position)
        position += buffer.count
      }
    }
    return Found(number: number, bytes: isKept ? bytes : nil, sum: sum)
  }

  /// The sum of zeroes, however they were read; the same as of a hole.
  private static let ofZeroes: UInt64 = 0

  private func sum(_ bytes: [UInt8], _ number: Int) -> UInt64 {
    bytes.withUnsafeBytes { mixed(Self.ofZeroes, $0, first + number * block) }
  }

  /// Adds the words that are not zero, each mixed with its position. The mixing is private to this
  /// process, so that nobody can aim at a sum, and zeroes add nothing, whether they take memory or
  /// not.
  private func mixed(_ sum: UInt64, _ bytes: UnsafeRawBufferPointer, _ position: Int) -> UInt64 {
    var sum = sum
    var offset = 0
    while offset < bytes.count {
      let lane = (position + offset) & 7
      let length = min(8 - lane, bytes.count - offset)
      var word: UInt64 = 0
      if length == 8 {
        word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      } else {
        for index in 0..<length {
          word |= UInt64(bytes[offset + index]) << UInt64(8 * (lane + index))
        }
      }
      if word != 0 {
        var mixed = (word ^ seed) &* 0x9E37_79B9_7F4A_7C15
        mixed ^= mixed >> 29
        mixed ^= UInt64(truncatingIfNeeded: position + offset - lane)
        mixed = mixed &* 0xBF58_476D_1CE4_E5B9
        sum &+= mixed ^ (mixed >> 32)
      }
      offset += length
    }
    return sum
  }
}

/// Collects the changed lines of one look, with `*` where others are left out.
private struct Lines {
  var text: [UInt8] = []
  /// The offset behind what was last shown.
  var next: Int
  let digits: Int

  init(next: Int, digits: Int) {
    self.next = next
    self.digits = digits
  }

  /// Adds the lines of a block that differ from what it contained before. Bytes that did not exist
  /// then count as zero.
  ///
  /// - Parameter before: nil: unknown; then all its lines are shown without marks, except for those
  ///   that repeat the one above.
  mutating func add(_ bytes: [UInt8], at offset: Int, _ before: [UInt8]?) {
    for start in stride(from: 0, to: bytes.count, by: HexDump.width) {
      let row = bytes[start..<min(start + HexDump.width, bytes.count)]
      if before == nil, start > 0, row.elementsEqual(bytes[(start - HexDump.width)..<start]) {
        continue
      }
      let changed = row.indices.map { index in
        before.map { row[index] != (index < $0.count ? $0[index] : 0) } ?? false
      }
      if before != nil && !changed.contains(true) { continue }
      leave(to: offset + start)
      HexDump.line(row, at: offset + start, digits, to: &text)
      HexDump.marks(changed, digits, to: &text)
      next = offset + start + row.count
    }
  }

  /// Adds a line that says that something in a range changed.
  mutating func addRange(_ from: Int, _ to: Int) {
    leave(to: from)
    text += HexDump.hexadecimal(from, digits) + Array("-".utf8)
    text += HexDump.hexadecimal(max(to - 1, from), digits) + Array("  changed\n".utf8)
    next = to
  }

  private mutating func leave(to offset: Int) {
    if offset > next { text += HexDump.left }
  }
}
