internal import CShm
internal import Glibc

/// The parts of `fstat(2)` that Moonpool uses.
package struct FileStatus: Sendable {
  package let device: UInt64
  package let inode: UInt64
  package let owner: UInt32
  package let mode: UInt32
  package let links: UInt64
  package let size: Int

  package var permissions: UInt32 { mode & 0o7777 }
  package var isRegular: Bool { mode & S_IFMT == S_IFREG }
  package var isDirectory: Bool { mode & S_IFMT == S_IFDIR }

  package func isSameFile(as other: FileStatus) -> Bool {
    device == other.device && inode == other.inode
  }

  init(_ raw: stat) {
    device = UInt64(raw.st_dev)
    inode = UInt64(raw.st_ino)
    owner = raw.st_uid
    mode = raw.st_mode
    links = UInt64(raw.st_nlink)
    size = Int(raw.st_size)
  }
}

extension System {
  package struct OpenFlags: OptionSet, Sendable {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let readOnly: OpenFlags = []
    package static let readWrite = OpenFlags(rawValue: O_RDWR)
    package static let unnamed = OpenFlags(rawValue: Int32(CSHM_O_TMPFILE))
    package static let directory = OpenFlags(rawValue: O_DIRECTORY)
    package static let pathOnly = OpenFlags(rawValue: Int32(CSHM_O_PATH))
    package static let noFollow = OpenFlags(rawValue: O_NOFOLLOW)
    package static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)

    fileprivate var text: String {
      var names = [contains(.readWrite) ? "O_RDWR" : "O_RDONLY"]
      if contains(.pathOnly) { names = ["O_PATH"] }
      if contains(.unnamed) {
        names.append("O_TMPFILE")
      } else if contains(.directory) {
        names.append("O_DIRECTORY")
      }
      if contains(.noFollow) { names.append("O_NOFOLLOW") }
      if contains(.nonBlocking) { names.append("O_NONBLOCK") }
      return (names + ["O_CLOEXEC"]).joined(separator: "|")
    }
  }

  /// The directory against which relative paths are resolved if no other is given.
  package static var currentDirectory: Int32 { AT_FDCWD }

  /// `openat(2)`, always with `O_CLOEXEC`.
  package func open(
    in directory: Int32 = System.currentDirectory, _ path: [CChar], _ flags: OpenFlags,
    mode: UInt32 = 0
  ) throws(Errno) -> Descriptor {
    let number = try call(
      "openat",
      "\(Self.text(directory)), \(Self.text(path)), \(flags.text)"
        + (flags.contains(.unnamed) ? ", 0\(String(mode, radix: 8))" : "")
    ) {
      Int(cshm_openat(directory, path, flags.rawValue | O_CLOEXEC, mode))
    }
    return Descriptor(Int32(number), self)
  }

  /// A second open file description of an open file: `openat(2)` of `/proc/self/fd/N`.
  package func reopen(
    _ descriptor: borrowing Descriptor, _ flags: OpenFlags
  ) throws(Errno) -> Descriptor {
    try open(Self.procPath(descriptor.number), flags)
  }

  /// `close(2)`. The descriptor is gone whatever the call says, so there is no error to report.
  package func close(_ number: Int32) {
    _ = try? call("close", "\(number)") { Int(Glibc.close(number)) }
  }

  /// `fallocate(2)` from 0: sets the size in bytes and commits every page, or throws ENOSPC.
  ///
  /// The kernel undoes a call that a signal interrupts. If signals came more often than the call
  /// takes, repeating it would never end. So after an interruption the file is committed in pieces,
  /// each half as long as the last, and longer ones again once a piece succeeded.
  package func commit(_ descriptor: borrowing Descriptor, size: Int) throws(Errno) {
    try checkFileSizeLimit(size)
    let fd = descriptor.number
    var done = 0
    var piece = size
    while done < size {
      let length = min(piece, size - done)
      do throws(Errno) {
        _ = try call("fallocate", "\(fd), 0, \(done), \(length)", repeating: false) {
          Int(cshm_fallocate(fd, done, length))
        }
        done += length
        piece = length > size / 2 ? size : 2 * length
      } catch {
        if error != .interrupted { throw error }
        let half = (length / 2) & ~(Self.pageSize - 1)
        piece = max(half, Self.pageSize)
      }
    }
  }

  /// `getrlimit(2)`: a file larger than `ulimit -f` would end the process by SIGXFSZ.
  private func checkFileSizeLimit(_ size: Int) throws(Errno) {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    if UInt64(size) > limit.rlim_cur { throw .fileTooBig }
  }

  /// `ftruncate(2)`: sets the size in bytes and commits nothing.
  package func reserve(_ descriptor: borrowing Descriptor, size: Int) throws(Errno) {
    try checkFileSizeLimit(size)
    let fd = descriptor.number
    _ = try call("ftruncate", "\(fd), \(size)") { Int(ftruncate(fd, size)) }
  }

  /// `pwrite(2)` of a few bytes at 0, which tmpfs writes completely or not at all.
  package func write(_ descriptor: borrowing Descriptor, _ bytes: [UInt8]) throws(Errno) {
    let fd = descriptor.number
    let written = try call("pwrite64", "\(fd), …, \(bytes.count), 0") {
      pwrite(fd, bytes, bytes.count, 0)
    }
    if written != bytes.count { throw .noSpace }
  }

  /// `pread(2)` of up to `count` bytes at 0.
  package func read(_ descriptor: borrowing Descriptor, count: Int) throws(Errno) -> [UInt8] {
    let fd = descriptor.number
    var bytes = [UInt8](repeating: 0, count: count)
    let length = try call("pread64", "\(fd), …, \(count), 0") { pread(fd, &bytes, count, 0) }
    return Array(bytes.prefix(length))
  }

  /// `fchmod(2)`.
  package func setMode(_ descriptor: borrowing Descriptor, _ mode: UInt32) throws(Errno) {
    let fd = descriptor.number
    _ = try call("fchmod", "\(fd), 0\(String(mode, radix: 8))") { Int(fchmod(fd, mode)) }
  }

  /// `fstat(2)`.
  package func status(_ descriptor: borrowing Descriptor) throws(Errno) -> FileStatus {
    let fd = descriptor.number
    var raw = stat()
    _ = try call("fstat", "\(fd)") { Int(fstat(fd, &raw)) }
    return FileStatus(raw)
  }

  /// `fstatat(2)`; never follows a link.
  package func status(
    in directory: Int32 = System.currentDirectory, _ path: [CChar]
  ) throws(Errno) -> FileStatus {
    var raw = stat()
    _ = try call(
      "fstatat", "\(Self.text(directory)), \(Self.text(path)), AT_SYMLINK_NOFOLLOW"
    ) { Int(fstatat(directory, path, &raw, AT_SYMLINK_NOFOLLOW)) }
    return FileStatus(raw)
  }

  /// Is there a file at this path? `fstatat(2)`.
  package func hasFile(_ path: [CChar]) -> Bool { (try? status(in: AT_FDCWD, path)) != nil }

  /// `linkat(2)`: gives an unnamed file its name, or throws EEXIST.
  package func link(
    _ descriptor: borrowing Descriptor, in directory: Int32, _ name: [CChar]
  ) throws(Errno) {
    let source = Self.procPath(descriptor.number)
    _ = try call(
      "linkat",
      "AT_FDCWD, \(Self.text(source)), \(Self.text(directory)), \(Self.text(name)), "
        + "AT_SYMLINK_FOLLOW"
    ) { Int(linkat(AT_FDCWD, source, directory, name, AT_SYMLINK_FOLLOW)) }
  }

  /// `unlinkat(2)` of a file.
  package func unlink(in directory: Int32, _ name: [CChar]) throws(Errno) {
    _ = try call("unlinkat", "\(Self.text(directory)), \(Self.text(name)), 0") {
      Int(unlinkat(directory, name, 0))
    }
  }

  /// `mkdirat(2)` with exactly `mode`, whatever the umask is.
  package func makeDirectory(
    in directory: Int32 = System.currentDirectory, _ name: [CChar], mode: UInt32
  ) throws(Errno) {
    _ = try call(
      "mkdirat", "\(Self.text(directory)), \(Self.text(name)), 0\(String(mode, radix: 8))"
    ) { Int(cshm_mkdirat(directory, name, mode)) }
  }

  /// `rmdir(2)`: ENOTEMPTY while somebody has an object there.
  package func removeDirectory(_ path: [CChar]) throws(Errno) {
    _ = try call("rmdir", Self.text(path)) { Int(rmdir(path)) }
  }

  /// `fsetxattr(2)`; EOPNOTSUPP if the file system or kernel has no attributes (tmpfs before Linux
  /// 6.6).
  package func setAttribute(
    _ descriptor: borrowing Descriptor, _ name: [CChar], _ value: [UInt8]
  ) throws(Errno) {
    let fd = descriptor.number
    _ = try call("fsetxattr", "\(fd), \(Self.text(name)), …, \(value.count), 0") {
      Int(fsetxattr(fd, name, value, value.count, 0))
    }
  }

  /// `fgetxattr(2)` of up to 64 KiB.
  package func attribute(
    _ descriptor: borrowing Descriptor, _ name: [CChar]
  ) throws(Errno) -> [UInt8] {
    let fd = descriptor.number
    var value = [UInt8](repeating: 0, count: 65536)
    let length = try call("fgetxattr", "\(fd), \(Self.text(name)), …, \(value.count)") {
      fgetxattr(fd, name, &value, value.count)
    }
    return Array(value.prefix(length))
  }

  /// Opens a directory for reading from its beginning.
  package func stream(
    in directory: Int32 = System.currentDirectory, _ path: [CChar] = System.dot
  ) throws(Errno) -> DirectoryStream {
    try DirectoryStream(open(in: directory, path, [.directory, .noFollow]))
  }

  /// `getdents64(2)` through `readdir(3)`: up to `limit` further entries without `.` and `..`, as
  /// bytes; fewer than `limit` only at the end.
  package func entries(
    _ stream: borrowing DirectoryStream, limit: Int = .max
  ) throws(Errno) -> [[UInt8]] {
    let stream = stream.stream
    var names: [[UInt8]] = []
    _ = try call("getdents64", "\(dirfd(stream))") {
      errno = 0
      while names.count < limit, let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          Array(bytes.prefix { $0 != 0 })
        }
        if name != [0x2E] && name != [0x2E, 0x2E] { names.append(name) }
      }
      return errno == 0 ? 0 : -1
    }
    return names
  }

  /// `readlink(2)`.
  package func linkTarget(_ path: [CChar]) throws(Errno) -> [UInt8] {
    var target = [UInt8](repeating: 0, count: 4096)
    let length = try call("readlink", Self.text(path)) {
      target.withUnsafeMutableBytes { bytes in
        readlink(path, bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
      }
    }
    return Array(target.prefix(length))
  }

  /// Reads a file of `/proc`, all of it or its first `limit` bytes: `openat(2)` and `read(2)`.
  package func contents(_ path: [CChar], limit: Int = .max) throws(Errno) -> [UInt8] {
    let descriptor = try open(path, .readOnly)
    let fd = descriptor.number
    var bytes: [UInt8] = []
    var chunk: [UInt8] = []
    while bytes.count < limit {
      // Most files of /proc are a line: zeroes for more would be pages that nobody needs.
      let room = min(limit - bytes.count, max(4096, min(bytes.count, 65_536)))
      if chunk.count < room { chunk = [UInt8](repeating: 0, count: room) }
      let length = try call("read", "\(fd), …, \(chunk.count)") {
        Glibc.read(fd, &chunk, chunk.count)
      }
      if length == 0 { break }
      bytes += chunk[..<min(length, limit - bytes.count)]
    }
    return bytes
  }
}

/// An open directory that is being read, `fdopendir(3)`; closed when its owner goes.
package struct DirectoryStream: ~Copyable, @unchecked Sendable {
  let stream: OpaquePointer

  init(_ descriptor: consuming Descriptor) throws(Errno) {
    guard let stream = fdopendir(descriptor.number) else { throw .outOfMemory }
    _ = descriptor.give()
    self.stream = stream
  }

  deinit { closedir(stream) }
}
