internal import CShm
internal import Glibc

/// A window on an object's bytes in this process's memory.
///
/// `~Copyable`: a view owns its pages, and they go with it. It does not keep the object's name
/// alive, as in Win32: after the last `MemoryObject` is gone the bytes can still be read and
/// written through the view, but nobody can open them any more.
///
/// Other processes may change the bytes at any moment; what must be one indivisible access is not
/// done with these calls.
public struct View: ~Copyable, Sendable {
  /// The bytes that may be touched: exactly what was asked for.
  public let count: Int
  /// Where the view begins in the object, in bytes.
  public let offset: Int
  public let access: Access
  /// The object's name as it was written; for messages.
  public let name: String
  /// Stay while the view or one of its cells does.
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

  /// The first byte. The pages live as long as the view.
  ///
  /// A page that a peer truncates away reads as zero and `isLost` becomes true; there is no
  /// signal. Writing through a view whose `access` is `.read` ends the process.
  public var base: UnsafeMutableRawPointer { pages.mapping.base }

  /// Has a page of this view gone, as the file was truncated or its pages could not be committed?
  public var isLost: Bool { pages.isLost }

  /// Where `isLost` is kept, for code that asks after every access.
  package var lossFlag: UnsafeRawPointer { UnsafeRawPointer(pages.mapping.guardian) }

  /// Copies bytes into the view; adds no terminator. Lua: `view:write(data, offset)`.
  ///
  /// - Throws: 87 if the bytes do not fit, 5 if the view is read-only (nothing is written then),
  ///   999 if the object's memory was lost.
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

  /// Copies the UTF-8 of a text into the view; adds no terminator.
  public borrowing func write(_ text: String, at offset: Int = 0) throws(SharedMemoryError) {
    try write(text.utf8, at: offset)
  }

  /// Copies `length` bytes out of the view. Lua: `view:read(length, offset)`.
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

  /// The text from `offset` to the first NUL or the view's end, as the document's second process
  /// shows it; bytes that are no UTF-8 become U+FFFD. Lua: `view:read()`.
  ///
  /// - Throws: 87 if `offset` is outside of the view, 999 if the object's memory was lost.
  public borrowing func text(at offset: Int = 0) throws(SharedMemoryError) -> String {
    try check("read", offset, 0)
    // What stands behind the text is not touched: to read a hole would commit it.
    let bytes = try read(strnlen(base + offset, count - offset), at: offset)
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Asked before many bytes are copied: false, if they are gone. See `cshm_reaches`.
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

  /// Said by Lua's errors, too.
  package static let lossAdvice =
    "the object's memory is gone: a process truncated its file, or the pages of an object that "
    + "was only reserved could not be committed; close the view and create the object again"
}

/// The pages of a view; unmapped with the last that refers to them.
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
