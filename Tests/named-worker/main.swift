// named-worker SESSION COMMAND ARGUMENTS: one process of a test of named objects.
//
//   hold MUTEX              locks it, says "held", and stays
//   lock MUTEX MS           locks it for at most so long, says how that ended, and exits holding it
//   wait EVENT MS           says how it ended
//   count MUTEX MEMORY N    N times: lock, add one to the number in memory, unlock
//   locks MUTEX MS          locks and unlocks for so long, says how often
//   plain MEMORY MS         the same with a process-shared pthread mutex in memory
//   flip OBJECT N           overwrites N words of the object with random values

import Glibc
import SharedMemory

setlinebuf(stdout)
let arguments = CommandLine.arguments.dropFirst().map { $0 }
guard arguments.count >= 3 else {
  print("usage: named-worker SESSION COMMAND ARGUMENTS")
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

func memory(_ name: String) throws -> View {
  try MemoryObject.open(name, in: session).map()
}

func count() throws {
  let (mutex, memory) = (try mutex(), try memory(arguments[3]))
  let counter = memory.base.assumingMemoryBound(to: UInt64.self)
  for _ in 0..<number(4) {
    _ = try mutex.lock()
    counter.pointee += 1
    try mutex.unlock()
  }
  print("counted")
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
  print("flipped")
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
  print("held")
  while true { pause() }
case "lock":
  let mutex = try mutex()
  print(try mutex.lock(timeout: .milliseconds(number(3))))
  exit(0)
case "wait":
  let event = try NamedEvent.create(arguments[2], in: session)
  print("waiting")
  print(try event.wait(timeout: .milliseconds(number(3))))
case "count": try count()
case "locks":
  let mutex = try mutex()
  print(
    try rate(number(3)) {
      _ = try mutex.lock()
      try mutex.unlock()
    })
case "plain":
  let lock = try memory(arguments[2]).base.assumingMemoryBound(to: pthread_mutex_t.self)
  print(
    rate(number(3)) {
      pthread_mutex_lock(lock)
      pthread_mutex_unlock(lock)
    })
case "flip": try flip()
default: exit(64)
}
