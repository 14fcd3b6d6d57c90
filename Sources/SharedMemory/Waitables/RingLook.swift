internal import COperations
internal import CShm

/// What is to be said when the last handle of a ring is closed with messages inside. It is made
/// before, and asked afterwards.
package struct RingRemains {
  private let name: String
  private let path: String?
  private let count: Int
  private let system: System

  package init(_ object: any Waitable) {
    (name, path, count) = (object.name, object.path, object.handle.ring?.left ?? 0)
    system = object.handle.object.handle.system
  }

  /// Nil: nothing was left, or somebody else has the object.
  package var warning: SharedMemoryError? {
    if path.map({ system.hasFile(System.path($0)) }) ?? false { return nil }
    return Self.warning(name: name, count: count)
  }

  /// The same for a handle that was the last one.
  package static func warning(name: String, count: Int) -> SharedMemoryError? {
    if count == 0 { return nil }
    return SharedMemoryError(
      .brokenPipe, "close", name,
      "\(count) message\(count == 1 ? " was" : "s were") never taken, and this was the last handle")
  }
}

/// A ring at one look, without a handle.
package struct RingLook: Sendable {
  package let count, free: Int
  /// Messages since it was made, modulo 2^32.
  package let pushed, popped: UInt32
  package let isFinished: Bool
  private let roles: Set<RingRole>

  init(
    _ base: UnsafeMutableRawPointer, _ bytes: UInt32, _ file: borrowing Descriptor,
    _ system: System
  ) {
    var ring = cshm_ring_at(base, bytes)
    count = Int(cops_ring_count(&ring))
    free = Int(cops_ring_free(&ring))
    pushed = UInt32(truncatingIfNeeded: cshm_load64(UnsafeRawPointer(ring.push) + 8) >> 32)
    popped = UInt32(truncatingIfNeeded: cshm_load64(UnsafeRawPointer(ring.pop) + 8) >> 32)
    isFinished = cshm_load64(ring.finished) != 0
    var roles: Set<RingRole> = []
    for role in RingRole.allCases {
      if (try? system.conflicts(file, .read, LifetimeLock.every(role))) == true {
        roles.insert(role)
      }
    }
    self.roles = roles
  }

  /// Is anybody there who has this role?
  package func has(_ role: RingRole) -> Bool { roles.contains(role) }
}
