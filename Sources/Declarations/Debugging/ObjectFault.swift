/// What is wrong with an object file. Such files come from a compiler; a hostile one is an error,
/// too.
package struct ObjectFault: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }

  static var cut: ObjectFault { ObjectFault("the object file ends within an entry") }
}

/// Reads the numbers of a little-endian file one after the other, and never outside of it.
struct ByteCursor {
  let bytes: [UInt8]
  var position: Int
  let limit: Int

  init(_ bytes: [UInt8], at position: Int = 0, limit: Int? = nil) {
    self.bytes = bytes
    self.position = position
    self.limit = min(limit ?? bytes.count, bytes.count)
  }

  var isAtEnd: Bool { position >= limit }

  mutating func skip(_ count: UInt64) throws(ObjectFault) {
    guard count <= UInt64(max(0, limit - position)) else { throw .cut }
    position += Int(count)
  }

  /// Reads a number of 1 to 8 bytes.
  mutating func number(_ size: Int) throws(ObjectFault) -> UInt64 {
    guard size <= limit - position, position >= 0 else { throw .cut }
    var value: UInt64 = 0
    for index in stride(from: size - 1, through: 0, by: -1) {
      value = value << 8 | UInt64(bytes[position + index])
    }
    position += size
    return value
  }

  /// Reads an unsigned LEB128 number (DWARF 5, 7.6); bits beyond the 64th are dropped.
  mutating func unsigned() throws(ObjectFault) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard position < limit, position >= 0 else { throw .cut }
      let byte = bytes[position]
      position += 1
      if shift < 64 { value |= UInt64(byte & 0x7f) << shift }
      shift += 7
      if byte & 0x80 == 0 { return value }
    }
  }

  mutating func signed() throws(ObjectFault) -> Int64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard position < limit, position >= 0 else { throw .cut }
      let byte = bytes[position]
      position += 1
      if shift < 64 { value |= UInt64(byte & 0x7f) << shift }
      shift += 7
      if byte & 0x80 == 0 {
        if byte & 0x40 != 0 && shift < 64 { value |= ~0 << shift }
        return Int64(bitPattern: value)
      }
    }
  }

  /// Reads a text up to a NUL, and skips the NUL.
  mutating func text() throws(ObjectFault) -> String {
    let start = position
    guard start >= 0, start <= limit, let end = bytes[start..<limit].firstIndex(of: 0) else {
      throw .cut
    }
    position = end + 1
    return String(decoding: bytes[start..<min(end, start + 1000)], as: UTF8.self)
  }
}
