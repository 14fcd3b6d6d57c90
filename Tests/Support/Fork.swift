import Glibc

/// A child process that does `body` and ends; forked without exec, which takes a tenth of the time
/// of a new program. Only for processes with one thread.
///
/// A child inherits the descriptors, and with them its parent's claims on the names of all that it
/// has open: fork before anything is opened.
public func forked(_ body: () -> Void) -> pid_t {
  let child = fork()
  precondition(child >= 0, String(cString: strerror(errno)))
  if child == 0 {
    body()
    _exit(0)
  }
  return child
}

/// fork(2), which Swift hides, as most programs have threads.
private let fork: @convention(c) () -> pid_t = {
  guard let address = dlsym(dlopen(nil, RTLD_NOW), "fork") else { fatalError("no fork") }
  return unsafeBitCast(address, to: (@convention(c) () -> pid_t).self)
}()

/// Waits for a child's end: its exit status, or 128 + the signal's number.
@discardableResult
public func ended(_ child: pid_t) -> Int32 {
  var status: Int32 = 0
  while waitpid(child, &status, 0) < 0 && errno == EINTR {}
  return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
}

/// The system call that a process sleeps in; nil: it runs, or is gone.
public func callAsleep(_ process: pid_t) -> Int? {
  let file = open("/proc/\(process)/syscall", O_RDONLY | O_CLOEXEC)
  if file < 0 { return nil }
  defer { close(file) }
  var text = [UInt8](repeating: 0, count: 64)
  let count = read(file, &text, text.count)
  if count <= 0 { return nil }
  return Int(String(decoding: text[..<count].prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self))
}

/// Nanoseconds of the monotonic clock.
public func monotonicNow() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// The time that a process has spent on its own instructions, in hundredths of a second: field 14 of
/// `/proc/PID/stat`. It shows that a process has entered a long computation, which it cannot say.
public func processorTime(of process: pid_t) -> Int {
  let stat = run("/bin/cat", ["/proc/\(process)/stat"]).output
  return stat.split(separator: " ").dropFirst(13).first.flatMap { Int($0) } ?? 0
}
