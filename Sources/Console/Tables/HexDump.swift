public import SharedMemory

/// Bytes as lines: offset, sixteen bytes in hexadecimal, text; repeated lines become one `*`. The
/// format is that of `hexdump -C`, see `hexdump(1)`.
///
/// It takes the bytes in pieces and returns lines as they come, so that an object of any size needs
/// no more memory than one piece.
public struct HexDump {
  /// The number of bytes in a line.
  public static let width = 16
  static let zeroes = [UInt8](repeating: 0, count: width)

  private let digits: Int
  private var offset: Int
  /// The last line's bytes as two words; nil: there was no line, or it was not full.
  private var before: (UInt64, UInt64)?
  private var isRepeating = false

  /// - Parameters:
  ///   - offset: of the first byte that will come.
  ///   - end: the offset behind the last byte; it decides how many digits offsets have.
  public init(from offset: Int, to end: Int) {
    self.offset = offset
    digits = Self.digits(end)
  }

  /// Adds the lines of further bytes. Only the last call may end with a line that is not full.
  public mutating func add(_ bytes: UnsafeRawBufferPointer, to lines: inout [UInt8]) {
    for start in stride(from: 0, to: bytes.count, by: Self.width) {
      let count = min(Self.width, bytes.count - start)
      let words = count < Self.width ? nil : Self.words(bytes, start)
      add(count, words, to: &lines) { bytes[start..<(start + count)] }
    }
  }

  /// Adds the lines of this many zeroes, without looking at each.
  public mutating func addZeroes(_ count: Int, to lines: inout [UInt8]) {
    var left = count
    while left > 0 {
      let length = min(left, Self.width)
      let words: (UInt64, UInt64)? = length < Self.width ? nil : (0, 0)
      add(length, words, to: &lines) { Self.zeroes.prefix(length) }
      left -= length
      if isRepeating {
        let rest = left / Self.width * Self.width
        offset += rest
        left -= rest
      }
    }
  }

  /// Adds the last line: the offset at which the bytes ended.
  public mutating func end(_ lines: inout [UInt8]) {
    lines += Self.hexadecimal(offset, digits)
    lines.append(UInt8(ascii: "\n"))
  }

  private mutating func add<Row: Collection<UInt8>>(
    _ count: Int, _ words: (UInt64, UInt64)?, to lines: inout [UInt8], _ row: () -> Row
  ) {
    if let words, let before, words == before {
      if !isRepeating { lines += Self.left }
      isRepeating = true
    } else {
      before = words
      isRepeating = false
      Self.line(row(), at: offset, digits, to: &lines)
    }
    offset += count
  }

  private static func words(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> (UInt64, UInt64) {
    (
      bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self),
      bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self)
    )
  }

  // MARK: Lines

  /// What stands in the place of lines that were left out.
  static let left = Array("*\n".utf8)

  /// How many digits offsets have: as many as the last one needs, rounded up to a multiple of four.
  static func digits(_ end: Int) -> Int {
    end > 0xFFFF_FFFF_FFFF ? 16 : end > 0xFFFF_FFFF ? 12 : 8
  }

  /// One line: `00000000  68 65 6c 6c 6f …  |hello…|`.
  static func line(
    _ row: some Collection<UInt8>, at offset: Int, _ digits: Int, to lines: inout [UInt8]
  ) {
    let space = UInt8(ascii: " ")
    lines += hexadecimal(offset, digits)
    lines.append(space)
    let begun = lines.count
    for (index, byte) in row.enumerated() {
      lines.append(space)
      if index == width / 2 { lines.append(space) }
      lines.append(digit(Int(byte >> 4)))
      lines.append(digit(Int(byte & 15)))
    }
    while lines.count < begun + 3 * width + 1 { lines.append(space) }
    lines += "  |".utf8
    for byte in row { lines.append(0x20..<0x7F ~= byte ? byte : UInt8(ascii: ".")) }
    lines += "|\n".utf8
  }

  /// A line of marks to stand under a line: one for each byte that changed.
  static func marks(
    _ changed: [Bool], _ digits: Int, to lines: inout [UInt8]
  ) {
    guard let last = changed.lastIndex(of: true) else { return }
    var text = [UInt8](repeating: UInt8(ascii: " "), count: digits + 1)
    for index in 0...last {
      if index == width / 2 { text.append(UInt8(ascii: " ")) }
      text += changed[index] ? " ^^".utf8 : "   ".utf8
    }
    lines += text
    lines.append(UInt8(ascii: "\n"))
  }

  static func hexadecimal(_ value: Int, _ digits: Int) -> [UInt8] {
    (0..<digits).map { digit(value >> (4 * (digits - 1 - $0)) & 15) }
  }

  private static func digit(_ value: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: value < 10 ? 0x30 + value : 0x57 + value)
  }
}

extension HexDump {
  /// Dumps what the object has from `offset` to `end`.
  ///
  /// - Parameter write: gets the lines of each piece as soon as they are made.
  /// - Throws: the reader's errors.
  public static func dump(
    _ reader: borrowing ObjectReader, from offset: Int, to end: Int, write: ([UInt8]) -> Void
  ) throws(SharedMemoryError) {
    let stop = min(end, reader.size)
    var dump = HexDump(from: min(offset, stop), to: stop)
    var lines: [UInt8] = []
    try reader.forEach(from: offset, to: stop, unit: width) { piece in
      switch piece {
      case .hole(let count): dump.addZeroes(count, to: &lines)
      case .bytes(let bytes): dump.add(bytes, to: &lines)
      }
      write(lines)
      lines.removeAll(keepingCapacity: true)
    }
    dump.end(&lines)
    write(lines)
  }
}
