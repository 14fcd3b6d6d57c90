import Glibc
import SharedMemory
import Synchronization

/// Makes one system call of a `System` fail: the one with this number since `arm`.
package final class Faults: SystemObserver {
  /// The call that was made to fail.
  package struct Hit: CustomStringConvertible {
    package let call: SystemCall
    /// The call before it.
    package let previous: SystemCall?
    package let step: LifetimeStep?
    package let errno: Errno
    package let number: Int

    package var description: String {
      "\(step?.rawValue ?? "--") \(call.name)(\(call.arguments)), call \(number), \(errno.symbol)"
    }
  }

  private struct State {
    var isArmed = false
    var calls: [String] = []
    var previous: SystemCall?
    var step: LifetimeStep?
    var hit: Hit?
  }

  package let seesSweeps: Bool
  private let number: Int
  private let errno: Errno
  package let persists: Bool
  private let state = Mutex(State())

  /// - Parameters:
  ///   - persists: every later call of the same name fails, too: a disk stays full.
  ///   - seesSweeps: the removal of what others left is counted, too.
  package init(_ number: Int, _ errno: Errno, persists: Bool = false, seesSweeps: Bool = false) {
    self.number = number
    self.errno = errno
    self.persists = persists
    self.seesSweeps = seesSweeps
  }

  /// Nothing fails.
  package static func none(seesSweeps: Bool = false) -> Faults {
    Faults(0, Errno(0), seesSweeps: seesSweeps)
  }

  package func arm() { state.withLock { $0.isArmed = true } }

  package func disarm() { state.withLock { $0.isArmed = false } }

  /// Nil: the work was done with fewer calls.
  package var hit: Hit? { state.withLock { $0.hit } }

  /// The names of the calls since `arm`.
  package var calls: [String] { state.withLock { $0.calls } }

  package func step(_ step: LifetimeStep?) { state.withLock { $0.step = step } }

  package func before(_ call: SystemCall) -> Errno? {
    // A whole mapping is always unmapped: there is no such failure.
    if call.name == "munmap" { return nil }
    let fails = state.withLock { state in
      guard state.isArmed else { return false }
      state.calls.append(call.name)
      defer { state.previous = call }
      if persists, let hit = state.hit { return hit.call.name == call.name }
      guard state.calls.count == number else { return false }
      state.hit = Hit(
        call: call, previous: state.previous, step: state.step, errno: errno, number: number)
      return true
    }
    // As the kernel does it: the descriptor is gone even where close(2) reports an error.
    if fails, call.name == "close", let descriptor = Int32(call.arguments) { close(descriptor) }
    return fails ? errno : nil
  }

  package func after(_ call: SystemCall, _ result: Result<Int, Errno>) {}
}
