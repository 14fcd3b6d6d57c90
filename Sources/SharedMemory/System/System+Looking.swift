internal import CShm
internal import Glibc

// Calls that only look, and those that move bytes without a mapping.

extension System {
  /// `stat(2)` of what the path leads to; follows links, so that for `/proc/PID/fd/N` it is the
  /// file that the process has open.
  package func target(in directory: Int32, _ path: [CChar]) throws(Errno) -> FileStatus {
    var raw = stat()
    _ = try call("fstatat", "\(Self.text(directory)), \(Self.text(path)), 0") {
      Int(fstatat(directory, path, &raw, 0))
    }
    return FileStatus(raw)
  }

  /// `pread(2)`: returns fewer bytes than there is room for at the file's end; allocates no page.
  package func read(
    _ descriptor: borrowing Descriptor, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(Errno) -> Int {
    let fd = descriptor.number
    return try call("pread64", "\(fd), …, \(buffer.count), \(offset)") {
      pread(fd, buffer.baseAddress, buffer.count, offset)
    }
  }

  /// `pwrite(2)`: may write fewer bytes than it is given.
  package func write(
    _ descriptor: borrowing Descriptor, _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) throws(Errno) -> Int {
    let fd = descriptor.number
    return try call("pwrite64", "\(fd), …, \(bytes.count), \(offset)") {
      pwrite(fd, bytes.baseAddress, bytes.count, offset)
    }
  }

  /// `lseek(2)` with SEEK_DATA: the offset of the next bytes that take memory; nil: there are none
  /// up to the file's end.
  package func data(in descriptor: borrowing Descriptor, from offset: Int) throws(Errno) -> Int? {
    let fd = descriptor.number
    do throws(Errno) {
      return try call("lseek", "\(fd), \(offset), SEEK_DATA") {
        lseek(fd, offset, Int32(CSHM_SEEK_DATA))
      }
    } catch {
      if error == .noDevice { return nil }
      throw error
    }
  }

  /// `faccessat(2)` with the effective user: may this process create files in the directory?
  package func mayMakeFiles(in path: [CChar]) -> Bool {
    (try? call("faccessat", "AT_FDCWD, \(Self.text(path)), W_OK|X_OK, AT_EACCESS") {
      Int(faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS))
    }) != nil
  }

  /// `pidfd_open(2)`: a descriptor that poll(2) finds readable once the process has ended.
  package func process(_ number: Int32) throws(Errno) -> Descriptor {
    Descriptor(
      Int32(try call("pidfd_open", "\(number), 0") { Int(cshm_open_process(number)) }), self)
  }

  /// Is one of the process's threads in state R (runs, or waits for a processor) or D (waits for a
  /// disk)? `/proc/PID/task/TID/stat`, `proc(5)`.
  package func hasRunningThread(_ process: Int32) -> Bool {
    let tasks = "/proc/\(process)/task"
    guard let stream = try? stream(Self.path(tasks)), let names = try? entries(stream) else {
      return false
    }
    return names.contains { name in
      let path = Self.path("\(tasks)/\(String(decoding: name, as: UTF8.self))/stat")
      // The command's name in parentheses may have any bytes.
      guard let line = try? contents(path), let end = line.lastIndex(of: UInt8(ascii: ")")),
        end + 2 < line.count
      else { return false }
      return line[end + 2] == UInt8(ascii: "R") || line[end + 2] == UInt8(ascii: "D")
    }
  }

  /// What a file system has room for; 0 of `blocks` or `inodes` in all: there is no limit.
  package struct Space: Sendable {
    /// In bytes.
    package let free, total: Int
    package let freeInodes, inodes: Int
    package let isReadOnly: Bool

    package var isFull: Bool { total > 0 && free == 0 }
    package var hasNoInodes: Bool { inodes > 0 && freeInodes == 0 }
  }

  /// `statvfs(3)` of the file system of `path`.
  package func space(_ path: [CChar]) throws(Errno) -> Space {
    var raw = statvfs()
    _ = try call("statfs", Self.text(path)) { Int(statvfs(path, &raw)) }
    func bytes(_ blocks: fsblkcnt_t) -> Int {
      let (bytes, isTooMany) = UInt64(blocks).multipliedReportingOverflow(by: UInt64(raw.f_frsize))
      return isTooMany ? .max : Int(clamping: bytes)
    }
    return Space(
      free: bytes(raw.f_bavail), total: bytes(raw.f_blocks),
      freeInodes: Int(clamping: raw.f_favail), inodes: Int(clamping: raw.f_files),
      isReadOnly: raw.f_flag & UInt(ST_RDONLY) != 0)
  }
}
