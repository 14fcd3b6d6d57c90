internal import CShm
internal import Glibc

/// What a cell can hold: `UInt32`, `Int32`, `UInt64` and `Int64`.
///
/// A type of yours that conforms has 4 or 8 bytes; another size ends the process.
public protocol AtomicInteger: FixedWidthInteger, BitwiseCopyable, Sendable {}

extension UInt32: AtomicInteger {}
extension Int32: AtomicInteger {}
extension UInt64: AtomicInteger {}
extension Int64: AtomicInteger {}

/// An aligned word of a view for operations that are atomic between all processes, for waiting
/// until it changes, and for waking those who wait. Made by `View.atomic`.
///
/// All operations are sequentially consistent. Those that change the word return what it was
/// before; arithmetic wraps. A cell keeps its view's pages mapped. Threads may share one.
///
/// ```swift
/// let ticks = try view.atomic(at: 0, as: UInt32.self)
/// try ticks.add(1)
/// try ticks.wake(.max)
/// ```
///
/// Operations throw 999 if the object's memory was lost, and those that write 5 if the view is
/// read-only.
public final class AtomicCell<Value: AtomicInteger>: @unchecked Sendable {
  private let pages: Pages
  private let word: UnsafeMutableRawPointer
  private let access: Access
  private let name: String
  /// Its words are atomic; racing threads lose an update of a guess at most.
  private let spinner: UnsafeMutablePointer<cshm_spinner>

  fileprivate init(_ pages: Pages, at offset: Int, _ access: Access, name: String) {
    self.pages = pages
    self.access = access
    self.name = name
    word = pages.mapping.base + offset
    spinner = .allocate(capacity: 1)
    spinner.initialize(to: cshm_spinner())
  }

  deinit { spinner.deallocate() }

  /// Lua: `cell:load()`.
  public func load() throws(SharedMemoryError) -> Value {
    let value = current
    try checkLoss("load")
    return value
  }

  /// Lua: `cell:store(value)`.
  public func store(_ value: Value) throws(SharedMemoryError) {
    try change("store", value, cshm_store32, cshm_store64)
  }

  /// Lua: `cell:exchange(value)`.
  @discardableResult
  public func exchange(_ value: Value) throws(SharedMemoryError) -> Value {
    try fetch("exchange", value, cshm_exchange32, cshm_exchange64)
  }

  /// Lua: `cell:add(operand)`.
  @discardableResult
  public func add(_ operand: Value) throws(SharedMemoryError) -> Value {
    try fetch("add", operand, cshm_fetch_add32, cshm_fetch_add64)
  }

  /// Lua: `cell:sub(operand)`.
  @discardableResult
  public func sub(_ operand: Value) throws(SharedMemoryError) -> Value {
    try fetch("sub", 0 &- operand, cshm_fetch_add32, cshm_fetch_add64)
  }

  /// Lua: `cell:band(mask)`.
  @discardableResult
  public func and(_ mask: Value) throws(SharedMemoryError) -> Value {
    try fetch("and", mask, cshm_fetch_and32, cshm_fetch_and64)
  }

  /// Lua: `cell:bor(mask)`.
  @discardableResult
  public func or(_ mask: Value) throws(SharedMemoryError) -> Value {
    try fetch("or", mask, cshm_fetch_or32, cshm_fetch_or64)
  }

  /// Lua: `cell:xor(mask)`.
  @discardableResult
  public func xor(_ mask: Value) throws(SharedMemoryError) -> Value {
    try fetch("xor", mask, cshm_fetch_xor32, cshm_fetch_xor64)
  }

  /// Stores `desired` if the word is `expected`; `original` is what it was. Lua: `cell:cas`.
  @discardableResult
  public func compareExchange(
    expected: Value, desired: Value
  ) throws(SharedMemoryError) -> (exchanged: Bool, original: Value) {
    try checkAccess("cas")
    let original: Value
    if Self.isWide {
      var found = Self.bits64(expected)
      _ = cshm_cas64(word, &found, Self.bits64(desired))
      original = Value(truncatingIfNeeded: found)
    } else {
      var found = Self.bits32(expected)
      _ = cshm_cas32(word, &found, Self.bits32(desired))
      original = Value(truncatingIfNeeded: found)
    }
    try checkLoss("cas")
    return (original == expected, original)
  }

  /// Waits while the word is `expected`: spins for a while that depends on whether that has
  /// lately paid, then sleeps; `futex(2)`. Lua: `cell:wait(expected, timeout)`.
  ///
  /// - Parameter timeout: nil is for ever, zero looks once.
  /// - Returns: true if the word differs or somebody woke; false when the time is over.
  public func wait(
    while expected: Value, timeout: Duration? = nil
  ) throws(SharedMemoryError) -> Bool {
    let deadline = timeout.map { Self.deadline(after: $0) }
    if timeout == .zero ? current != expected : spin(expected) {
      try checkLoss("wait")
      return true
    }
    // No sleep is for ever: who should end it may be killed between its store and its wake-up.
    var slice = Self.firstSlice
    while true {
      let left = deadline.map { $0 - cshm_now() } ?? slice
      if left <= 0 { return false }
      let woken =
        cshm_futex_wait(
          cshm_low_half(word), UInt32(truncatingIfNeeded: expected), min(left, slice)) == 0
      slice = cshm_next_slice(slice)
      let changed = current != expected
      try checkLoss("wait")
      if woken || changed { return true }
    }
  }

  /// Wakes at most `count` of those who sleep in `wait`, in any process; `futex(2)`.
  /// Lua: `cell:wake(n)`.
  ///
  /// - Returns: how many slept. Who still spins is not among them and needs no waking.
  @discardableResult
  public func wake(_ count: Int = 1) throws(SharedMemoryError) -> Int {
    try checkAccess("wake")
    let woken = cshm_futex_wake(cshm_low_half(word), Int32(clamping: max(count, 1)))
    return max(Int(woken), 0)
  }
}

extension AtomicCell {
  private static var firstSlice: Int64 { 20_000_000 }

  private static var isWide: Bool { MemoryLayout<Value>.size == 8 }
  private static func bits32(_ value: Value) -> UInt32 { UInt32(truncatingIfNeeded: value) }
  private static func bits64(_ value: Value) -> UInt64 { UInt64(truncatingIfNeeded: value) }

  private static func deadline(after timeout: Duration) -> Int64 {
    let (seconds, attoseconds) = timeout.components
    let longest: Int64 = 1_000_000_000  // 31 years, and no overflow
    return cshm_now() + min(max(seconds, 0), longest) * 1_000_000_000
      + max(attoseconds, 0) / 1_000_000_000
  }

  private var current: Value {
    Self.isWide
      ? Value(truncatingIfNeeded: cshm_load64(word))
      : Value(truncatingIfNeeded: cshm_load32(word))
  }

  private func spin(_ expected: Value) -> Bool {
    Self.isWide
      ? cshm_spin64(word, Self.bits64(expected), spinner)
      : cshm_spin(word, Self.bits32(expected), spinner)
  }

  private func change(
    _ operation: String, _ value: Value,
    _ narrow: (UnsafeMutableRawPointer, UInt32) -> Void,
    _ wide: (UnsafeMutableRawPointer, UInt64) -> Void
  ) throws(SharedMemoryError) {
    try checkAccess(operation)
    if Self.isWide { wide(word, Self.bits64(value)) } else { narrow(word, Self.bits32(value)) }
    try checkLoss(operation)
  }

  private func fetch(
    _ operation: String, _ operand: Value,
    _ narrow: (UnsafeMutableRawPointer, UInt32) -> UInt32,
    _ wide: (UnsafeMutableRawPointer, UInt64) -> UInt64
  ) throws(SharedMemoryError) -> Value {
    try checkAccess(operation)
    let before =
      Self.isWide
      ? Value(truncatingIfNeeded: wide(word, Self.bits64(operand)))
      : Value(truncatingIfNeeded: narrow(word, Self.bits32(operand)))
    try checkLoss(operation)
    return before
  }

  private func checkAccess(_ operation: String) throws(SharedMemoryError) {
    if access == .read {
      throw SharedMemoryError(.accessDenied, operation, name, "the view is read-only")
    }
  }

  private func checkLoss(_ operation: String) throws(SharedMemoryError) {
    if pages.isLost { throw SharedMemoryError(.swap, operation, name, View.lossAdvice) }
  }
}

extension View {
  /// A word of the view for atomic operations and waiting. Lua: `view:atomic(offset, "u32")`.
  ///
  /// An offset says nothing of a layout's field that is there: of one that is big-endian a cell would
  /// count in the wrong order. `atomic(_:in:at:as:)` takes the field.
  ///
  /// - Parameter offset: in bytes, a multiple of the word's size.
  /// - Throws: 87 if it is not, or if the word is not inside of the view.
  public borrowing func atomic<Value: AtomicInteger>(
    at offset: Int, as type: Value.Type = UInt32.self
  ) throws(SharedMemoryError) -> AtomicCell<Value> {
    let size = MemoryLayout<Value>.size
    precondition(size == 4 || size == 8, "an atomic cell has 4 or 8 bytes")
    try check("atomic", offset, size)
    if offset % size != 0 {
      throw SharedMemoryError(
        .invalidParameter, "atomic", name, "offset \(offset) is not aligned to \(size) bytes")
    }
    return AtomicCell(pages, at: offset, access, name: name)
  }
}
