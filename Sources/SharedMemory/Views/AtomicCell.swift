internal import COperations
internal import CShm

/// The types that a cell can hold: `UInt32`, `Int32`, `UInt64` and `Int64`.
///
/// A conforming type of your own must have 4 or 8 bytes; another size ends the process.
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
public final class AtomicCell<Value: AtomicInteger>: @unchecked Sendable {
  private let pages: Pages
  private let word: UnsafeMutableRawPointer
  private let access: Access
  private let name: String
  /// Its words are atomic. Threads that race lose at most an update of a guess.
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

  /// The word. Lua: `cell:load()`.
  ///
  /// - Throws: 999 if the object's memory was lost.
  public func load() throws(SharedMemoryError) -> Value {
    let value = apply(COPS_LOAD)
    try checkLoss("load")
    return value
  }

  /// Stores a value. Lua: `cell:store(value)`.
  ///
  /// - Throws: 5 if the view is read-only, 999 if the object's memory was lost.
  public func store(_ value: Value) throws(SharedMemoryError) {
    try change("store", COPS_STORE, value)
  }

  /// Stores a value and returns the word before. Lua: `cell:exchange(value)`.
  ///
  /// - Throws: as `store`.
  @discardableResult
  public func exchange(_ value: Value) throws(SharedMemoryError) -> Value {
    try change("exchange", COPS_EXCHANGE, value)
  }

  /// Adds, wrapping around, and returns the word before. Lua: `cell:add(operand)`.
  ///
  /// - Throws: as `store`.
  @discardableResult
  public func add(_ operand: Value) throws(SharedMemoryError) -> Value {
    try change("add", COPS_ADD, operand)
  }

  /// Subtracts, wrapping around, and returns the word before. Lua: `cell:sub(operand)`.
  ///
  /// - Throws: as `store`.
  @discardableResult
  public func sub(_ operand: Value) throws(SharedMemoryError) -> Value {
    try change("sub", COPS_SUB, operand)
  }

  /// Keeps the mask's bits and returns the word before. Lua: `cell:band(mask)`.
  ///
  /// - Throws: as `store`.
  @discardableResult
  public func and(_ mask: Value) throws(SharedMemoryError) -> Value {
    try change("and", COPS_AND, mask)
  }

  /// Sets the mask's bits and returns the word before. Lua: `cell:bor(mask)`.
  ///
  /// - Throws: as `store`.
  @discardableResult
  public func or(_ mask: Value) throws(SharedMemoryError) -> Value {
    try change("or", COPS_OR, mask)
  }

  /// Inverts the mask's bits and returns the word before. Lua: `cell:xor(mask)`.
  ///
  /// - Throws: as `store`.
  @discardableResult
  public func xor(_ mask: Value) throws(SharedMemoryError) -> Value {
    try change("xor", COPS_XOR, mask)
  }

  /// Stores `desired` if the word equals `expected`; `original` is the word before.
  /// Lua: `cell:cas(expected, desired)`.
  ///
  /// - Throws: as `store`.
  @discardableResult
  public func compareExchange(
    expected: Value, desired: Value
  ) throws(SharedMemoryError) -> (exchanged: Bool, original: Value) {
    let original = try change("cas", COPS_CAS, desired, expected)
    return (original == expected, original)
  }

  /// Waits while the word is `expected`: spins first, for as long as that has lately paid, then
  /// sleeps; `futex(2)`. Lua: `cell:wait(expected, timeout)`.
  ///
  /// - Parameter timeout: nil waits for ever, zero looks once.
  /// - Returns: true if the word differs or somebody called `wake`; false after the timeout.
  /// - Throws: as `load`.
  public func wait(
    while expected: Value, timeout: Duration? = nil
  ) throws(SharedMemoryError) -> Bool {
    var asked = cops_wait()
    asked.word = UnsafeRawPointer(word)
    asked.size = Self.size
    asked.expected = Self.bits(expected)
    asked.guard = UnsafePointer(pages.mapping.guardian)
    asked.timeout = timeout?.nanoseconds ?? .max
    asked.spinner = spinner
    let end = cops_wait(&asked)
    try checkLoss("wait")
    return end == COPS_DONE
  }

  /// Wakes at most `count` of the threads that sleep in `wait`, in any process; `futex(2)`.
  /// Lua: `cell:wake(n)`.
  ///
  /// - Returns: how many were asleep. Threads that still spin are not counted and need no waking.
  /// - Throws: 5 if the view is read-only.
  @discardableResult
  public func wake(_ count: Int = 1) throws(SharedMemoryError) -> Int {
    try checkAccess("wake")
    return Int(cops_wake(word, Int64(clamping: count)))
  }
}

extension AtomicCell {
  private static var size: UInt32 { UInt32(MemoryLayout<Value>.size) }
  private static func bits(_ value: Value) -> UInt64 { UInt64(truncatingIfNeeded: value) }

  /// - Returns: the word before the operation; for a store, the stored value.
  private func apply(_ act: cops_act, _ value: Value = 0, _ expected: Value = 0) -> Value {
    Value(
      truncatingIfNeeded: cops_apply(word, Self.size, act, Self.bits(value), Self.bits(expected)))
  }

  @discardableResult
  private func change(
    _ operation: String, _ act: cops_act, _ value: Value, _ expected: Value = 0
  ) throws(SharedMemoryError) -> Value {
    try checkAccess(operation)
    let before = apply(act, value, expected)
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
  /// An offset does not tell whether a layout has a big-endian field there, on which a cell would
  /// work in the wrong byte order. `atomic(_:in:at:as:)` takes a field and refuses such.
  ///
  /// - Parameter offset: in bytes, a multiple of the word's size.
  /// - Throws: 87 if it is not, or if the word is not inside the view.
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
