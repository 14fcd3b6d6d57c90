extension MemoryObject {
  /// Copies bytes into the object's file without mapping it: `pwrite(2)`, so that a page which
  /// cannot be committed is an error and not a lost view.
  ///
  /// - Throws: 87 if they are not all inside the object, 5 if the handle may not write, 999 if a
  ///   peer made its file shorter, 1455 if `/dev/shm` is full; what was written before stays.
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
      // Never past the end that the file has now: a file that a peer truncated does not grow
      // again by being written to.
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
