import Glibc
import SharedMemory
import TestSupport

/// What an operation must say when one of its system calls failed: call and errno give the code.
struct FaultExpectation {
  private enum Answer {
    /// This code, and the errno that failed.
    case refused(ErrorCode)
    /// This code, whatever errno.
    case said(ErrorCode)
    /// As if nothing had failed.
    case usual
    /// No such failure exists: only that nothing is left matters.
    case any
  }

  private let answer: Answer
  private let hit: Faults.Hit
  private let usual: ErrorCode?

  init(_ hit: Faults.Hit, _ scenario: FaultScenario, persists: Bool) {
    self.hit = hit
    usual = scenario.refusal
    answer = Self.answer(hit, scenario, persists: persists)
  }

  func allows(_ refusal: SharedMemoryError?) -> Bool {
    switch answer {
    case .refused(let code): refusal?.code == code && refusal?.errno == hit.errno
    case .said(let code): refusal?.code == code
    case .usual: refusal?.code == usual
    case .any: true
    }
  }

  /// The number that Win32 has for the kernel's refusal.
  static let codes: [Int32: ErrorCode] = [
    ENOMEM: .notEnoughMemory, EMFILE: .tooManyOpenFiles, ENFILE: .tooManyOpenFiles,
    ENOSPC: .commitmentLimit, EIO: .ioDevice, ENOLCK: .ioDevice, EACCES: .accessDenied,
    EPERM: .accessDenied, EROFS: .accessDenied, ENOENT: .pathNotFound,
  ]

  private static let making: Set<LifetimeStep> = [.c1, .c2, .c3, .c5]
  private static let closing: Set<LifetimeStep> = [.x1, .x2, .x3, .x4]

  private static func answer(
    _ hit: Faults.Hit, _ scenario: FaultScenario, persists: Bool
  ) -> Answer {
    let errno = hit.errno.number
    let call = hit.call.name
    // A close says nothing: what fails there is finished by the next operation.
    if ["close", "rmdir"].contains(call) || hit.step.map(closing.contains) ?? false {
      return .usual
    }
    if scenario.operation == "close" { return .usual }
    if !exists(errno, call) { return .any }
    if scenario.operation == "list" {
      // The claims are read first: what stays so meets the namespace, too.
      let isOfClaims = hit.call.arguments.contains("/proc/locks")
      return isOfTheNamespace(hit) || isOfClaims && persists ? named(errno, .usual) : .usual
    }
    if errno == ENOSPC, hit.step.map(making.contains) ?? false, !persists {
      return .usual  // the memory of the dead is reclaimed, and it is tried again
    }
    if errno == ENOSPC, ["fallocate", "ftruncate"].contains(call), hit.step == nil, !persists {
      return .usual
    }
    if let special = special(hit, scenario) { return special }
    return .refused(codes[errno]!)
  }

  /// A listing opens and verifies the directory; whatever else fails makes it poorer.
  private static func isOfTheNamespace(_ hit: Faults.Hit) -> Bool {
    func opensNamespace(_ call: SystemCall?) -> Bool {
      call?.name == "openat" && call?.arguments.contains("/moonpool-") ?? false
    }
    let verifies = hit.call.name == "fstat" && opensNamespace(hit.previous)
    return hit.step == nil && (opensNamespace(hit.call) || verifies)
  }

  private static func named(_ errno: Int32, _ absent: Answer) -> Answer {
    errno == ENOENT ? absent : .refused(codes[errno]!)
  }

  /// Calls on a descriptor know no names, and locks are refused with EACCES by nobody.
  static func exists(_ errno: Int32, _ call: String) -> Bool {
    switch errno {
    case ENOENT: ["openat", "mkdirat", "linkat", "unlinkat", "fstatat"].contains(call)
    case EACCES, EPERM: !["fcntl", "fstat", "getdents64"].contains(call)
    default: true
    }
  }

  private static func special(_ hit: Faults.Hit, _ scenario: FaultScenario) -> Answer? {
    let errno = hit.errno.number
    let creates = scenario.operation == "create"
    if scenario.operation == "map" { return nil }
    switch (hit.call.name, hit.step) {
    case ("openat", nil)
    where errno == ENOENT && scenario.object != nil && !scenario.isRaw && hit.number <= 3:
      // The namespace's directory: made, or nobody's name is in it.
      return creates ? .usual : .said(.fileNotFound)
    case ("openat", nil) where hit.call.arguments.contains("O_TMPFILE"): return nil
    case ("openat", nil) where errno == ENOENT && scenario.isRaw && hit.number > 1:
      if scenario.operation == "open" { return .said(.fileNotFound) }
      return scenario.world == .held ? .usual : nil  // unlinked meanwhile: tried again
    case ("openat", .o1) where errno == ENOENT: return creates ? .usual : .said(.fileNotFound)
    case ("openat", .o1) where errno == EACCES: return .usual  // tried again, to read
    case ("openat", .c3) where errno == EACCES: return .usual  // after a chmod
    // Only a name that its file's cannot hold needs it.
    case ("fsetxattr", .c3) where scenario.object != FaultScenario.long: return .usual
    case ("fstatat", .o7) where errno == ENOENT, ("unlinkat", .o8) where errno == ENOENT:
      return .usual
    case ("unlinkat", .o8) where errno == EACCES || errno == EPERM:
      return creates ? .said(.accessDenied) : .usual
    case (let call, nil)
    where call.hasPrefix("fstat") && scenario.operation == "open" && scenario.world == .dead
      && hit.number > 2:
      return .usual  // is the directory itself gone? if nobody can say, it is not
    case ("unlinkat", nil) where errno == ENOENT: return .said(.fileNotFound)
    default: return nil
    }
  }

  /// May a file that nobody holds stay until the next operation?
  static func mayLeaveFile(_ hit: Faults.Hit?, _ scenario: FaultScenario) -> Bool {
    guard let hit else { return false }
    return scenario.operation == "close" || hit.call.name == "rmdir"
      || hit.step.map(closing.contains) ?? false
      || hit.step == .o1 && hit.errno.number == EACCES
  }
}
