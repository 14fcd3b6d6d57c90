extension Layout {
  /// The bits of a bit-field.
  public struct Bits: Sendable, Hashable {
    /// The lowest bit, counted from the lowest bit of the byte at the field's offset.
    public let bit: Int
    /// The number of bits, at least 1.
    public let width: Int
  }

  /// Where a member begins, in bytes from the start of the whole; for a bit-field, where its unit
  /// does. `offset(of: "a.b[3].c")`. Lua: `layout:offset(path)`.
  ///
  /// - Throws: what is wrong with the path; `line` is 1, and `column` counts within the path.
  public func offset(of path: String) throws(LayoutError) -> Int { try place(of: path).offset }

  /// A member's size in bytes; for a bit-field, its type's. Lua: `layout:size(path)`.
  ///
  /// - Throws: as `offset`.
  public func size(of path: String) throws(LayoutError) -> Int { try place(of: path).size }

  /// The bits of a bit-field; nil: the member is not one. Lua: `layout:bits(path)`.
  ///
  /// - Throws: as `offset`.
  public func bits(of path: String) throws(LayoutError) -> Bits? {
    let place = try place(of: path)
    return place.isBitField ? Bits(bit: place.bitOffset, width: place.bitWidth) : nil
  }

  /// A member's position.
  package struct Place {
    /// In bytes from the start of the whole; for a bit-field, its unit's.
    package let offset: Int
    /// In bytes; for a bit-field, its type's.
    package let size: Int
    /// For a bit-field: its lowest bit, counted from the lowest bit of the byte at `offset`.
    package let bitOffset: Int
    /// For a bit-field: its number of bits; 0: it is none.
    package let bitWidth: Int
    package let type: LayoutTypeID

    package var isBitField: Bool { bitWidth > 0 }
  }

  package func place(of path: String) throws(LayoutError) -> Place {
    let bytes = Array(path.utf8)
    do throws(LayoutFault) {
      var cursor = LayoutPath(self, bytes)
      return try cursor.place()
    } catch {
      throw LayoutError(error, in: bytes)
    }
  }
}

extension LayoutTypes {
  /// A field's position as the image gives it. A bit-field is described within an aligned unit of
  /// its type if the record has one that contains all of it, otherwise from the byte where it
  /// begins. Bits count from the lowest bit of the unit's number, whose highest byte comes first if
  /// it is big-endian.
  func place(_ field: LayoutField, in record: LayoutType) -> (offset: UInt64, bit: UInt64) {
    guard let width = field.width else { return (field.bit / 8, 0) }
    let type = all[field.type]
    let size = type.size
    for unit in [field.bit / 8 / size * size, field.bit / 8] {
      let bit = field.bit - unit * 8
      guard bit + width <= size * 8, unit + size <= record.size else { continue }
      return (unit, type.isBigEndian ? size * 8 - bit - width : bit)
    }
    // A packed bit-field that no unit contains: the bytes that it touches take the unit's place.
    let bit = field.bit % 8
    let touched = (bit + width + 7) / 8 * 8
    return (field.bit / 8, type.isBigEndian ? touched - bit - width : bit)
  }
}

/// Follows a path from the whole to a member.
private struct LayoutPath {
  let types: LayoutTypes
  let bytes: [UInt8]
  var position = 0
  var type: LayoutTypeID
  var offset: UInt64 = 0
  var bit: (offset: UInt64, width: UInt64) = (0, 0)

  init(_ layout: Layout, _ bytes: [UInt8]) {
    types = layout.types
    type = layout.root
    self.bytes = bytes
  }

  mutating func place() throws(LayoutFault) -> Layout.Place {
    if bytes.isEmpty { throw LayoutFault(0, "a path names a member, like \"a.b[3].c\"") }
    while position < bytes.count {
      if bit.width > 0 { throw LayoutFault(position, "a bit-field has no members") }
      if bytes[position] == UInt8(ascii: "[") {
        try element()
      } else {
        if position > 0 {
          guard bytes[position] == UInt8(ascii: ".") else {
            throw LayoutFault(position, "a path goes on with '.' or '['")
          }
          position += 1
        }
        try member()
      }
    }
    return Layout.Place(
      offset: Int(offset), size: Int(types[type].size), bitOffset: Int(bit.offset),
      bitWidth: Int(bit.width), type: type)
  }

  private mutating func member() throws(LayoutFault) {
    let start = position
    while position < bytes.count, LayoutLexer.isWordByte(bytes[position]) { position += 1 }
    let name = String(decoding: bytes[start..<position], as: UTF8.self)
    let record = types[type]
    if record.kind != .record && record.kind != .union {
      throw LayoutFault(start, "there are no members here")
    }
    guard let (field, parent, base) = types.locate(name, in: type) else {
      let what = record.name.isEmpty ? "" : " in '\(record.name)'"
      throw LayoutFault(start, "no member '\(LayoutParser.shortened(name))'\(what)")
    }
    let place = types.place(field, in: types[parent])
    offset += base + place.offset
    bit = (place.bit, field.width ?? 0)
    type = field.type
  }

  private mutating func element() throws(LayoutFault) {
    let array = types[type]
    if array.kind != .array { throw LayoutFault(position, "this is no array") }
    let start = position + 1
    position = start
    while position < bytes.count, LayoutLexer.isDigit(bytes[position]) { position += 1 }
    let index = UInt64(String(decoding: bytes[start..<position], as: UTF8.self))
    guard let index, position < bytes.count, bytes[position] == UInt8(ascii: "]") else {
      throw LayoutFault(start, "an index is a number from 0, like [3]")
    }
    position += 1
    if array.isComplete && index >= array.count {
      throw LayoutFault(start, "the index \(index) is not within the array's \(array.count)")
    }
    let (bytes, overflow) = index.multipliedReportingOverflow(by: types[array.element].size)
    if overflow || bytes > LayoutTypes.largest {
      throw LayoutFault(start, "the offset is larger than 2^47")
    }
    offset += bytes
    type = array.element
  }
}

extension LayoutTypes {
  /// The member with this name, the record that it belongs to, and where that record begins.
  func locate(
    _ name: String, in id: LayoutTypeID
  ) -> (field: LayoutField, parent: LayoutTypeID, base: UInt64)? {
    guard !name.isEmpty else { return nil }
    for field in fields[all[id].fields] {
      if field.name == name { return (field, id, 0) }
      if field.name.isEmpty, let inner = locate(name, in: field.type) {
        return (inner.field, inner.parent, inner.base + field.bit / 8)
      }
    }
    return nil
  }
}
