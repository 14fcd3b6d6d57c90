internal import COperations
internal import CShm

/// What a member of a layout holds.
public enum LayoutValue: Sendable, Hashable {
  case integer(Int64)
  /// An unsigned integer, a wide character or an address.
  case unsigned(UInt64)
  case float(Double)
  case boolean(Bool)
  /// An array of `char` (UTF-8) or of wide characters, up to its first NUL.
  case text(String)
  /// A struct, another array, or a C type that has no number here, such as `long double`.
  case bytes([UInt8])
}

/// Memory seen as a C type.
extension View {
  /// Reads the member at `path`, like `"a.b[3].c"`; the layout begins at `offset`, in bytes.
  /// Lua: `view:as(layout, offset).a.b[3].c`.
  ///
  /// An aligned number of 1, 2, 4 or 8 bytes is read by one sequentially consistent access, and so
  /// is the unit of a bit-field; nothing else is indivisible.
  ///
  /// - Throws: 87 for a path that the layout does not have and for a member outside of the view,
  ///   999 if the object's memory was lost.
  public borrowing func get(
    _ path: String, as layout: Layout, at offset: Int = 0
  ) throws(SharedMemoryError) -> LayoutValue {
    let place = try locate(path, layout, "read")
    let start = try inside(place, layout, offset, "read")
    let type = layout.types[place.type]
    if place.isBitField {
      let bits = cops_load_bits(base + start, plain(place, type, layout, start))
      try checkLoss("read")
      return .number(bits, type, width: place.bitWidth)
    }
    if type.kind.isNumber {
      let bits = type.ordered(cshm_load_scalar(base + start, Int(type.size)))
      try checkLoss("read")
      return .number(bits, type, width: Int(type.size) * 8)
    }
    return .compound(try read(place.size, at: start), type, layout.types)
  }

  /// Writes the member at `path`. A text may be as long as its array; the rest is filled with NULs.
  /// Bytes must be exactly as many as the member has. A bit-field is stored by a compare-and-swap
  /// of its unit, so that what another process stores beside it stays.
  /// Lua: `view:as(layout, offset).a.b[3].c = value`.
  ///
  /// A member of an enum type takes integers, for example from `layout.constants`; enumerators'
  /// names are accepted by Lua only.
  ///
  /// - Throws: as `get`; 87 for a value that does not fit the member, 5 if the view is read-only.
  public borrowing func set(
    _ path: String, _ value: LayoutValue, as layout: Layout, at offset: Int = 0
  ) throws(SharedMemoryError) {
    let place = try locate(path, layout, "write")
    let start = try inside(place, layout, offset, "write")
    let type = layout.types[place.type]
    let width = place.isBitField ? UInt64(place.bitWidth) : type.size * 8
    if !type.kind.isNumber {
      guard let bytes = value.encoded(as: type, layout.types) else {
        throw unfit(path, value, type)
      }
      return try write(bytes, at: start)
    }
    guard let bits = value.bits(of: type, width: width) else { throw unfit(path, value, type) }
    try checkWritable("write")
    if place.isBitField {
      cops_store_bits(base + start, plain(place, type, layout, start), bits)
    } else {
      cshm_store_scalar(base + start, Int(type.size), type.ordered(bits))
    }
    try checkLoss("write")
  }

  /// A bit-field's unit may be accessed as a whole only where all of it lies in the layout and in
  /// the view, which may end inside the layout.
  private borrowing func plain(
    _ place: Layout.Place, _ type: LayoutType, _ layout: Layout, _ start: Int
  ) -> cops_bits {
    let bits = place.bitOffset + place.bitWidth
    return cops_bits(
      unit: type.size, offset: UInt32(place.bitOffset), width: UInt32(place.bitWidth),
      in_unit: bits <= Int(type.size) * 8 && place.offset + Int(type.size) <= layout.size
        && Int(type.size) <= count - start,
      big_endian: type.isBigEndian)
  }

  /// An atomic cell on the member at `path`, like `"a.b[3].c"`; the layout begins at `offset`, in
  /// bytes. Lua: `view:as(layout, offset).a.b[3]:atomic("c")`.
  ///
  /// - Throws: 87 for a member that is big-endian (a cell uses the machine's byte order), a
  ///   bit-field, not aligned, or no integer of that size and sign; and as `get`.
  public borrowing func atomic<Value: AtomicInteger>(
    _ path: String, in layout: Layout, at offset: Int = 0, as type: Value.Type = UInt32.self
  ) throws(SharedMemoryError) -> AtomicCell<Value> {
    let place = try locate(path, layout, "atomic")
    let start = try inside(place, layout, offset, "atomic")
    if let reason = layout.types[place.type].noCell(place, type) {
      throw SharedMemoryError(.invalidParameter, "atomic", name, "\"\(path)\" is \(reason)")
    }
    return try atomic(at: start, as: type)
  }

  private borrowing func locate(
    _ path: String, _ layout: Layout, _ operation: String
  ) throws(SharedMemoryError) -> Layout.Place {
    do {
      return try layout.place(of: path)
    } catch {
      throw SharedMemoryError(
        .invalidParameter, operation, name, "path \"\(path)\": \(error.message)")
    }
  }

  /// The offset of the member's first byte in the view.
  private borrowing func inside(
    _ place: Layout.Place, _ layout: Layout, _ offset: Int, _ operation: String
  ) throws(SharedMemoryError) -> Int {
    let length = place.isBitField ? layout.types[place.type].touched(place) : place.size
    let (start, overflow) = offset.addingReportingOverflow(place.offset)
    guard offset >= 0, !overflow, start <= count, length <= count - start else {
      throw SharedMemoryError(
        .invalidParameter, operation, name,
        "\(length) bytes at offset \(overflow ? offset : start) are not inside of the view's "
          + "\(count) bytes")
    }
    return start
  }

  private borrowing func unfit(
    _ path: String, _ value: LayoutValue, _ type: LayoutType
  ) -> SharedMemoryError {
    SharedMemoryError(
      .invalidParameter, "write", name, "the value does not fit into \"\(path)\"")
  }
}
