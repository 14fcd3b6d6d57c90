/// A program's file as the kernel loads it: enough of it to follow pointers between its constants.
///
/// The file belongs to somebody else and may contain anything: every number in it is checked before
/// it is used. It may be a little-endian program of 64 or 32 bits, position-independent or not.
/// Section headers, which may be stripped, are not needed. System V ABI, `elf(5)`.
struct ElfImage {
  private struct Segment {
    let address: UInt64
    let offset: Int
    let length: Int
  }

  let bytes: [UInt8]
  /// The size of a pointer in bytes.
  let width: Int
  private var segments: [Segment] = []
  /// What the loader writes at an address, so that the file need not contain it: DT_RELA.
  private var relocated: [UInt64: UInt64] = [:]

  /// Nil: this is no such program.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 64, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]),
      bytes[4] == 1 || bytes[4] == 2, bytes[5] == 1
    else { return nil }
    self.bytes = bytes
    width = bytes[4] == 2 ? 8 : 4
    guard readSegments() else { return nil }
  }

  // MARK: Numbers

  /// A little-endian number in the file; nil: it would end past the file's end.
  func number(at offset: Int, _ length: Int) -> UInt64? {
    guard offset >= 0, offset <= bytes.count - length else { return nil }
    var value: UInt64 = 0
    for index in 0..<length { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
    return value
  }

  /// The offset in the file of an address of the program; nil: the file does not contain it.
  func offset(of address: UInt64) -> Int? {
    for segment in segments where address >= segment.address {
      let distance = address - segment.address
      if distance < UInt64(segment.length) { return segment.offset + Int(distance) }
    }
    return nil
  }

  /// The address of an offset in the file.
  func address(of offset: Int) -> UInt64? {
    segments.first { $0.offset <= offset && offset - $0.offset < $0.length }
      .map { $0.address &+ UInt64(offset - $0.offset) }
  }

  /// The pointer that the program will find at an address. If the loader adds its base to what
  /// stands in the file (DT_REL, DT_RELR), or relocates nothing, it is the file's.
  func pointer(at address: UInt64) -> UInt64? {
    relocated[address] ?? offset(of: address).flatMap { number(at: $0, width) }
  }

  /// The addresses at which the program has a pointer to `target`, lowest first.
  func pointers(to target: UInt64) -> [UInt64] {
    var found = Set(relocated.filter { $0.value == target }.keys)
    let pattern = (0..<width).map { UInt8(truncatingIfNeeded: target >> UInt64(8 * $0)) }
    for offset in occurrences(of: pattern) {
      if let place = address(of: offset), place % UInt64(width) == 0, pointer(at: place) == target {
        found.insert(place)
      }
    }
    return found.sorted()
  }

  /// The text at an address, up to its NUL; nil: it is longer than `limit`, or not all lower-case
  /// letters, digits and `_`.
  func word(at address: UInt64, limit: Int = 64) -> String? {
    guard let start = offset(of: address) else { return nil }
    let text = bytes[start...].prefix(limit).prefix { $0 != 0 }
    guard !text.isEmpty, text.endIndex < bytes.count, bytes[text.endIndex] == 0,
      text.allSatisfy(Self.isOfWord)
    else { return nil }
    return String(decoding: text, as: UTF8.self)
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
  }

  /// The offsets of a pattern in the file, at most 1,000.
  func occurrences(of pattern: [UInt8]) -> [Int] {
    guard let first = pattern.first else { return [] }
    return bytes.withUnsafeBufferPointer { all in
      var found: [Int] = []
      var at = 0
      while at <= all.count - pattern.count && found.count < 1000 {
        if all[at] == first && (1..<pattern.count).allSatisfy({ all[at + $0] == pattern[$0] }) {
          found.append(at)
        }
        at += 1
      }
      return found
    }
  }

  // MARK: Headers

  private mutating func readSegments() -> Bool {
    let is64 = width == 8
    guard let start = number(at: is64 ? 32 : 28, width),
      let size = number(at: is64 ? 54 : 42, 2), let count = number(at: is64 ? 56 : 44, 2),
      size >= (is64 ? 56 : 32), start < UInt64(bytes.count)
    else { return false }
    var dynamic: Segment?
    for index in 0..<Int(count) {
      let at = Int(start) + index * Int(size)
      guard let type = number(at: at, 4), let offset = number(at: at + (is64 ? 8 : 4), width),
        let address = number(at: at + (is64 ? 16 : 8), width),
        let length = number(at: at + (is64 ? 32 : 16), width),
        offset <= UInt64(bytes.count), length <= UInt64(bytes.count) - offset
      else { return false }
      let segment = Segment(address: address, offset: Int(offset), length: Int(length))
      if type == 1 { segments.append(segment) }
      if type == 2 { dynamic = segment }
    }
    if let dynamic { readRelocations(dynamic) }
    return !segments.isEmpty
  }

  /// Reads DT_RELA, whose entries contain their addends. The other kinds need no table.
  private mutating func readRelocations(_ dynamic: Segment) {
    guard width == 8 else { return }
    var tags: [UInt64: UInt64] = [:]
    for at in stride(from: dynamic.offset, to: dynamic.offset + dynamic.length - 15, by: 16) {
      guard let tag = number(at: at, 8), tag != 0, let value = number(at: at + 8, 8) else { break }
      tags[tag] = value
    }
    guard let table = tags[Tag.rela].flatMap(offset(of:)), let length = tags[Tag.relaLength],
      length <= UInt64(bytes.count - table)
    else { return }
    for at in stride(from: table, to: table + Int(length) - 23, by: 24) {
      guard let place = number(at: at, 8), let info = number(at: at + 8, 8),
        let addend = number(at: at + 16, 8)
      else { return }
      if Tag.relative.contains(info & 0xFFFF_FFFF) { relocated[place] = addend }
    }
  }

  private enum Tag {
    static let rela: UInt64 = 7
    static let relaLength: UInt64 = 8
    /// R_X86_64_RELATIVE and R_AARCH64_RELATIVE.
    static let relative: Set<UInt64> = [8, 1027]
  }
}
