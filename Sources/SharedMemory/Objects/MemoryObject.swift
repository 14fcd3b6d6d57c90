/// A handle to named shared memory with Win32's lifetime.
///
/// The object's name exists while at least one handle in any process is open. As soon as the last
/// one is gone (by `close`, the end of its scope, exit or `kill -9`) `open` throws error 2.
///
/// `~Copyable`: a handle is one claim with one owner; `duplicate` makes a second claim.
///
/// ```swift
/// let object = try MemoryObject.create(#"Global\MyFileMappingObject"#, size: 256)
/// let view = try object.map()
/// try view.write("Message from first process.")
/// ```
public struct MemoryObject: ~Copyable, Sendable {
  /// The name as it was written; empty for an object without one.
  public let name: String
  /// The object's size in bytes, exactly as its creator asked for.
  public let size: Int
  /// The most that views of this handle may do.
  public let access: Access
  /// Did `create` find the object rather than make it?
  public let existed: Bool
  /// The file that holds the bytes from offset 0; nil for an object without a name.
  public var path: String? { place?.path }
  private let place: Handle.Place?
  let handle: Handle

  init(
    name: String, size: Int, access: Access, existed: Bool, place: Handle.Place?,
    _ handle: Handle
  ) {
    self.name = name
    self.size = size
    self.access = access
    self.existed = existed
    self.place = place
    self.handle = handle
  }

  /// Did somebody else remove the object's file while it was held, for example `rm`, logind's
  /// RemoveIPC or another program's resource tracker? Views keep their bytes, but no process can
  /// open the name any more, and `create` makes a second object. `fstat(2)`.
  public var isRemoved: Bool { place != nil && handle.isRemoved }

  /// The status of the file that holds the bytes; nil if the kernel refuses. `fstat(2)`.
  package var file: FileStatus? { try? status() }

  /// The same, and the reason if the kernel refuses.
  package borrowing func status() throws(Errno) -> FileStatus {
    try handle.system.status(handle.memory)
  }

  /// A second handle to the same object, closed independently of this one.
  /// Win32's `DuplicateHandle`.
  public borrowing func duplicate() -> MemoryObject {
    MemoryObject(
      name: name, size: size, access: access, existed: existed, place: place, handle)
  }

  /// Closes the handle, as the end of its scope does.
  ///
  /// - Returns: whether somebody else had removed the name before; see `isRemoved`.
  @discardableResult
  public consuming func close() -> Bool { isRemoved }

  /// Maps a window on the object's bytes; `mmap(2)`, Win32's `MapViewOfFile`. Lua: `view:map`.
  ///
  /// - Parameters:
  ///   - access: at most the handle's; nil is the handle's.
  ///   - offset: in bytes, a multiple of 65,536 as in Win32.
  ///   - length: in bytes; nil or 0 means everything from `offset` on.
  /// - Throws: 1132 an offset that is not such a multiple, 87 an offset that is negative or outside
  ///   of the object, 5 a length past the object's end (Win32 allows lengths up to the page's end;
  ///   here sizes are exact) or an access that the handle lacks, 1006 a POSIX object that has no
  ///   size yet, 8 no memory.
  public borrowing func map(
    access: Access? = nil, offset: Int = 0, length: Int? = nil
  ) throws(SharedMemoryError) -> View {
    let access = access ?? self.access
    let count = try window(access, offset, length ?? 0)
    do throws(Errno) {
      if access == .read && handle.isWritable {
        // Mapped through a description that may not write, so that mprotect cannot allow it later.
        let readable = try handle.system.reopen(handle.memory, .readOnly)
        return try View(
          readable, offset: offset, count: count, access, name: name, handle.system)
      }
      return try View(
        handle.memory, offset: offset, count: count, access, name: name, handle.system)
    } catch {
      throw SharedMemoryError(
        error == .notFound ? .pathNotFound : ErrorCode(error), errno: error, "map", name,
        "the kernel refused to map \(count) bytes at offset \(offset)")
    }
  }

  /// Win32's `SYSTEM_INFO.dwAllocationGranularity`.
  public static let granularity = 65_536

  private borrowing func window(
    _ access: Access, _ offset: Int, _ length: Int
  ) throws(SharedMemoryError) -> Int {
    let name = name
    func refused(_ code: ErrorCode, _ advice: String) -> SharedMemoryError {
      SharedMemoryError(code, "map", name, advice)
    }
    if access.needsWriting && !self.access.needsWriting {
      throw refused(.accessDenied, "the handle was opened with access \"\(self.access.rawValue)\"")
    }
    if size == 0 {
      if handle.claim != nil { throw refused(.swap, View.lossAdvice) }
      throw refused(.fileInvalid, "the object has no size yet; its creator has to set one")
    }
    if offset < 0 || length < 0 {
      throw refused(.invalidParameter, "offset \(offset) or length \(length) is negative")
    }
    if offset % Self.granularity != 0 {
      throw refused(
        .mappedAlignment, "offset \(offset) is not a multiple of \(Self.granularity)")
    }
    if offset >= size {
      throw refused(.invalidParameter, "offset \(offset) is not inside of \(size) bytes")
    }
    if length > size - offset {
      throw refused(
        .accessDenied,
        "\(length) bytes at offset \(offset) do not fit into the object's \(size) bytes")
    }
    return length == 0 ? size - offset : length
  }
}
