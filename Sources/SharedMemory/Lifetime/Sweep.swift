/// Removes what killed processes left behind, a slice at a time.
///
/// A dead name is harmless (`open` never finds it), but it occupies memory. So every `create` and
/// `open` first looks at up to `slice` entries of its namespace. It spends no more than a fortieth
/// of the process's time on that and rests at least 10 ms between two looks, so that an operation
/// costs the same with ten names as with a hundred thousand.
///
/// What a process that was killed in `create` had half made needs no sweep: it has no name yet
/// (`LifetimeRules`, step c1), and the kernel frees it.
struct Sweep: ~Copyable, Sendable {
  private var stream: DirectoryStream?
  private var due: Int64 = 0

  private static let slice = 64
  private static let rest: Int64 = 10_000_000

  init() { stream = nil }

  /// Looks at the next slice if it is time. Failures are ignored: the operation will meet them.
  mutating func advance(_ namespace: Namespace, _ directory: Namespace.Directory) {
    let begun = System.now
    if begun < due { return }
    run(namespace, directory, limit: Self.slice)
    let ended = System.now
    due = ended + max(Self.rest, 40 * (ended - begun))
  }

  /// Looks at all entries now, because memory is short.
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
    // A listing begins with the newest names. Processes too short-lived for a second slice would
    // never reach the old ones, so each starts at a random place.
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
