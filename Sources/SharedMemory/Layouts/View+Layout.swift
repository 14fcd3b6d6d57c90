internal import CShm

/// What a member of a layout holds.
public enum LayoutValue: Sendable, Hashable {
  case integer(Int64)
  /// Unsigned integers, wide characters and addresses.
  case unsigned(UInt64)
  case float(Double)
  case boolean(Bool)
  /// Arrays of `char` (UTF-8) and of wide characters, up to their first NUL.
  case text(String)
  /// Structs, other arrays and what C's types have no number for.
  case bytes([UInt8])
}

/// Memory seen as a C type.
extension View {
  /// Reads the member at `path`, like `"a.b[3].c"`; the whole begins at `offset`.
  /// Lua: `view:as(layout, offset).a.b[3].c`.
  ///
  /// An aligned number of 4 or 8 bytes is one sequentially consistent access; nothing else is
  /// indivisible.
  ///
  /// - Throws: 87 for a path that the layout does not have and for a member outside of the view,
  ///   999 if the object's memory was lost.
  public borrowing func get(
    _ path: String, as layout: Layout, at offset: Int = 0
  ) throws(SharedMemoryError) -> LayoutValue {
    let place = try locate(path, layout, "read")
    let start = try inside(place, layout, offset, "read")
    let type = layout.types[place.type]
    if !place.isBitField && type.kind.isNumber {
      let bits = type.ordered(try load(type.size, start))
      return .number(bits, type, width: Int(type.size) * 8)
    }
    let bytes = try read(place.isBitField ? type.touched(place) : place.size, at: start)
    return place.isBitField
      ? .number(place.extract(type.ordered(bytes)), type, width: place.bitWidth)
      : .compound(bytes, type, layout.types)
  }

  /// Writes the member at `path`. A text may be as long as its array and is filled up with NULs;
  /// bytes are exactly as many as the member has. A bit-field is read, changed and written back:
  /// not indivisible. Lua: `view:as(layout, offset).a.b[3].c = value`.
  ///
  /// An enum's member takes integers, of `layout.constants` for example; names are Lua's alone.
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
    if place.isBitField {
      let old = try read(type.touched(place), at: start)
      try write(type.ordered(place.insert(bits, into: type.ordered(old))), at: start)
    } else {
      try store(type.ordered(bits), type.size, start)
    }
  }

  /// An atomic cell of the member at `path`, like `"a.b[3].c"`; the whole begins at `offset`.
  /// Lua: `view:as(layout, offset).a.b[3]:atomic("c")`.
  ///
  /// - Throws: 87 for a member that is big-endian (a cell counts in the machine's order), a bit-field,
  ///   not aligned or no integer of that size and sign; and as `get`.
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

  /// The member's first byte in the view.
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

  // MARK: Words

  private borrowing func load(
    _ size: UInt64, _ start: Int
  ) throws(SharedMemoryError) -> UInt64 {
    let address = base + start
    if UInt(bitPattern: address) % 4 == 0 && size == 4 {
      let word = cshm_load32(address)
      try checkLost("read")
      return UInt64(word)
    }
    if UInt(bitPattern: address) % 8 == 0 && size == 8 {
      let word = cshm_load64(address)
      try checkLost("read")
      return word
    }
    return try read(Int(size), at: start).littleEndian
  }

  private borrowing func store(
    _ bits: UInt64, _ size: UInt64, _ start: Int
  ) throws(SharedMemoryError) {
    let address = base + start
    let isWord = (size == 4 || size == 8) && UInt(bitPattern: address) % UInt(size) == 0
    guard isWord && access != .read else {
      return try write(bits.littleEndianBytes.prefix(Int(size)), at: start)
    }
    if size == 4 {
      cshm_store32(address, UInt32(truncatingIfNeeded: bits))
    } else {
      cshm_store64(address, bits)
    }
    try checkLost("write")
  }

  private borrowing func checkLost(_ operation: String) throws(SharedMemoryError) {
    if isLost { throw SharedMemoryError(.swap, operation, name, Self.lossAdvice) }
  }
}
