import Glibc

/// A program of seccomp(2)'s: makes the kernel refuse system calls.
struct SystemCallFilter {
  /// For the calling thread and all that it starts, for ever: only for a process of a test's own.
  ///
  /// - Returns: false where filters are not allowed.
  static func install(_ program: [Instruction]) -> Bool {
    var program = program
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
  struct Instruction {
    let code: UInt16
    let whenTrue: UInt8
    let whenFalse: UInt8
    let value: UInt32

    /// A word of `struct seccomp_data`; 0 has the call's number.
    static func load(at offset: UInt32) -> Instruction {
      Instruction(code: 0x20, whenTrue: 0, whenFalse: 0, value: offset)
    }

    /// 0x15 is equal, 0x25 greater, 0x35 not less, 0x45 has a bit of; then so many instructions are skipped.
    static func jump(
      _ code: UInt16, _ value: UInt32, _ whenTrue: UInt8, _ whenFalse: UInt8
    ) -> Instruction {
      Instruction(code: code, whenTrue: whenTrue, whenFalse: whenFalse, value: value)
    }

    private static func answer(_ value: UInt32) -> Instruction {
      Instruction(code: 0x06, whenTrue: 0, whenFalse: 0, value: value)
    }

    static let allow = answer(0x7FFF_0000)
    static func refuse(_ error: Int32) -> Instruction { answer(0x0005_0000 | UInt32(error)) }
  }

  /// `struct sock_fprog`
  private struct Program {
    let count: UInt16
    let first: UnsafeMutablePointer<Instruction>
  }
}

/// The calls that a kernel of 2021 lacks, as that kernel answers them.
public enum OlderKernel {
  /// From here on without `futex_waitv(2)` (5.16) and attributes on tmpfs (6.6), for the calling
  /// thread and all that it starts: only in a process of a test's own.
  ///
  /// - Returns: false where filters are not allowed, or this is not the machine they are for.
  public static func begin() -> Bool {
    #if arch(x86_64)
      // setxattr and its two like, getxattr and its two like, by their numbers.
      return refuse(from: 449, to: 449, ENOSYS) && refuse(from: 188, to: 193, EOPNOTSUPP)
        && isRefused(449, ENOSYS)
    #else
      return false
    #endif
  }

  private static func refuse(from first: UInt32, to last: UInt32, _ error: Int32) -> Bool {
    SystemCallFilter.install([
      .load(at: 0), .jump(0x35, first, 0, 2), .jump(0x25, last, 1, 0), .refuse(error), .allow,
    ])
  }

  /// `syscall(2)`, with the call's arguments 0.
  private static func isRefused(_ number: Int, _ error: Int32) -> Bool {
    typealias Call = @convention(c) (Int, Int, Int, Int, Int, Int, Int) -> Int
    let call = unsafeBitCast(dlsym(nil, "syscall")!, to: Call.self)
    errno = 0
    return call(number, 0, 0, 0, 0, 0, 0) == -1 && errno == error
  }
}
