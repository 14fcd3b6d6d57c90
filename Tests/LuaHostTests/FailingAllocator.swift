import CLua
import Glibc

/// Lua's memory, with requests that are refused by their number.
///
/// Lua answers a refusal with a full collection and asks once more; so a single refusal tests the
/// collection at that moment, two in a row test the error, and a refusal of all tests what Lua
/// and we do when nothing is left until the protected call has returned.
struct FailingAllocator: ~Copyable {
  struct State {
    var bytes = 0
    var requests = 0
    /// The first request to refuse, and how many from it on; 0: none.
    var first = 0
    var count = 0
    var isArmed = false
    var refused = 0
  }

  let state: UnsafeMutablePointer<State>

  init() {
    state = .allocate(capacity: 1)
    state.initialize(to: State())
  }

  deinit { state.deallocate() }

  static let allocate: lua_Alloc = { context, block, old, new in
    let state = context!.assumingMemoryBound(to: State.self)
    let old = block == nil ? 0 : old
    if new == 0 {
      free(block)
      state.pointee.bytes -= old
      return nil
    }
    if state.pointee.isArmed {
      state.pointee.requests += 1
      let number = state.pointee.requests - state.pointee.first
      if number >= 0 && number < state.pointee.count {
        state.pointee.refused += 1
        return nil
      }
    }
    guard let made = realloc(block, new) else { return nil }
    state.pointee.bytes += new - old
    return made
  }

  /// From now on requests are counted, and `count` from number `first` on are refused.
  func arm(first: Int, count: Int) {
    state.pointee.requests = 0
    state.pointee.first = first
    state.pointee.count = count
    state.pointee.refused = 0
    state.pointee.isArmed = true
  }

  func disarm() { state.pointee.isArmed = false }
}
