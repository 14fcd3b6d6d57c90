internal import CLuaShm
internal import SharedMemory
internal import Synchronization

/// The handles and views of one interpreter, by the keys that its userdata hold.
///
/// Userdata are plain data: they name their resources by a number, and this table owns them.
package final class ViewTable: Sendable {
  /// What one userdata stands for: a handle, and a window on its object. A class, so that the
  /// table can hold what is not copyable.
  final class OpenView: Sendable {
    // The order is that of their end: unmap, then close the handle.
    let view: View
    let object: MemoryObject

    init(_ object: consuming MemoryObject, _ view: consuming View) {
      self.view = view
      self.object = object
    }
  }

  private let open = Mutex<(views: [UInt64: OpenView], next: UInt64)>(([:], 1))

  package init() {}

  /// Takes the handle and the view; returns their key, which is never used again.
  func insert(_ object: consuming MemoryObject, _ view: consuming View) -> UInt64 {
    let entry = OpenView(object, view)
    return open.withLock { open in
      let key = open.next
      open.next += 1
      open.views[key] = entry
      return key
    }
  }

  subscript(key: UInt64) -> OpenView? { open.withLock { $0.views[key] } }

  func remove(_ key: UInt64) -> OpenView? { open.withLock { $0.views.removeValue(forKey: key) } }

  /// The number of open views; for tests.
  package var count: Int { open.withLock { $0.views.count } }
}
