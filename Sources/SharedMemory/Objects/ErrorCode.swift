/// The Win32 error numbers that Moonpool reports: the one table of number, symbol and meaning.
///
/// Each is the number that `GetLastError` returns in the same situation on Windows (Microsoft's
/// "System Error Codes"; `Tests/Facts.md` says which situations). Scripts print it in parentheses.
public enum ErrorCode: Int32, CaseIterable, Sendable {
  case fileNotFound = 2
  case pathNotFound = 3
  case tooManyOpenFiles = 4
  case accessDenied = 5
  case invalidHandle = 6
  case notEnoughMemory = 8
  case invalidData = 13
  case badLength = 24
  case notSupported = 50
  case invalidParameter = 87
  case brokenPipe = 109
  case invalidName = 123
  case badPathname = 161
  case busy = 170
  case alreadyExists = 183
  case filenameTooLong = 206
  case noData = 232
  case notOwner = 288
  case tooManyPosts = 298
  case swap = 999
  case fileInvalid = 1006
  case ioDevice = 1117
  case mappedAlignment = 1132
  case commitmentLimit = 1455
  case timeout = 1460

  /// The name in `winerror.h`.
  public var symbol: String {
    switch self {
    case .fileNotFound: "ERROR_FILE_NOT_FOUND"
    case .pathNotFound: "ERROR_PATH_NOT_FOUND"
    case .tooManyOpenFiles: "ERROR_TOO_MANY_OPEN_FILES"
    case .accessDenied: "ERROR_ACCESS_DENIED"
    case .invalidHandle: "ERROR_INVALID_HANDLE"
    case .notEnoughMemory: "ERROR_NOT_ENOUGH_MEMORY"
    case .invalidData: "ERROR_INVALID_DATA"
    case .badLength: "ERROR_BAD_LENGTH"
    case .notSupported: "ERROR_NOT_SUPPORTED"
    case .invalidParameter: "ERROR_INVALID_PARAMETER"
    case .brokenPipe: "ERROR_BROKEN_PIPE"
    case .invalidName: "ERROR_INVALID_NAME"
    case .badPathname: "ERROR_BAD_PATHNAME"
    case .busy: "ERROR_BUSY"
    case .alreadyExists: "ERROR_ALREADY_EXISTS"
    case .filenameTooLong: "ERROR_FILENAME_EXCED_RANGE"
    case .noData: "ERROR_NO_DATA"
    case .notOwner: "ERROR_NOT_OWNER"
    case .tooManyPosts: "ERROR_TOO_MANY_POSTS"
    case .swap: "ERROR_SWAPERROR"
    case .fileInvalid: "ERROR_FILE_INVALID"
    case .ioDevice: "ERROR_IO_DEVICE"
    case .mappedAlignment: "ERROR_MAPPED_ALIGNMENT"
    case .commitmentLimit: "ERROR_COMMITMENT_LIMIT"
    case .timeout: "ERROR_TIMEOUT"
    }
  }

  /// The Win32 error for a kernel error, where none of Moonpool's rules knows a better one.
  package init(_ errno: Errno) {
    self =
      switch errno {
      case .notFound: .fileNotFound
      case .accessDenied, .notPermitted, .readOnlyFileSystem: .accessDenied
      case .tooManyOpenFiles, .tooManyOpenFilesInSystem: .tooManyOpenFiles
      case .outOfMemory: .notEnoughMemory
      case .noSpace: .commitmentLimit
      case .fileTooBig, .invalid: .invalidParameter
      case .exists: .alreadyExists
      case .isDirectory, .link, .noDevice: .invalidHandle
      case .notDirectory: .pathNotFound
      default: .ioDevice
      }
  }
}
