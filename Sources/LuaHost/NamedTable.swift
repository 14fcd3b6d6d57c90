internal import SharedMemory
internal import Synchronization

/// The events, mutexes and semaphores of one interpreter, by the keys that its userdata contain;
/// and the owner that locks mutexes for it.
///
/// As with `ViewTable`, userdata are plain data, and this table owns the objects.
package final class NamedTable: Sendable {
  /// Made with the first object, so that a script without any does not pay for the types. Used only
  /// under the lock.
  private final class Open: @unchecked Sendable {
    var objects: [UInt64: any Waitable] = [:]
    var next: UInt64 = 1
    let owner = Owner()
  }

  private let open = Mutex<Unmanaged<Open>?>(nil)

  package init() {}

  deinit { open.withLock { $0?.release() } }

  private func withOpen<R>(_ body: (Open) -> R) -> R {
    open.withLock { open in
      if open == nil { open = .passRetained(Open()) }
      return body(open!.takeUnretainedValue())
    }
  }

  /// This interpreter as an owner of mutexes, whichever handle it uses.
  var owner: Owner { withOpen { $0.owner } }

  /// Adds an object. Returns its key, which is never used again.
  func insert(_ object: any Waitable) -> UInt64 {
    withOpen { open in
      let key = open.next
      open.next += 1
      open.objects[key] = object
      return key
    }
  }

  subscript(key: UInt64) -> (any Waitable)? { withOpen { $0.objects[key] } }

  func remove(_ key: UInt64) -> (any Waitable)? {
    withOpen { $0.objects.removeValue(forKey: key) }
  }

  /// Keys go on as before.
  func removeAll() {
    open.withLock { $0?.takeUnretainedValue().objects.removeAll(keepingCapacity: true) }
  }

  /// The number of open objects; for tests.
  package var count: Int {
    open.withLock { $0?.takeUnretainedValue().objects.count ?? 0 }
  }
}
