internal import CShm

/// The types that `View.load` and `View.store` move: fixed-width integers and floats.
///
/// A conforming type of your own, for example an enumeration with a raw value, must have 1, 2, 4 or
/// 8 bytes; another size ends the process. Numbers in memory are little-endian, as on this machine.
public protocol SharedScalar: Sendable {
  /// The number's bits as they stand in memory; the bits above them are zero.
  var sharedBits: UInt64 { get }
  init(sharedBits: UInt64)
}

extension SharedScalar where Self: FixedWidthInteger {
  public var sharedBits: UInt64 { UInt64(truncatingIfNeeded: self) }
  public init(sharedBits: UInt64) { self.init(truncatingIfNeeded: sharedBits) }
}

extension UInt8: SharedScalar {}
extension Int8: SharedScalar {}
extension UInt16: SharedScalar {}
extension Int16: SharedScalar {}
extension UInt32: SharedScalar {}
extension Int32: SharedScalar {}
extension UInt64: SharedScalar {}
extension Int64: SharedScalar {}

extension Float: SharedScalar {
  public var sharedBits: UInt64 { UInt64(bitPattern) }
  public init(sharedBits: UInt64) { self.init(bitPattern: UInt32(truncatingIfNeeded: sharedBits)) }
}

extension Double: SharedScalar {
  public var sharedBits: UInt64 { bitPattern }
  public init(sharedBits: UInt64) { self.init(bitPattern: sharedBits) }
}

extension View {
  /// Reads one number: `try view.load(UInt32.self, at: 8)`. No system call. Lua: `view:u32(8)`.
  ///
  /// At an offset that is a multiple of the type's size this is one sequentially consistent access:
  /// another process's store is seen completely or not at all. Other offsets work, but another
  /// process's store may be seen half done.
  ///
  /// - Parameter offset: of the first byte, in bytes from the view's start.
  /// - Throws: 87 if the number is not all inside the view, 999 if the object's memory was lost.
  public borrowing func load<Scalar: SharedScalar>(
    _ type: Scalar.Type, at offset: Int
  ) throws(SharedMemoryError) -> Scalar {
    let size = Self.size(of: type)
    try check("load", offset, size)
    let bits = cshm_load_scalar(base + offset, size)
    try checkLoss("load")
    return Scalar(sharedBits: bits)
  }

  /// Writes one number: `try view.store(UInt32(7), at: 8)`. No system call. Lua: `view:u32(8, 7)`.
  ///
  /// Atomic where `load` is. A value too large for a `Float` is infinite before it comes here.
  ///
  /// - Parameter offset: of the first byte, in bytes from the view's start.
  /// - Throws: 5 if the view is read-only, 87 if the number is not all inside the view (nothing is
  ///   written then), 999 if the object's memory was lost.
  public borrowing func store<Scalar: SharedScalar>(
    _ value: Scalar, at offset: Int
  ) throws(SharedMemoryError) {
    let size = Self.size(of: Scalar.self)
    try checkWritable("store")
    try check("store", offset, size)
    cshm_store_scalar(base + offset, size, value.sharedBits)
    try checkLoss("store")
  }

  private static func size<Scalar: SharedScalar>(of type: Scalar.Type) -> Int {
    let size = MemoryLayout<Scalar>.size
    precondition(size <= 8 && size.nonzeroBitCount == 1, "a shared scalar has 1, 2, 4 or 8 bytes")
    return size
  }

  /// Reads the UTF-16 text from `offset` to the first NUL, but at most `limit` units and not past
  /// the view's end; lone surrogates become U+FFFD. Lua: `view:utf16(offset, limit)`.
  ///
  /// - Parameter offset: of the first byte, in bytes from the view's start.
  /// - Throws: 87 if `offset` is outside of the view, 999 if the object's memory was lost.
  public borrowing func utf16(
    at offset: Int = 0, limit: Int = .max
  ) throws(SharedMemoryError) -> String {
    try check("utf16", offset, 0)
    var units: [UInt16] = []
    for place in 0..<min(max(limit, 0), (count - offset) / 2) {
      let unit = UInt16(truncatingIfNeeded: cshm_load_scalar16(base + offset + 2 * place))
      if unit == 0 { break }
      units.append(unit)
    }
    try checkLoss("utf16")
    return String(decoding: units, as: UTF16.self)
  }
}
