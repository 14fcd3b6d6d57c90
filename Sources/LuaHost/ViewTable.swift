internal import SharedMemory
internal import Synchronization
internal import Wine

/// The handles and views of one interpreter, by the keys that its userdata contain.
///
/// Userdata are plain data: they name their resources by a number, and this table owns these.
package final class ViewTable: Sendable {
  /// The resources of one userdata: a handle, and a window on its object. A class, so that the
  /// table can hold values that cannot be copied.
  final class OpenView: Sendable {
    // They end in this order: first unmap, then close the handle.
    let view: View
    let object: MemoryObject
    /// For a name under Wine: what keeps the name alive.
    let section: WineSection?

    init(_ object: consuming MemoryObject, _ view: consuming View, _ section: WineSection?) {
      self.view = view
      self.object = object
      self.section = section
    }
  }

  /// Made with the first view, in a class of its own: the types of a dictionary and its keys cost a
  /// quarter of an interpreter's start. Used only under the lock.
  private final class Open: @unchecked Sendable {
    var views: [UInt64: OpenView] = [:]
    var next: UInt64 = 1
  }

  /// Unmanaged, so that its end needs no type either.
  private let open = Mutex<Unmanaged<Open>?>(nil)

  package init() {}

  deinit { open.withLock { $0?.release() } }

  private func withOpen<R>(_ body: (Open?) -> R) -> R {
    open.withLock { body($0?.takeUnretainedValue()) }
  }

  /// Adds a handle and a view. Returns their key, which is never used again.
  func insert(
    _ object: consuming MemoryObject, _ view: consuming View, of section: WineSection? = nil
  ) -> UInt64 {
    let entry = OpenView(object, view, section)
    return open.withLock { open in
      if open == nil { open = .passRetained(Open()) }
      let all = open!.takeUnretainedValue()
      let key = all.next
      all.next += 1
      all.views[key] = entry
      return key
    }
  }

  subscript(key: UInt64) -> OpenView? { withOpen { $0?.views[key] } }

  func remove(_ key: UInt64) -> OpenView? { withOpen { $0?.views.removeValue(forKey: key) } }

  /// Keys go on as before.
  func removeAll() { withOpen { $0?.views.removeAll(keepingCapacity: true) } }

  /// The number of open views; for tests.
  package var count: Int { withOpen { $0?.views.count ?? 0 } }
}
