/// Removes what killed processes left, a slice at a time.
///
/// A dead name is harmless (`open` never finds it) but its memory is not free. Every `create` and
/// `open` therefore first looks at up to `slice` entries of its namespace, but spends no more
/// than a fortieth of the process's time on it and rests at least 10 ms between two looks, so
/// that an operation costs the same with ten names as with a hundred thousand.
struct Sweep: ~Copyable, Sendable {
  private var stream: DirectoryStream?
  private var due: Int64 = 0

  private static let slice = 64
  private static let rest: Int64 = 10_000_000

  init() { stream = nil }

  /// Looks at the next slice if it is time; failures are for the operation itself to meet.
  mutating func advance(_ namespace: Namespace, _ directory: Namespace.Directory) {
    let begun = System.now
    if begun < due { return }
    run(namespace, directory, limit: Self.slice)
    let ended = System.now
    due = ended + max(Self.rest, 40 * (ended - begun))
  }

  /// Looks at everything, now: memory is short.
  mutating func complete(_ namespace: Namespace, _ directory: Namespace.Directory) {
    stream = nil
    run(namespace, directory, limit: .max)
  }

  private mutating func run(
    _ namespace: Namespace, _ directory: Namespace.Directory, limit: Int
  ) {
    let system = namespace.system.forSweeps
    let isFresh = stream == nil
    if isFresh { stream = try? system.stream(in: directory.number) }
    guard let open = stream.take(), var files = try? system.entries(open, limit: limit) else {
      return
    }
    // New names come first in a listing: processes that are too short for a second slice would
    // never come to the old ones, so each begins somewhere else.
    var skips = isFresh && files.count == limit ? Int.random(in: 0..<8) : 0
    while skips > 0, let further = try? system.entries(open, limit: limit), !further.isEmpty {
      files = further
      skips = further.count == limit ? skips - 1 : 0
    }
    if files.count == limit { stream = consume open }
    for file in files {
      _ = try? Lifetime.reap(System.path(file), in: directory, system)
    }
  }
}
