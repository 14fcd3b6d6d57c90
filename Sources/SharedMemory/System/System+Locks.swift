internal import CShm
internal import Glibc

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
    try lock(descriptor.number, type, range)
  }

  /// The same for a descriptor that belongs to a claim.
  package func lock(
    _ fd: Int32, _ type: LockType, _ range: LockRange
  ) throws(Errno) -> Bool {
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

  private static func text(_ type: LockType, _ range: LockRange) -> String {
    let name =
      switch type {
      case .unlock: "F_UNLCK"
      case .read: "F_RDLCK"
      case .write: "F_WRLCK"
      }
    return "{\(name), \(LifetimeLock.text(range))}"
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
