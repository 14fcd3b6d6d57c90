package import SharedMemory

/// Why a server gave no usable answer.
package enum WineFailure: Error {
  /// Nothing came in time.
  case silent
  /// It ended, or closed the connection, before it answered.
  case ended
  /// The answer does not fit the request.
  case strange(String)
  /// Its table of names does not contain the request.
  case unknown(WineRequest)
  /// It refused with this NTSTATUS.
  case refused(UInt32)
  case system(Errno)
}

/// The NTSTATUS values that a request for memory may get as an answer, as Win32 error numbers
/// (wine's dlls/ntdll/error.c).
enum WineStatus {
  static let success: UInt32 = 0
  static let nameExists: UInt32 = 0x4000_0000
  static let noMoreEntries: UInt32 = 0x8000_001A
  static let notFound: UInt32 = 0xC000_0034

  static func code(_ status: UInt32) -> ErrorCode {
    switch status {
    case notFound: .fileNotFound
    case 0xC000_003A: .pathNotFound
    case 0xC000_0022: .accessDenied
    case 0xC000_0024, 0xC000_0008: .invalidHandle
    case 0xC000_0033, 0xC000_003B: .invalidName
    case 0xC000_0035: .alreadyExists
    case 0xC000_000D, 0xC000_0040: .invalidParameter
    case 0xC000_0017: .notEnoughMemory
    case 0xC000_007F: .commitmentLimit
    case 0xC000_011E: .fileInvalid
    case 0xC000_011F: .tooManyOpenFiles
    default: .ioDevice
    }
  }
}

extension WineServer {
  /// The error for an operation that the server did not perform.
  func error(
    _ failure: WineFailure, _ operation: String, _ object: String, version: String = ""
  ) -> SharedMemoryError {
    let server = "the wineserver of \(prefixText) (process \(process))"
    func error(_ code: ErrorCode, errno: Errno? = nil, _ advice: String) -> SharedMemoryError {
      SharedMemoryError(code, errno: errno, operation, object, advice)
    }
    let wine = version.isEmpty ? "of unknown version" : version
    return switch failure {
    case .silent:
      error(
        .busy,
        "\(server) did not answer within a second; it may be stopped (kill -CONT \(process)) or "
          + "busy")
    case .ended:
      error(
        .busy, "\(server) ended, or cut the connection, in the middle of the request; try again")
    case .strange(let what):
      error(.notSupported, "this wine is unknown: \(wine): \(server) \(what)")
    case .unknown(let request):
      error(
        .notSupported,
        "this wine is unknown: \(wine): its table of requests has no \(request.rawValue)")
    case .refused(let status): refusal(status, error)
    case .system(let errno): systemError(errno, server, error)
    }
  }

  private func refusal(
    _ status: UInt32, _ error: (ErrorCode, Errno?, String) -> SharedMemoryError
  ) -> SharedMemoryError {
    let code = WineStatus.code(status)
    let advice =
      switch code {
      case .fileNotFound:
        "no Windows program in \(prefixText) has a section of this name; start the one that "
          + "creates it first"
      case .invalidHandle: "the name belongs to another type of object there"
      case .accessDenied: "the section's creator does not let us in"
      case .alreadyExists: "a Windows object of this name exists in \(prefixText)"
      default: "wine refused with NT status 0x\(String(status, radix: 16, uppercase: true))"
      }
    return error(code, nil, advice)
  }

  private func systemError(
    _ errno: Errno, _ server: String, _ error: (ErrorCode, Errno?, String) -> SharedMemoryError
  ) -> SharedMemoryError {
    switch errno {
    case .notFound:
      error(.fileNotFound, errno, "\(server) has ended; start the Windows program again")
    case .accessDenied, .notPermitted:
      error(.accessDenied, errno, "/proc/\(process) is closed to us, and with it \(server)")
    default: error(ErrorCode(errno), errno, "the kernel refused to let us ask \(server)")
    }
  }
}
