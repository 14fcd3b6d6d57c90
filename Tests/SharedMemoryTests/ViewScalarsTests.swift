import Glibc
import SharedMemory
import TestSupport
import Testing

@Suite struct ViewScalarsTests {
  private func view(_ size: Int, _ access: Access = .readWrite) throws -> View {
    try MemoryObject.create(nil, size: size).map(access: access)
  }

  /// The code of what the body throws.
  private func code(
    _ body: () throws(SharedMemoryError) -> Void
  ) -> ErrorCode? {
    do throws(SharedMemoryError) { try body() } catch { return error.code }
    return nil
  }

  private func comesBack<Scalar: SharedScalar & Equatable>(_ values: [Scalar]) throws {
    let view = try view(64)
    let size = MemoryLayout<Scalar>.size
    for value in values {
      for offset in 8...17 {
        try view.write([UInt8](repeating: 0xA5, count: 64))
        try view.store(value, at: offset)
        #expect(try view.load(Scalar.self, at: offset) == value)
        let bytes = withUnsafeBytes(of: value) { Array($0) }
        #expect(try view.read(size, at: offset) == bytes)
        #expect(try view.read(offset) == [UInt8](repeating: 0xA5, count: offset))
        #expect(try view.load(UInt8.self, at: offset + size) == 0xA5)
      }
    }
  }

  @Test func everyIntegerComesBackWithItsBytes() throws {
    try comesBack([UInt8.min, 1, .max])
    try comesBack([Int8.min, -1, .max])
    try comesBack([UInt16.min, 0x1234, .max])
    try comesBack([Int16.min, -2, .max])
    try comesBack([UInt32.min, 0x1234_5678, .max])
    try comesBack([Int32.min, -3, .max])
    try comesBack([UInt64.min, 0x1234_5678_9ABC_DEF0, .max])
    try comesBack([Int64.min, -4, .max])
  }

  @Test func everyFloatComesBackWithItsBytes() throws {
    try comesBack([Float.zero, 1.5, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude])
    try comesBack([Double.zero, -1.5, .infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude])
    let view = try view(8)
    try view.store(Double.nan, at: 0)
    #expect(try view.load(Double.self, at: 0).isNaN)
  }

  @Test func theBoundsAreExact() throws {
    let view = try view(16)
    try view.store(UInt32(7), at: 12)
    for offset in [13, 16, 17, -1, -4, Int.max, Int.max - 3, Int.min] {
      #expect(
        code { () throws(SharedMemoryError) in try view.store(UInt32(1), at: offset) }
          == .invalidParameter)
      #expect(
        code { () throws(SharedMemoryError) in _ = try view.load(UInt32.self, at: offset) }
          == .invalidParameter)
    }
    #expect(try view.load(UInt32.self, at: 12) == 7)
  }

  @Test func aReadOnlyViewIsReadAndNotWritten() throws {
    let object = try MemoryObject.create(nil, size: 16)
    let view = try object.map()
    let reader = try object.map(access: .read)
    try view.store(Int64(-5), at: 8)
    #expect(try reader.load(Int64.self, at: 8) == -5)
    #expect(
      code { () throws(SharedMemoryError) in try reader.store(Int64(1), at: 8) } == .accessDenied)
    #expect(try reader.load(Int64.self, at: 8) == -5)
  }

  @Test func lostMemoryIsAnError() throws {
    let session = Session(named: Places.unique("scalars"))
    let object = try MemoryObject.create("x", size: 8192, in: session)
    let view = try object.map()
    let path = object.path!
    #expect(truncate(path, 0) == 0)
    #expect(
      code { () throws(SharedMemoryError) in _ = try view.load(UInt32.self, at: 4096) } == .swap)
    #expect(code { () throws(SharedMemoryError) in try view.store(UInt32(1), at: 4) } == .swap)
    #expect(code { () throws(SharedMemoryError) in _ = try view.utf16(at: 8) } == .swap)
  }

  @Test func utf16EndsAtANulALimitOrTheEnd() throws {
    let view = try view(17)
    for (place, unit) in "Grüße".utf16.enumerated() { try view.store(unit, at: 1 + 2 * place) }
    #expect(try view.utf16(at: 1) == "Grüße")
    #expect(try view.utf16(at: 1, limit: 3) == "Grü")
    #expect(try view.utf16(at: 1, limit: 0) == "")
    #expect(try view.utf16(at: 16) == "")
    for place in 0..<8 { try view.store(UInt16(0x41), at: 2 * place) }
    #expect(try view.utf16() == "AAAAAAAA")
    #expect(
      code { () throws(SharedMemoryError) in _ = try view.utf16(at: 18) } == .invalidParameter)
    try view.store(UInt16(0xD800), at: 0)
    #expect(try view.utf16(limit: 2) == "\u{FFFD}A")
  }

  @Test func aScalarOfAnotherSizeEndsTheProcess() async {
    await #expect(processExitsWith: .failure) {
      let view = try MemoryObject.create(nil, size: 64).map()
      try view.store(Wide(), at: 0)
    }
  }
}

/// No scalar.
private struct Wide: SharedScalar {
  var bits: (UInt64, UInt64) = (0, 0)
  var sharedBits: UInt64 { bits.0 }
  init(sharedBits: UInt64) { bits.0 = sharedBits }
  init() {}
}
