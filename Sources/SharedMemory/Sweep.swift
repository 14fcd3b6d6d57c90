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

  /// New names come first in a listing: processes that are too short for more than one slice
  /// would never come to the old ones, so each begins somewhere else.
  private static func begun(
    _ directory: Namespace.Directory, skips: Bool, _ system: System
  ) -> DirectoryStream? {
    guard let stream = try? system.stream(in: directory.number) else { return nil }
    let skipped = skips ? Int.random(in: 0..<8) * slice : 0
    if skipped == 0 { return stream }
    let passed = (try? system.entries(stream, limit: skipped))?.count ?? 0
    return passed < skipped ? try? system.stream(in: directory.number) : consume stream
  }

  private mutating func run(
    _ namespace: Namespace, _ directory: Namespace.Directory, limit: Int
  ) {
    let system = namespace.system.forSweeps
    if stream == nil { stream = Self.begun(directory, skips: limit != .max, system) }
    guard let open = stream.take(), let files = try? system.entries(open, limit: limit) else {
      return
    }
    if files.count == limit { stream = consume open }
    for file in files {
      _ = try? Lifetime.reap(System.path(file), in: directory, system)
    }
  }
}
