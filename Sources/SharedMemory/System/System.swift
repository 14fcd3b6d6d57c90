internal import CShm
internal import Glibc

/// One call of the operating system, as an observer sees it.
package struct SystemCall: Sendable {
  /// The function's name in section 2 of the manual.
  package let name: String
  /// Its arguments as `strace` prints them.
  package let arguments: String
}

/// Watches a `System`: `--explain` prints its calls, and tests make them fail.
package protocol SystemObserver: AnyObject, Sendable {
  /// Does the observer also want calls that belong to nobody's operation: removing what others left
  /// behind, searching for servers?
  var seesSweeps: Bool { get }
  /// The next calls belong to this step of the lifetime protocol; nil: to none.
  func step(_ step: LifetimeStep?)
  /// A step has its answer.
  func answer(_ step: LifetimeStep, _ yes: Bool)
  /// Called before a call. An error number makes the call fail with it, without being made.
  func before(_ call: SystemCall) -> Errno?
  /// Called after a call, with its result or error number.
  func after(_ call: SystemCall, _ result: Result<Int, Errno>)
}

extension SystemObserver {
  package func answer(_ step: LifetimeStep, _ yes: Bool) {}
}

/// The one place in this library that calls the operating system and reads `errno`.
///
/// Each method is the system call named in its comment; calls that a signal interrupts are repeated
/// unless noted. Without an observer a method costs its call and one branch. Each throws the call's
/// error.
package struct System: Sendable {
  package var observer: (any SystemObserver)?

  package init(observer: (any SystemObserver)? = nil) { self.observer = observer }

  /// The same system for `Sweep`, whose calls belong to nobody's operation; observers may ignore
  /// it.
  var forSweeps: System { observer.map { $0.seesSweeps } ?? true ? self : System() }

  /// - Parameter repeating: repeat a call that a signal interrupts; if false, it throws EINTR.
  @inline(__always)
  func call(
    _ name: @autoclosure () -> String, _ arguments: @autoclosure () -> String,
    repeating: Bool = true, _ body: () -> Int
  ) throws(Errno) -> Int {
    if let observer {
      return try observed(
        observer, SystemCall(name: name(), arguments: arguments()), repeating, body)
    }
    return try Self.done(repeating, body)
  }

  private func observed(
    _ observer: any SystemObserver, _ call: SystemCall, _ repeating: Bool, _ body: () -> Int
  ) throws(Errno) -> Int {
    let result: Result<Int, Errno>
    if let injected = observer.before(call) {
      result = .failure(injected)
    } else {
      do throws(Errno) { result = .success(try Self.done(repeating, body)) } catch {
        result = .failure(error)
      }
    }
    observer.after(call, result)
    return try result.get()
  }

  @inline(__always)
  private static func done(_ repeating: Bool, _ body: () -> Int) throws(Errno) -> Int {
    while true {
      let result = body()
      if result != -1 { return result }
      let number = errno
      if number != EINTR || !repeating { throw Errno(number) }
    }
  }

  @inline(__always)
  package func entering(_ step: LifetimeStep?) { observer?.step(step) }
}

// MARK: - Files and directories

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
    var chunk = [UInt8](repeating: 0, count: min(limit, 65536))
    while bytes.count < limit {
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

// MARK: - Locks

extension System {
  package enum LockType: Sendable { case unlock, read, write }

  /// A range of lock bytes, far past the end of any file.
  package struct LockRange: Sendable {
    package let start: Int64
    package let length: Int64
  }

  /// `fcntl(2)` with `F_OFD_SETLK`: false when another description's lock refuses it.
  package func lock(
    _ descriptor: borrowing Descriptor, _ type: LockType, _ range: LockRange
  ) throws(Errno) -> Bool {
    let fd = descriptor.number
    do throws(Errno) {
      _ = try call("fcntl", "\(fd), F_OFD_SETLK, \(Self.text(type, range))") {
        Int(cshm_lock(fd, type.raw, range.start, range.length))
      }
      return true
    } catch {
      if error == .again || error == .accessDenied { return false }
      throw error
    }
  }

  /// `fcntl(2)` with `F_OFD_GETLK`: would another description's lock refuse this one?
  package func conflicts(
    _ descriptor: borrowing Descriptor, _ type: LockType, _ range: LockRange
  ) throws(Errno) -> Bool {
    let fd = descriptor.number
    return try call("fcntl", "\(fd), F_OFD_GETLK, \(Self.text(type, range))") {
      Int(cshm_lock_conflict(fd, type.raw, range.start, range.length))
    } == 1
  }

  /// The same, but returns the lock that would refuse it.
  package func conflict(
    _ descriptor: borrowing Descriptor, _ type: LockType, _ range: LockRange
  ) throws(Errno) -> (isWrite: Bool, range: LockRange)? {
    let fd = descriptor.number
    var met = cshm_met_lock()
    let isMet = try call("fcntl", "\(fd), F_OFD_GETLK, \(Self.text(type, range))") {
      Int(cshm_lock_met(fd, type.raw, range.start, range.length, &met))
    }
    return isMet == 1 ? (met.is_write, LockRange(start: met.start, length: met.length)) : nil
  }
}

extension System.LockType {
  fileprivate var raw: cshm_lock_type {
    switch self {
    case .unlock: CSHM_UNLOCK
    case .read: CSHM_READ
    case .write: CSHM_WRITE
    }
  }
}

// MARK: - Memory

extension System {
  /// A window mapped by the kernel: its address, its length in whole pages, and its SIGBUS guard.
  package struct Mapping: @unchecked Sendable {
    package let base: UnsafeMutableRawPointer
    package let length: Int
    let guardian: UnsafeMutablePointer<cshm_window>
  }

  package static var pageSize: Int { Int(getpagesize()) }

  /// `mmap(2)`, shared or copy-on-write, under the SIGBUS guard.
  package func map(
    _ descriptor: borrowing Descriptor, offset: Int, length: Int, _ access: Access
  ) throws(Errno) -> Mapping {
    let fd = descriptor.number
    let protection = access == .read ? PROT_READ : PROT_READ | PROT_WRITE
    let sharing = access == .copy ? MAP_PRIVATE : MAP_SHARED
    var base: UnsafeMutableRawPointer?
    _ = try call(
      "mmap",
      "NULL, \(length), \(access == .read ? "PROT_READ" : "PROT_READ|PROT_WRITE"), "
        + "\(access == .copy ? "MAP_PRIVATE" : "MAP_SHARED"), \(fd), \(offset)"
    ) {
      base = mmap(nil, length, protection, sharing, fd, offset)
      return base == MAP_FAILED ? -1 : 0
    }
    guard let base else { throw .outOfMemory }
    let pages = (length + Self.pageSize - 1) & ~(Self.pageSize - 1)
    guard let guardian = cshm_guard(base, pages, protection) else {
      let failure = Errno(errno)
      munmap(base, length)
      throw failure
    }
    return Mapping(base: base, length: length, guardian: guardian)
  }

  /// `munmap(2)`.
  package func unmap(_ mapping: Mapping) {
    cshm_unguard(mapping.guardian)
    _ = try? call(
      "munmap",
      "0x\(String(UInt(bitPattern: mapping.base), radix: 16)), "
        + "\(mapping.length)"
    ) { Int(munmap(mapping.base, mapping.length)) }
  }

  /// `clock_nanosleep(2)` on the monotonic clock.
  package func sleep(microseconds: Int) {
    var time = timespec(
      tv_sec: microseconds / 1_000_000, tv_nsec: microseconds % 1_000_000 * 1000)
    var left = timespec()
    _ = try? call("clock_nanosleep", "CLOCK_MONOTONIC, 0, \(microseconds) µs") {
      while clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &left) == EINTR { time = left }
      return 0
    }
  }

  /// `clock_gettime(2)` of the monotonic clock, in nanoseconds; no system call (vDSO).
  package static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

// MARK: - The process

extension System {
  /// `geteuid(2)`: the user whose objects `Local\` means.
  package static var user: UInt32 { geteuid() }

  /// `atexit(3)`.
  static func atExit(_ body: @escaping @convention(c) () -> Void) { atexit(body) }

  /// No child is forked from here until `releaseForks`. Stands on `pthread_atfork(3)`, which fails
  /// at its first call or never; see `CShmClaims.h`.
  static func holdForks() throws(Errno) {
    if cshm_hold_forks() < 0 { throw Errno(errno) }
  }

  static func releaseForks() { cshm_release_forks() }

  /// `getpid(2)`.
  package static var process: Int32 { getpid() }

  /// `stat(2)` of a process's pid namespace: returns its inode; 0: unknown.
  static func processNamespace(of process: String = "self") -> UInt64 {
    var raw = stat()
    return stat("/proc/\(process)/ns/pid", &raw) == 0 ? UInt64(raw.st_ino) : 0
  }

  /// `getenv(3)`.
  package static func environment(_ name: String) -> [UInt8]? {
    guard let value = getenv(name) else { return nil }
    return Array(
      UnsafeBufferPointer(start: value, count: strlen(value)).map(UInt8.init(bitPattern:)))
  }

  /// `getpwuid_r(3)`: a user's name, for messages.
  package static func userName(_ user: UInt32) -> String {
    var entry = passwd()
    var buffer = [CChar](repeating: 0, count: 4096)
    var found: UnsafeMutablePointer<passwd>?
    guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil,
      let name = entry.pw_name
    else { return "uid \(user)" }
    return String(cString: name)
  }

  /// The user's name and number, for messages to people who have to find that user.
  package static func userText(_ user: UInt32) -> String {
    let name = userName(user)
    return name == "uid \(user)" ? name : "\(name) (uid \(user))"
  }

  package static func path(_ text: String) -> [CChar] { Array(text.utf8CString) }

  package static func path(_ bytes: some Collection<UInt8>) -> [CChar] {
    var path: [CChar] = []
    path.reserveCapacity(bytes.count + 1)
    for byte in bytes { path.append(CChar(bitPattern: byte)) }
    path.append(0)
    return path
  }

  /// The directory itself, as a path relative to its descriptor.
  static let dot = path(".")
  private static let procFolder = path("/proc/self/fd/").dropLast()

  private static func procPath(_ number: Int32) -> [CChar] {
    var digits: [CChar] = []
    var rest = number
    repeat {
      digits.append(CChar(UInt8(ascii: "0")) + CChar(rest % 10))
      rest /= 10
    } while rest > 0
    var path: [CChar] = []
    path.reserveCapacity(procFolder.count + digits.count + 1)
    path += procFolder
    path += digits.reversed()
    path.append(0)
    return path
  }
}

// MARK: - Arguments as text, for observers

extension System {
  static func text(_ directory: Int32) -> String {
    directory == AT_FDCWD ? "AT_FDCWD" : "\(directory)"
  }

  static func text(_ path: [CChar]) -> String {
    "\"\(shown(path.dropLast().map(UInt8.init(bitPattern:))))\""
  }

  fileprivate static func text(_ type: LockType, _ range: LockRange) -> String {
    let name =
      switch type {
      case .unlock: "F_UNLCK"
      case .read: "F_RDLCK"
      case .write: "F_WRLCK"
      }
    return "{\(name), \(LifetimeLock.text(range))}"
  }
}
