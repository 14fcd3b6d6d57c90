import Glibc
import Synchronization

/// What the workers on named objects and their overseer tell each other: as `Ledger`, words that
/// have nothing to do with the library under test.
struct NamedLedger: @unchecked Sendable {
  static let workers = 4
  static let mutexes = 2
  static let permits = 3

  typealias Word = Atomic<UInt64>

  enum Common: Int {
    /// Kills that are over.
    case kills
    /// The workers shall finish what they do and wait.
    case pause
    /// The keeper shall count the permits, and has.
    case audit, permits
    /// When the last `set` of the event was begun.
    case lastSet, sets, signals
    case longest
  }

  /// What happened, counted.
  enum Event: Int, CaseIterable {
    case locked, abandoned, recursive, refused, acquired, set, signalled, both, either, timedOut
  }

  /// Words of each mutex, written by who holds it.
  enum OfMutex: Int, CaseIterable {
    /// Equal whenever nobody is inside.
    case first, second
    /// Who is inside, plus one.
    case inside
    /// `kills` when it was taken last.
    case kills
  }

  /// Words of each worker.
  enum OfWorker: Int, CaseIterable {
    case ready, doomed, paused
    /// How it stands to the semaphore.
    case permit
  }

  /// What is known of a worker's permit.
  enum Permit: UInt64 {
    case none, trying, held, releasing
  }

  private let words: UnsafeMutablePointer<Word>

  init() {
    let base = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
    guard let base, base != MAP_FAILED else { fatalError("no memory for the ledger") }
    words = base.bindMemory(to: Word.self, capacity: 512)
  }

  subscript(_ word: Common) -> UnsafeMutablePointer<Word> { words + word.rawValue }

  subscript(_ event: Event) -> UnsafeMutablePointer<Word> { words + 32 + event.rawValue }

  subscript(_ word: OfMutex, mutex: Int) -> UnsafeMutablePointer<Word> {
    words + 64 + mutex * OfMutex.allCases.count + word.rawValue
  }

  subscript(_ word: OfWorker, worker: Int) -> UnsafeMutablePointer<Word> {
    words + 128 + worker * OfWorker.allCases.count + word.rawValue
  }

  func permit(_ worker: Int) -> Permit { Permit(rawValue: self[.permit, worker].value) ?? .none }
}
