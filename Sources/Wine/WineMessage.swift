/// A request in wineserver's format (wine's server/protocol.def): 64 bytes with a header of three
/// words, then a part of any length. Numbers are little-endian; those of 8 bytes are aligned.
struct WineMessage {
  static let fixedLength = 64

  let request: WineRequest
  /// The part of the first 64 bytes that follows the header.
  private var fields: [UInt8] = []
  private(set) var variable: [UInt8] = []
  /// The largest variable part, in bytes, that the answer may have.
  var room = 0

  init(_ request: WineRequest, room: Int = 0) {
    self.request = request
    self.room = room
  }

  mutating func add(_ word: UInt32) { fields += Self.bytes(of: word) }

  mutating func add(_ words: UInt32...) { for word in words { add(word) } }

  mutating func add(_ number: UInt64) {
    while (Self.headerLength + fields.count) % 8 != 0 { fields.append(0) }
    fields += Self.bytes(of: number)
  }

  mutating func append(_ units: [UInt16]) { for unit in units { variable += Self.bytes(of: unit) } }

  /// Appends object attributes: directory, attributes, and the lengths of security descriptor and
  /// name.
  mutating func append(attributes: UInt32, name units: [UInt16]) {
    for word in [0, attributes, 0, UInt32(units.count * 2)] { variable += Self.bytes(of: word) }
    append(units)
    while variable.count % 4 != 0 { variable.append(0) }
  }

  func bytes(number: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.fixedLength + variable.count)
    for word in [UInt32(bitPattern: number), UInt32(variable.count), UInt32(room)] {
      bytes += Self.bytes(of: word)
    }
    bytes += fields
    bytes += [UInt8](repeating: 0, count: Self.fixedLength - bytes.count)
    return bytes + variable
  }

  static func bytes(of number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian, Array.init)
  }

  private static let headerLength = 12
}

/// An answer: its status, its fields and its variable part. The lengths have been checked; what the
/// fields mean has not.
struct WineReply {
  let status: UInt32
  /// The first 64 bytes.
  private let fixed: [UInt8]
  let variable: [UInt8]

  /// - Parameter fixed: 64 bytes.
  init(fixed: [UInt8], variable: [UInt8]) {
    self.fixed = fixed
    self.variable = variable
    status = Self.number(fixed, 0, 4).map(UInt32.init) ?? 0
  }

  /// The length of the variable part after these 64 bytes; nil: it is more than was asked for.
  static func variableLength(of fixed: [UInt8], room: Int) -> Int? {
    guard let length = number(fixed, 4, 4), length <= UInt64(room) else { return nil }
    return Int(length)
  }

  /// The field at this offset, in bytes from the answer's start.
  func word(_ at: Int) -> UInt32 { Self.number(fixed, at, 4).map(UInt32.init) ?? 0 }
  func long(_ at: Int) -> UInt64 { Self.number(fixed, at, 8) ?? 0 }

  /// A number in the variable part; nil: it would end past the end.
  func variableWord(_ at: Int) -> UInt32? { Self.number(variable, at, 4).map(UInt32.init) }

  /// UTF-16 text in the variable part; nil: it would end past the end, or has an odd length.
  func units(_ at: Int, bytes length: Int) -> [UInt16]? {
    guard at >= 0, length >= 0, length % 2 == 0, at <= variable.count,
      length <= variable.count - at
    else { return nil }
    return stride(from: at, to: at + length, by: 2).map {
      UInt16(variable[$0]) | UInt16(variable[$0 + 1]) << 8
    }
  }

  private static func number(_ bytes: [UInt8], _ at: Int, _ length: Int) -> UInt64? {
    guard at >= 0, at <= bytes.count - length else { return nil }
    return (0..<length).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
  }
}
