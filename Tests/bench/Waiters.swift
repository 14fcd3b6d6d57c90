import Glibc
import SharedMemory
import TestSupport

/// What 400 processes cost that wait for one object and get nothing: in percent of a core, and how
/// often each of them wakes. Once they have waited for a while, as then they sleep for long.
func measureWaiters(_ report: inout Report) {
  let count = 400
  for (kind, percent) in [(Waited.event, 1.0), (.mutex, 1), (.either, 2)] {
    let child = Child("\(Places.binaries)/bench", ["idle", "\(kind)", "\(count)"], input: .open)
    precondition(child.wait() == 0, child.complained)
    let words = child.printed.split { " \n".contains($0) }.compactMap { Double($0) }
    report.add(
      "\(count) waiters for \(kind.text) / 1 % of a core", ours: words[0], bare: 1, budget: percent,
      unit: "%")
    report.add(
      "wake-ups of each, for \(kind.text) / one", ours: words[1], bare: 1, budget: 2, unit: "/ s")
  }
}

enum Waited: String {
  case event, mutex, either

  var text: String { self == .either ? "any of a mutex and an event" : "a \(rawValue)" }
}

/// `bench idle KIND COUNT`: makes the objects, starts the waiters, and prints both figures.
func idle(_ kind: Waited, _ count: Int) {
  let word = Places.unique("idle")
  let session = Session(named: word)
  let event = try! NamedEvent.create("event", in: session)
  let mutex = try! NamedMutex.create("mutex", in: session)
  precondition(try! mutex.lock() == .locked)
  let waiters = (0..<count).map { _ in
    forked { waitInVain(for: kind, in: Session(named: word)) }
  }
  // Their slices grow for a second and a quarter.
  sleep(UInt32(6 + count / 100))
  let (before, begun) = (waiters.map(Spent.init), monotonicNow())
  sleep(5)
  let (after, ended) = (waiters.map(Spent.init), monotonicNow())
  for waiter in waiters { kill(waiter, SIGKILL) }
  for waiter in waiters { _ = TestSupport.ended(waiter) }
  let seconds = Double(ended - begun) / 1e9
  let cpu = zip(after, before).reduce(0.0) { $0 + Double($1.0.nanoseconds - $1.1.nanoseconds) }
  let sleeps = zip(after, before).reduce(0) { $0 + $1.0.sleeps - $1.1.sleeps }
  print(cpu / 1e9 / seconds * 100, Double(sleeps) / seconds / Double(count))
  withExtendedLifetime((event, mutex)) {}
}

private func waitInVain(for kind: Waited, in session: Session) {
  let event = try! NamedEvent.open("event", in: session)
  switch kind {
  case .event: _ = try! event.wait()
  case .mutex: _ = try! NamedMutex.open("mutex", in: session).lock()
  case .either: _ = try! Waiting.any([try! NamedMutex.open("mutex", in: session), event])
  }
}

/// What a process has used so far.
private struct Spent {
  let nanoseconds: Int
  /// How often it went to sleep by itself.
  let sleeps: Int

  init(_ process: pid_t) {
    func lines(_ file: String) -> [Substring] {
      let stream = fopen("/proc/\(process)/\(file)", "r")
      defer { if let stream { fclose(stream) } }
      var bytes = [UInt8](repeating: 0, count: 8192)
      let count = stream.map { fread(&bytes, 1, bytes.count, $0) } ?? 0
      return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n")
    }
    nanoseconds = lines("schedstat").first?.split(separator: " ").first.flatMap { Int($0) } ?? 0
    let name = "voluntary_ctxt_switches:"
    sleeps =
      lines("status").first { $0.hasPrefix(name) }.flatMap { line in
        Int(line.dropFirst(name.count).filter { !$0.isWhitespace })
      } ?? 0
  }
}
