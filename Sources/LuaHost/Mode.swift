internal import SharedMemory

/// Permission bits that a script gave as an integer. Lua has no octal numbers, so a script that says
/// `mode = 644` gets 01204.
struct DecimalMode {
  let value: Int64

  /// - Throws: 87 an integer whose decimal digits look like a mode but whose bits do not.
  func check(_ name: [UInt8]?) throws(SharedMemoryError) {
    guard !Self.isUsual(value), let meant = Int64("\(value)", radix: 8), Self.isUsual(meant) else {
      return
    }
    let bits = String(value, radix: 8)
    throw SharedMemoryError(
      .invalidParameter, "create", shown(name ?? []),
      "mode = \(value) is 0\(bits) in octal; write mode = \"0\(value)\"")
  }

  /// Is it a mode that people use? Its owner may read; the group has no more rights than the owner,
  /// and others no more than the group; nobody may write what they may not read; and if anybody may
  /// execute it, everybody who may read it may.
  private static func isUsual(_ mode: Int64) -> Bool {
    guard 0...0o777 ~= mode, mode & 0o400 != 0 else { return false }
    let (owner, group, others) = (mode >> 6, mode >> 3 & 7, mode & 7)
    let narrows = group & ~owner == 0 && others & ~group == 0
    let reads = mode >> 2 & 0o111
    return narrows && mode >> 1 & 0o111 & ~reads == 0 && [0, reads].contains(mode & 0o111)
  }
}
