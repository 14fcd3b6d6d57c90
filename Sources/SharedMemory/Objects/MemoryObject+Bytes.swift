extension MemoryObject {
  /// Copies bytes into the object's file without mapping it: `pwrite(2)`, so that a page that
  /// cannot be committed is an error instead of a lost view.
  ///
  /// - Throws: 87 if they do not all fit inside the object, 5 if the handle may not write, 999 if a
  ///   peer shortened the file, 1455 if `/dev/shm` is full; bytes written before the failure stay.
  public borrowing func write(
    _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) throws(SharedMemoryError) {
    if !access.needsWriting {
      throw SharedMemoryError(.accessDenied, "write", name, "the handle is read-only")
    }
    if offset < 0 || offset > size || bytes.count > size - offset {
      throw SharedMemoryError(
        .invalidParameter, "write", name,
        "\(bytes.count) bytes at offset \(offset) are not inside of the object's \(size) bytes")
    }
    var done = 0
    while done < bytes.count {
      // Never writes past the file's present end: a file that a peer truncated must not grow again.
      if let file, file.size < size {
        throw SharedMemoryError(.swap, "write", name, View.lossAdvice)
      }
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      do throws(Errno) {
        done += try handle.system.write(handle.memory, rest, at: offset + done)
      } catch {
        throw refused(error)
      }
    }
  }

  private borrowing func refused(_ errno: Errno) -> SharedMemoryError {
    SharedMemoryError(
      ErrorCode(errno), errno: errno, "write", name,
      errno == .noSpace
        ? "a page of it could not be committed; close other objects, or enlarge the file system "
          + "(mount -o remount,size=)"
        : "the kernel refused to write its file")
  }

  static func withoutName(_ operation: String) -> SharedMemoryError {
    SharedMemoryError(
      .invalidHandle, operation, "", "an object without a name cannot be opened; give its name")
  }
}
