// named-worker SESSION COMMAND ARGUMENTS: one process of a test of named objects.
//
//   hold MUTEX              locks it, says "held", and stays
//   lock MUTEX MS           locks it for at most so long, says how that ended, and exits holding it
//   wait EVENT MS           says how it ended
//   count MUTEX MEMORY N    N times: lock, add one to the number in memory, unlock
//   keep MUTEX MEMORY       makes both, a process-shared pthread mutex in memory, and stays
//   locks MUTEX MS          locks and unlocks for so long, says how often
//   plain MEMORY MS         the same with a process-shared pthread mutex in memory
//   flip OBJECT N           overwrites N words of the object with random values

import Glibc
import SharedMemory

/// At once, as somebody waits for it.
func say(_ text: Any) {
  let line = "\(text)\n"
  _ = line.withCString { write(1, $0, strlen($0)) }
}

let arguments = CommandLine.arguments.dropFirst().map { $0 }
guard arguments.count >= 3 else {
  say("usage: named-worker SESSION COMMAND ARGUMENTS")
  exit(64)
}
let session = Session(named: arguments[0])

func number(_ index: Int) -> Int { arguments.count > index ? Int(arguments[index]) ?? 0 : 0 }

func mutex() throws -> NamedMutex { try NamedMutex.create(arguments[2], in: session) }

/// Counts what the body does in so many milliseconds.
func rate(_ milliseconds: Int, _ body: () throws -> Void) rethrows -> Int {
  let end = System.now + Int64(milliseconds) * 1_000_000
  var count = 0
  while System.now < end {
    for _ in 0..<100 { try body() }
    count += 100
  }
  return count
}

/// Until somebody kills us.
func stay(_ kept: AnyObject) {
  withExtendedLifetime(kept) { while pause() < 0 {} }
}

/// A view that stays mapped until the process ends.
final class Kept {
  let view: View
  init(_ view: consuming View) { self.view = view }

  static func base(_ object: borrowing MemoryObject) throws -> UnsafeMutableRawPointer {
    Unmanaged.passRetained(Kept(try object.map())).takeUnretainedValue().view.base
  }
}

func memory(_ name: String) throws -> UnsafeMutableRawPointer {
  try Kept.base(MemoryObject.open(name, in: session))
}

func count() throws {
  let mutex = try mutex()
  let memory = try memory(arguments[3])
  let counter = memory.assumingMemoryBound(to: UInt64.self)
  for _ in 0..<number(4) {
    _ = try mutex.lock()
    counter.pointee += 1
    try mutex.unlock()
  }
  say("counted")
}

/// As a program that knows nothing of the object: through its file.
func flip() throws {
  guard let path = try mutexOrOther() else { return }
  let file = Glibc.open(path, O_RDWR | O_CLOEXEC)
  let words = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)!
    .assumingMemoryBound(to: UInt64.self)
  for _ in 0..<number(3) {
    // The state most often, and words that look like states.
    let index = Bool.random() ? 8 : Int.random(in: 0..<512)
    words[index] =
      Bool.random() ? .random(in: 0...(.max)) : .random(in: 0...1023) << 32 | .random(in: 0...7)
  }
  say("flipped")
}

func mutexOrOther() throws -> String? {
  let name = arguments[2]
  if let event = try? NamedEvent.open(name, in: session) { return event.path }
  if let semaphore = try? NamedSemaphore.open(name, in: session) { return semaphore.path }
  return try NamedMutex.open(name, in: session).path
}

switch arguments[1] {
case "hold":
  let mutex = try mutex()
  _ = try mutex.lock()
  say("held")
  stay(mutex)
case "lock":
  let mutex = try mutex()
  say(try mutex.lock(timeout: .milliseconds(number(3))))
  // No deinit: as a process that ends.
  withExtendedLifetime(mutex) { exit(0) }
case "keep":
  let mutex = try mutex()
  let object = try MemoryObject.create(arguments[3], size: 4096, in: session)
  var attributes = pthread_mutexattr_t()
  pthread_mutexattr_init(&attributes)
  pthread_mutexattr_setpshared(&attributes, Int32(PTHREAD_PROCESS_SHARED))
  pthread_mutex_init(
    try Kept.base(object).assumingMemoryBound(to: pthread_mutex_t.self), &attributes)
  say("kept")
  stay(mutex)
  object.close()
case "wait":
  let event = try NamedEvent.create(arguments[2], in: session)
  say("waiting")
  say(try event.wait(timeout: .milliseconds(number(3))))
case "count": try count()
case "locks":
  let mutex = try mutex()
  say(
    try rate(number(3)) {
      _ = try mutex.lock()
      try mutex.unlock()
    })
case "plain":
  let lock = try memory(arguments[2]).assumingMemoryBound(to: pthread_mutex_t.self)
  say(
    rate(number(3)) {
      pthread_mutex_lock(lock)
      pthread_mutex_unlock(lock)
    })
case "flip": try flip()
default: exit(64)
}
