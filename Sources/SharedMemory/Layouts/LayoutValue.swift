/// Conversions between bytes and values.
extension LayoutKind {
  var isNumber: Bool { isInteger || self == .pointer || self == .floating }
}

extension LayoutType {
  /// Converts a scalar's bits between the byte order in memory and this machine's.
  func ordered(_ bits: UInt64) -> UInt64 {
    isBigEndian ? bits.byteSwapped >> (64 - size * 8) : bits
  }

  /// How many bytes an access touches. A big-endian bit-field touches all of its unit, as its bits
  /// are counted from the unit's end.
  func touched(_ place: Layout.Place) -> Int {
    let isWhole = isBigEndian && place.bitOffset + place.bitWidth <= Int(size) * 8
    return isWhole ? Int(size) : place.touchedBytes
  }

  var isSigned: Bool { kind.isInteger && !isUnsigned && kind != .boolean }

  /// Why a member of this type cannot be an atomic cell; nil: it can.
  func noCell<Value: AtomicInteger>(_ place: Layout.Place, _: Value.Type) -> String? {
    if place.isBitField { return "a bit-field, and a cell is a whole word" }
    if isBigEndian { return "big-endian, and a cell counts in this machine's order" }
    let isInteger = kind.isInteger || kind == .pointer
    if isInteger && Int(size) == MemoryLayout<Value>.size && isSigned == Value.isSigned {
      return nil
    }
    return "no \(Value.self)"
  }
}

extension Layout.Place {
  /// How many bytes from `offset` on the bit-field touches.
  var touchedBytes: Int { (bitOffset + bitWidth + 7) / 8 }
}

extension LayoutValue {
  /// The value of a number's `width` bits.
  static func number(_ bits: UInt64, _ type: LayoutType, width: Int) -> LayoutValue {
    let shift = UInt64(64 - width)
    switch type.kind {
    case .floating where type.size == 4:
      return .float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
    case .floating: return .float(Double(bitPattern: bits))
    case .boolean: return .boolean(bits != 0)
    case _ where type.isSigned: return .integer(Int64(bitPattern: bits << shift) >> Int64(shift))
    default: return .unsigned(bits)
    }
  }

  static func compound(
    _ bytes: [UInt8], _ type: LayoutType, _ types: LayoutTypes
  ) -> LayoutValue {
    guard type.kind == .array else { return .bytes(bytes) }
    let element = types[type.element]
    switch (element.kind, element.size) {
    case (.character, _): return .text(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
    case (.wide, 2):
      let units = bytes.units(2).prefix { $0 != 0 }
      return .text(String(decoding: units.map { UInt16(truncatingIfNeeded: $0) }, as: UTF16.self))
    case (.wide, _):
      let units = bytes.units(4).prefix { $0 != 0 }
      return .text(String(decoding: units.map { UInt32(truncatingIfNeeded: $0) }, as: UTF32.self))
    default: return .bytes(bytes)
    }
  }

  /// The number as bits; nil: it does not fit into `width` bits.
  func bits(of type: LayoutType, width: UInt64) -> UInt64? {
    switch (self, type.kind) {
    case (.float(let value), .floating): return Self.bits(value, type)
    case (.integer(let value), .floating): return Self.bits(Double(value), type)
    case (.unsigned(let value), .floating): return Self.bits(Double(value), type)
    case (.boolean(let value), .boolean): return value ? 1 : 0
    case (.integer(let value), _):
      if value >= 0 { return Self.bits(UInt64(value), type, width) }
      guard type.isSigned, value >> Int64(width - 1) == -1 else { return nil }
      return UInt64(bitPattern: value)
    case (.unsigned(let value), _): return Self.bits(value, type, width)
    default: return nil
    }
  }

  /// Nil: a finite number that would become infinite does not fit.
  private static func bits(_ value: Double, _ type: LayoutType) -> UInt64? {
    if type.size == 8 { return value.bitPattern }
    let narrow = Float(value)
    return narrow.isInfinite && value.isFinite ? nil : UInt64(narrow.bitPattern)
  }

  private static func bits(_ value: UInt64, _ type: LayoutType, _ width: UInt64) -> UInt64? {
    if type.kind == .boolean { return value <= 1 ? value : nil }
    let room = type.isSigned ? width - 1 : width
    return room == 64 || value >> room == 0 ? value : nil
  }

  /// The text or bytes as the type stores them; nil: they do not fit.
  func encoded(as type: LayoutType, _ types: LayoutTypes) -> [UInt8]? {
    switch self {
    case .bytes(let bytes): return bytes.count == Int(type.size) ? bytes : nil
    case .text(let text):
      guard type.kind == .array else { return nil }
      let element = types[type.element]
      var bytes: [UInt8]
      switch (element.kind, element.size) {
      case (.character, _): bytes = Array(text.utf8)
      case (.wide, 2): bytes = text.utf16.flatMap { UInt64($0).littleEndianBytes.prefix(2) }
      case (.wide, _):
        bytes = text.unicodeScalars.flatMap { UInt64($0.value).littleEndianBytes.prefix(4) }
      default: return nil
      }
      guard bytes.count <= Int(type.size) else { return nil }
      bytes += repeatElement(0, count: Int(type.size) - bytes.count)
      return bytes
    default: return nil
    }
  }
}

extension UInt64 {
  var littleEndianBytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) } }
}

extension [UInt8] {
  /// The bytes as one number, the least significant first.
  var littleEndian: UInt64 { reversed().reduce(0) { $0 << 8 | UInt64($1) } }

  func units(_ size: Int) -> [UInt64] {
    stride(from: 0, to: count / size * size, by: size).map {
      Array(self[$0..<$0 + size]).littleEndian
    }
  }
}
