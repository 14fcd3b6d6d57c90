internal import CShm
internal import Glibc

/// A window on an object's bytes in this process's memory.
///
/// `~Copyable`: a view owns its pages and unmaps them when it goes. It does not keep the object's
/// name alive, as in Win32: when the last `MemoryObject` is gone, the bytes can still be read and
/// written through the view, but nobody can open the object any more.
///
/// Other processes may change the bytes at any moment. The calls here that copy bytes are not
/// atomic; for that use `load`, `store` and `AtomicCell`.
public struct View: ~Copyable, Sendable {
  /// The view's size in bytes, exactly as it was asked for.
  public let count: Int
  /// Where the view begins in the object, in bytes.
  public let offset: Int
  public let access: Access
  /// The object's name as it was written; for messages.
  public let name: String
  /// The mapped pages, kept by the view and by each of its cells.
  let pages: Pages

  init(
    _ memory: borrowing Descriptor, offset: Int, count: Int, _ access: Access, name: String,
    _ system: System
  ) throws(Errno) {
    pages = try Pages(system, system.map(memory, offset: offset, length: count, access))
    self.count = count
    self.offset = offset
    self.access = access
    self.name = name
  }

  /// The address of the first byte, valid as long as the view lives.
  ///
  /// A page that a peer truncates away reads as zero, and `isLost` becomes true; no signal is
  /// raised. Writing through a view whose `access` is `.read` ends the process.
  public var base: UnsafeMutableRawPointer { pages.mapping.base }

  /// Was a page of this view lost, because the file was truncated or the page could not be
  /// committed?
  public var isLost: Bool { pages.isLost }

  /// The address of the flag behind `isLost`, for code that reads it after every access.
  package var lossFlag: UnsafeRawPointer { UnsafeRawPointer(pages.mapping.guardian) }

  /// Copies bytes into the view; adds no terminator. Lua: `view:write(data, offset)`.
  ///
  /// - Parameter offset: of the first byte, in bytes from the view's start.
  /// - Throws: 87 if the bytes do not fit, 5 if the view is read-only (nothing is written in both
  ///   cases), 999 if the object's memory was lost.
  public borrowing func write(
    _ bytes: some Sequence<UInt8>, at offset: Int = 0
  ) throws(SharedMemoryError) {
    let source = Array(bytes)
    try checkWritable("write")
    try check("write", offset, source.count)
    source.withUnsafeBytes { from in
      guard let first = from.baseAddress, reaches(offset, from.count) else { return }
      memcpy(base + offset, first, from.count)
    }
    try checkLoss("write")
  }

  /// Copies a text into the view as UTF-8; adds no terminator.
  ///
  /// - Throws: as for bytes.
  public borrowing func write(_ text: String, at offset: Int = 0) throws(SharedMemoryError) {
    try write(text.utf8, at: offset)
  }

  /// Copies `length` bytes out of the view, from `offset` on. Lua: `view:read(length, offset)`.
  ///
  /// - Throws: 87 if they are not all inside the view, 999 if the object's memory was lost.
  public borrowing func read(
    _ length: Int, at offset: Int = 0
  ) throws(SharedMemoryError) -> [UInt8] {
    try check("read", offset, length)
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, filled in
      guard let first = buffer.baseAddress, reaches(offset, length) else { return }
      memcpy(first, base + offset, length)
      filled = length
    }
    try checkLoss("read")
    return bytes
  }

  /// The text from `offset` to the first NUL or the view's end, as the second program of
  /// Microsoft's "Creating named shared memory" shows it; bytes that are not UTF-8 become U+FFFD.
  /// Lua: `view:read()`.
  ///
  /// - Throws: 87 if `offset` is outside of the view, 999 if the object's memory was lost.
  public borrowing func text(at offset: Int = 0) throws(SharedMemoryError) -> String {
    try check("read", offset, 0)
    // Bytes behind the text are not touched: reading a hole would commit its page.
    let bytes = try read(strnlen(base + offset, count - offset), at: offset)
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Asked before many bytes are copied; false: some of them are gone. See `cshm_reaches`.
  private borrowing func reaches(_ offset: Int, _ length: Int) -> Bool {
    cshm_reaches(pages.mapping.guardian, base + offset, length)
  }

  borrowing func checkWritable(_ operation: String) throws(SharedMemoryError) {
    if access == .read {
      throw SharedMemoryError(.accessDenied, operation, name, "the view is read-only")
    }
  }

  borrowing func check(
    _ operation: String, _ offset: Int, _ length: Int
  ) throws(SharedMemoryError) {
    if offset < 0 || length < 0 || offset > count || length > count - offset {
      throw SharedMemoryError(
        .invalidParameter, operation, name,
        "\(length) bytes at offset \(offset) are not inside of the view's \(count) bytes")
    }
  }

  borrowing func checkLoss(_ operation: String) throws(SharedMemoryError) {
    if isLost {
      throw SharedMemoryError(.swap, operation, name, Self.lossAdvice)
    }
  }

  /// The advice of error 999; Lua's errors use it, too.
  package static let lossAdvice =
    "the object's memory is gone: a process truncated its file, or the pages of an object that "
    + "was only reserved could not be committed; close the view and create the object again"
}

/// The pages of a view, unmapped when nothing refers to them any more.
final class Pages: Sendable {
  let mapping: System.Mapping
  private let system: System

  init(_ system: System, _ mapping: System.Mapping) {
    self.system = system
    self.mapping = mapping
  }

  deinit { system.unmap(mapping) }

  var isLost: Bool { cshm_lost(mapping.guardian) }
}
