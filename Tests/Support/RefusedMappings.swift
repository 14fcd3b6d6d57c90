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
    var program: [Instruction] = [
      .load(at: 0),  // the call's number
      .jump(0x15, 9, 0, allow - 2),  // mmap?
      .load(at: 16 + 3 * 8),  // its flags
      .jump(0x45, UInt32(MAP_ANONYMOUS), 0, allow - 4),
      .load(at: 16 + 8 + 4),  // the upper half of its length
      .jump(0x25, 0, refuse - 6, 0),
      .load(at: 16 + 8),  // the lower half
      .jump(0x25, length, 0, allow - 8),
      .answer(0x0005_0000 | UInt32(ENOMEM)),
      .answer(0x7FFF_0000),
    ]
    return program.withUnsafeMutableBufferPointer { instructions in
      var whole = Program(count: UInt16(instructions.count), first: instructions.baseAddress!)
      return withUnsafePointer(to: &whole) { filter in
        let noNewPrivileges: Int32 = 38
        let setSeccomp: Int32 = 22
        let byFilter: UInt = 2
        return control(noNewPrivileges, 1, 0, 0, 0) == 0
          && control(setSeccomp, byFilter, UInt(bitPattern: filter), 0, 0) == 0
      }
    }
  }

  /// `prctl(2)`, whose variadic declaration does not reach Swift; its arguments are words.
  private typealias Control = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
  private static let control = unsafeBitCast(dlsym(nil, "prctl")!, to: Control.self)

  /// `struct sock_filter` of linux/filter.h.
  private struct Instruction {
    let code: UInt16
    let whenTrue: UInt8
    let whenFalse: UInt8
    let value: UInt32

    /// A word of `struct seccomp_data`.
    static func load(at offset: UInt32) -> Instruction {
      Instruction(code: 0x20, whenTrue: 0, whenFalse: 0, value: offset)
    }

    /// 0x15 is equal, 0x25 is greater, 0x45 has a bit of; then so many instructions are skipped.
    static func jump(
      _ code: UInt16, _ value: UInt32, _ whenTrue: UInt8, _ whenFalse: UInt8
    ) -> Instruction {
      Instruction(code: code, whenTrue: whenTrue, whenFalse: whenFalse, value: value)
    }

    static func answer(_ value: UInt32) -> Instruction {
      Instruction(code: 0x06, whenTrue: 0, whenFalse: 0, value: value)
    }
  }

  /// `struct sock_fprog`
  private struct Program {
    let count: UInt16
    let first: UnsafeMutablePointer<Instruction>
  }
}
