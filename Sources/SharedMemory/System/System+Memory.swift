internal import CShm
internal import Glibc

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
