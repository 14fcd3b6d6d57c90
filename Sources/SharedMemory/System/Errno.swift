internal import CShm
internal import Glibc

/// An error number of the kernel: the value of `errno` after a failed call.
public struct Errno: Error, Equatable, Sendable {
  public let number: Int32

  public init(_ number: Int32) { self.number = number }

  /// The name in `errno.h`, for instance `ENOENT`; `strerrorname_np(3)`.
  public var symbol: String {
    guard let name = cshm_error_name(number) else { return "errno \(number)" }
    return String(cString: name)
  }
}

extension Errno {
  package static let notPermitted = Errno(EPERM)
  package static let notFound = Errno(ENOENT)
  package static let interrupted = Errno(EINTR)
  package static let noProcess = Errno(ESRCH)
  package static let again = Errno(EAGAIN)
  package static let outOfMemory = Errno(ENOMEM)
  package static let accessDenied = Errno(EACCES)
  package static let exists = Errno(EEXIST)
  package static let isDirectory = Errno(EISDIR)
  package static let notDirectory = Errno(ENOTDIR)
  package static let invalid = Errno(EINVAL)
  package static let tooManyOpenFiles = Errno(EMFILE)
  package static let tooManyOpenFilesInSystem = Errno(ENFILE)
  package static let noSpace = Errno(ENOSPC)
  package static let fileTooBig = Errno(EFBIG)
  package static let readOnlyFileSystem = Errno(EROFS)
  package static let noDevice = Errno(ENXIO)
  package static let link = Errno(ELOOP)
  package static let notSupported = Errno(EOPNOTSUPP)
  package static let brokenPipe = Errno(EPIPE)
  package static let connectionReset = Errno(ECONNRESET)
  package static let connectionRefused = Errno(ECONNREFUSED)
  package static let timedOut = Errno(ETIMEDOUT)
  package static let noData = Errno(ENODATA)
}
