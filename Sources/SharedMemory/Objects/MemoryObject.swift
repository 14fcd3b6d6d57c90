/// A handle to named shared memory with Win32's lifetime.
///
/// The object's name exists while at least one handle in any process is open. The moment the last
/// one goes, by `close`, by the end of its scope, by exit or by `kill -9`, `open` says error 2.
///
/// `~Copyable`: a handle is one claim with one owner; a second claim is made by `duplicate`.
///
/// ```swift
/// let object = try MemoryObject.create(#"Global\MyFileMappingObject"#, size: 256)
/// let view = try object.map()
/// try view.write("Message from first process.")
/// ```
public struct MemoryObject: ~Copyable, Sendable {
  /// The name as it was written; empty for an object without one.
  public let name: String
  /// The object's size in bytes: the first creator's, exactly.
  public let size: Int
  /// What views of this handle may do at most.
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

  /// Did somebody else remove the object's file although it is held: `rm`, logind's RemoveIPC,
  /// another program's resource tracker? Views keep their bytes, but no process can open the name
  /// any more, and `create` makes another object. `fstat(2)`.
  public var isRemoved: Bool { place != nil && handle.isRemoved }

  /// The file that holds the bytes, by whatever name it was opened; `fstat(2)`.
  package var file: FileStatus? { try? status() }

  /// The same, with the reason where the kernel refuses to say.
  package borrowing func status() throws(Errno) -> FileStatus {
    try handle.system.status(handle.memory)
  }

  /// A second handle to the same object, independent of this one; Win32's `DuplicateHandle`.
  public borrowing func duplicate() -> MemoryObject {
    MemoryObject(
      name: name, size: size, access: access, existed: existed, place: place, handle)
  }

  /// Closes the handle. The end of its scope does the same.
  /// - Returns: whether somebody else had removed the name before; see `isRemoved`.
  @discardableResult
  public consuming func close() -> Bool { isRemoved }

  /// A window on the object's bytes; `mmap(2)`, Win32's `MapViewOfFile`. Lua: `view:map`.
  ///
  /// - Parameters:
  ///   - access: at most the handle's; nil is the handle's.
  ///   - offset: in bytes, a multiple of 65,536 as in Win32.
  ///   - length: in bytes; nil or 0 is all from `offset` on.
  /// - Throws: 1132 an offset that is no such multiple, 87 one that is negative or not inside of
  ///   the object, 5 a length past its end (Win32 allows up to the end of the page; sizes are
  ///   exact here) or an access that the handle lacks, 1006 a POSIX object that has no size yet,
  ///   8 no memory.
  public borrowing func map(
    access: Access? = nil, offset: Int = 0, length: Int? = nil
  ) throws(SharedMemoryError) -> View {
    let access = access ?? self.access
    let count = try window(access, offset, length ?? 0)
    do throws(Errno) {
      if access == .read && handle.isWritable {
        // Through a description that may not write: no mprotect can change that later.
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
