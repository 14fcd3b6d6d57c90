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
    if stream == nil { stream = try? system.stream(in: directory.number) }
    guard let open = stream.take(), let files = try? system.entries(open, limit: limit) else {
      return
    }
    if files.count == limit { stream = consume open }
    let removed = files.count {
      (try? Lifetime.reap(System.path($0), in: directory, system)) == true
    }
    if removed > 0 { namespace.removeIfTemporary(system) }
  }
}
