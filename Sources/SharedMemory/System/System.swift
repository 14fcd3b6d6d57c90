internal import CShm
internal import Glibc

/// One call of the operating system, as an observer sees it.
package struct SystemCall: Sendable {
  /// The function's name in section 2 of the manual.
  package let name: String
  /// Its arguments as `strace` prints them.
  package let arguments: String
}

/// Watches a `System`: `--explain` prints its calls, and tests make them fail.
package protocol SystemObserver: AnyObject, Sendable {
  /// Does the observer also want calls that belong to nobody's operation: removing what others left
  /// behind, searching for servers?
  var seesSweeps: Bool { get }
  /// The next calls belong to this step of the lifetime protocol; nil: to none.
  func step(_ step: LifetimeStep?)
  /// A step has its answer.
  func answer(_ step: LifetimeStep, _ yes: Bool)
  /// Called before a call. An error number makes the call fail with it, without being made.
  func before(_ call: SystemCall) -> Errno?
  /// Called after a call, with its result or error number.
  func after(_ call: SystemCall, _ result: Result<Int, Errno>)
}

extension SystemObserver {
  package func answer(_ step: LifetimeStep, _ yes: Bool) {}
}

/// The one place in this library that calls the operating system and reads `errno`.
///
/// Each method is the system call named in its comment; calls that a signal interrupts are repeated
/// unless noted. Without an observer a method costs its call and one branch. Each throws the call's
/// error.
package struct System: Sendable {
  package var observer: (any SystemObserver)?

  package init(observer: (any SystemObserver)? = nil) { self.observer = observer }

  /// The same system for `Sweep`, whose calls belong to nobody's operation; observers may ignore
  /// it.
  var forSweeps: System { observer.map { $0.seesSweeps } ?? true ? self : System() }

  /// - Parameter repeating: repeat a call that a signal interrupts; if false, it throws EINTR.
  @inline(__always)
  func call(
    _ name: @autoclosure () -> String, _ arguments: @autoclosure () -> String,
    repeating: Bool = true, _ body: () -> Int
  ) throws(Errno) -> Int {
    if let observer {
      return try observed(
        observer, SystemCall(name: name(), arguments: arguments()), repeating, body)
    }
    return try Self.done(repeating, body)
  }

  private func observed(
    _ observer: any SystemObserver, _ call: SystemCall, _ repeating: Bool, _ body: () -> Int
  ) throws(Errno) -> Int {
    let result: Result<Int, Errno>
    if let injected = observer.before(call) {
      result = .failure(injected)
    } else {
      do throws(Errno) { result = .success(try Self.done(repeating, body)) } catch {
        result = .failure(error)
      }
    }
    observer.after(call, result)
    return try result.get()
  }

  @inline(__always)
  private static func done(_ repeating: Bool, _ body: () -> Int) throws(Errno) -> Int {
    while true {
      let result = body()
      if result != -1 { return result }
      let number = errno
      if number != EINTR || !repeating { throw Errno(number) }
    }
  }

  @inline(__always)
  package func entering(_ step: LifetimeStep?) { observer?.step(step) }
}

// MARK: - The process

extension System {
  /// `geteuid(2)`: the user whose objects `Local\` means.
  package static var user: UInt32 { geteuid() }

  /// `atexit(3)`, and `quick_exit(3)` for who ends by that.
  static func atExit(_ body: @escaping @convention(c) () -> Void) {
    atexit(body)
    at_quick_exit(body)
  }

  /// No child is forked from here until `releaseForks`. Stands on `pthread_atfork(3)`, which fails
  /// at its first call or never; see `CShmClaims.h`.
  static func holdForks() throws(Errno) {
    if cshm_hold_forks() < 0 { throw Errno(errno) }
  }

  static func releaseForks() { cshm_release_forks() }

  /// `getpid(2)`.
  package static var process: Int32 { getpid() }

  /// `stat(2)` of a process's pid namespace: returns its inode; 0: unknown.
  static func processNamespace(of process: String = "self") -> UInt64 {
    var raw = stat()
    return stat("/proc/\(process)/ns/pid", &raw) == 0 ? UInt64(raw.st_ino) : 0
  }

  /// `getenv(3)`.
  package static func environment(_ name: String) -> [UInt8]? {
    guard let value = getenv(name) else { return nil }
    return Array(
      UnsafeBufferPointer(start: value, count: strlen(value)).map(UInt8.init(bitPattern:)))
  }

  /// `getpwuid_r(3)`: a user's name, for messages.
  package static func userName(_ user: UInt32) -> String {
    var entry = passwd()
    var buffer = [CChar](repeating: 0, count: 4096)
    var found: UnsafeMutablePointer<passwd>?
    guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil,
      let name = entry.pw_name
    else { return "uid \(user)" }
    return String(cString: name)
  }

  /// The user's name and number, for messages to people who have to find that user.
  package static func userText(_ user: UInt32) -> String {
    let name = userName(user)
    return name == "uid \(user)" ? name : "\(name) (uid \(user))"
  }

  package static func path(_ text: String) -> [CChar] { Array(text.utf8CString) }

  package static func path(_ bytes: some Collection<UInt8>) -> [CChar] {
    var path: [CChar] = []
    path.reserveCapacity(bytes.count + 1)
    for byte in bytes { path.append(CChar(bitPattern: byte)) }
    path.append(0)
    return path
  }

  /// The directory itself, as a path relative to its descriptor.
  static let dot = path(".")
  private static let procFolder = path("/proc/self/fd/").dropLast()

  static func procPath(_ number: Int32) -> [CChar] {
    var digits: [CChar] = []
    var rest = number
    repeat {
      digits.append(CChar(UInt8(ascii: "0")) + CChar(rest % 10))
      rest /= 10
    } while rest > 0
    var path: [CChar] = []
    path.reserveCapacity(procFolder.count + digits.count + 1)
    path += procFolder
    path += digits.reversed()
    path.append(0)
    return path
  }
}

// MARK: - Arguments as text, for observers

extension System {
  static func text(_ directory: Int32) -> String {
    directory == AT_FDCWD ? "AT_FDCWD" : "\(directory)"
  }

  static func text(_ path: [CChar]) -> String {
    "\"\(shown(path.dropLast().map(UInt8.init(bitPattern:))))\""
  }
}
