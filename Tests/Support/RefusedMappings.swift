import Glibc

/// Makes the kernel refuse mappings, for code that must go on without them.
public enum RefusedMappings {
  /// From here on `mmap(2)` of more than `length` bytes of anonymous memory is ENOMEM for the
  /// calling thread, for ever: only for a process of a test's own. Stands on `seccomp(2)`.
  ///
  /// - Returns: false where filters are not allowed.
  public static func of(moreThan length: UInt32) -> Bool {
    let refuse: UInt8 = 8
    let allow: UInt8 = 9
    return SystemCallFilter.install([
      .load(at: 0),  // the call's number
      .jump(0x15, 9, 0, allow - 2),  // mmap?
      .load(at: 16 + 3 * 8),  // its flags
      .jump(0x45, UInt32(MAP_ANONYMOUS), 0, allow - 4),
      .load(at: 16 + 8 + 4),  // the upper half of its length
      .jump(0x25, 0, refuse - 6, 0),
      .load(at: 16 + 8),  // the lower half
      .jump(0x25, length, 0, allow - 8),
      .refuse(ENOMEM),
      .allow,
    ])
  }
}
