import Glibc
import Synchronization

/// What the workers and their overseer tell each other: words of shared memory that has nothing to
/// do with the library under test.
///
/// Every word is one sequentially consistent atomic. A worker writes its own words, before it
/// begins and after it has ended something; the overseer clears the words of a worker whose end
/// it has seen. So what a worker claims to hold while it is neither doomed nor cleared is held.
struct Ledger: @unchecked Sendable {
  static let names = 4
  static let workers = 8

  typealias Word = Atomic<UInt64>

  /// Words of the whole run.
  enum Common: Int {
    case stop, violations, longest, arrived, phase, newInRound, size
  }

  /// What happened, counted.
  enum Event: Int, CaseIterable {
    case created, opened, notFound, exists, busy, closed, verified, mapped, quiet
    /// Only of races: `create` found the object.
    case shared
  }

  /// Words of each name.
  enum OfName: Int, CaseIterable {
    /// The last incarnation number handed out, only to who holds a new object.
    case numbered
    /// The newest incarnation that was seen in an object.
    case newest
    /// Acquisitions begun.
    case begun
  }

  /// Words of each worker.
  enum OfWorker: Int, CaseIterable {
    /// It is at work.
    case ready
    /// The overseer is about to kill it.
    case doomed
  }

  private let words: UnsafeMutablePointer<Word>

  private static let events = 16
  private static let nameWords = 32
  private static let workerWords = 64
  private static let count = 1024

  /// Shared with all that are forked from here; the pages stay until the last of them ends.
  init() {
    let base = mmap(
      nil, Self.count * 8, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
    guard let base, base != MAP_FAILED else { fatalError("no memory for the ledger") }
    words = base.bindMemory(to: Word.self, capacity: Self.count)
  }

  subscript(_ word: Common) -> UnsafeMutablePointer<Word> { words + word.rawValue }

  subscript(_ event: Event) -> UnsafeMutablePointer<Word> { words + Self.events + event.rawValue }

  subscript(_ word: OfName, name: Int) -> UnsafeMutablePointer<Word> {
    words + Self.nameWords + name * OfName.allCases.count + word.rawValue
  }

  subscript(_ word: OfWorker, worker: Int) -> UnsafeMutablePointer<Word> {
    words + Self.workerWords + worker * 16 + word.rawValue
  }

  /// Not 0: the worker may hold this name, as it tries to or does.
  func possible(_ worker: Int, _ name: Int) -> UnsafeMutablePointer<Word> {
    words + Self.workerWords + worker * 16 + 2 + name
  }

  /// Not 0: the worker surely holds this name: its claim's number, and the incarnation below.
  func held(_ worker: Int, _ name: Int) -> UnsafeMutablePointer<Word> {
    words + Self.workerWords + worker * 16 + 8 + name
  }

  func count(_ event: Event) { self[event].add(1) }

  /// Does it, and remembers how long the longest took.
  func timed<Value: ~Copyable, Failure>(
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let begun = now()
    defer { self[.longest].raise(to: now() - begun) }
    return try body()
  }

  func violation(_ text: String) {
    self[.violations].add(1)
    let line = "violation: \(text)\n"
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  }
}

extension UnsafeMutablePointer where Pointee == Atomic<UInt64> {
  var value: UInt64 { pointee.load(ordering: .sequentiallyConsistent) }

  func set(_ value: UInt64) { pointee.store(value, ordering: .sequentiallyConsistent) }

  @discardableResult
  func add(_ value: UInt64) -> UInt64 {
    pointee.wrappingAdd(value, ordering: .sequentiallyConsistent).newValue
  }

  func raise(to value: UInt64) { pointee.max(value, ordering: .sequentiallyConsistent) }

  /// - Returns: what the word is afterwards: `value`, or what was there before.
  func setIfZero(_ value: UInt64) -> UInt64 {
    let (done, found) = pointee.compareExchange(
      expected: 0, desired: value, ordering: .sequentiallyConsistent)
    return done ? value : found
  }
}

/// SplitMix64: the same seed gives the same choices.
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}

/// Nanoseconds of the monotonic clock.
func now() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
