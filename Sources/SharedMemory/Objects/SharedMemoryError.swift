/// What failed, on which object, why, and what to do next.
public struct SharedMemoryError: Error, Sendable, CustomStringConvertible {
  /// The Win32 error number.
  public let code: ErrorCode
  /// The kernel's error number, if a system call failed.
  public let errno: Errno?
  /// The call that failed: `create`, `open`, `map`, `read`, `write`, `unlink`, `list`, `find`
  /// or `examine`.
  public let operation: String
  /// The object's name as the caller wrote it; characters that must not reach a terminal appear as
  /// `\xNN` or `\u{NNNN}`.
  public let object: String
  /// The reason and the way out, one line without a full stop at its end.
  public let advice: String

  package init(
    _ code: ErrorCode, errno: Errno? = nil, _ operation: String, _ object: String,
    _ advice: String
  ) {
    self.code = code
    self.errno = errno
    self.operation = operation
    self.object = object
    self.advice = advice
  }

  /// `open Local\x: ERROR_FILE_NOT_FOUND (2, ENOENT): no process holds …`
  public var description: String {
    let number = errno.map { "\(code.rawValue), \($0.symbol)" } ?? "\(code.rawValue)"
    return "\(subject): \(code.symbol) (\(number)): \(advice)"
  }

  /// The operation and its object; a name of thousands of bytes is cut.
  private var subject: String {
    if object.isEmpty { return operation }
    let start = object.unicodeScalars.prefix(Self.shownScalars)
    let isCut = start.endIndex != object.endIndex
    return "\(operation) \(String(start))\(isCut ? "…" : "")"
  }

  private static let shownScalars = 120
}
