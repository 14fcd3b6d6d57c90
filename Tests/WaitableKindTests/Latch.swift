import CLuaShm
import Latch
import SharedMemory

/// A count that ends: who waits goes on once it is 0. Lua: `shm.latch`.
final class CountLatch: Waitable {
  let handle: NamedHandle
  fileprivate init(_ handle: NamedHandle) { self.handle = handle }

  /// - Returns: the count before.
  func countDown(_ number: Int64) throws(SharedMemoryError) -> Int64 {
    if number < 1 {
      throw SharedMemoryError(.invalidParameter, "count_down", name, "count by at least 1")
    }
    let before = try handle.modify("count_down") { words in
      words.change { LatchKind.lowered($0, by: UInt64(number)) }
    }
    return Int64(before.rawValue & NamedState.count)
  }

  struct State: ObjectState {
    let left, count: Int
    var text: String { left == 0 ? "open" : "\(left) of \(count) to come" }
    var fields: [StateField] {
      [StateField("left", .number(left)), StateField("open", .flag(left == 0))]
    }
  }
}

/// Its word: `0 | SLEEPERS, count`; its limit: the count at first. Everybody passes it at 0.
struct LatchKind: WaitableKind {
  var options = ["count", "half"]
  var acts = LatchKind.allActs

  var number: UInt32 { UInt32(LATCH) }
  var name: String { "latch" }
  var windows: String? { "Latch" }

  func isSound(_ limit: UInt32) -> Bool { (1...UInt32(Int32.max)).contains(limit) }
  func isPassed(_ limit: UInt32) -> Bool { true }

  func next(
    _ state: NamedState, _ waiter: NamedRules.Waiter, _ limit: UInt32
  ) -> NamedRules.Next {
    state.has(NamedState.count) ? .sleep(state.with(NamedState.sleepers)) : .pass
  }

  static func lowered(_ state: NamedState, by number: UInt64) -> NamedRules.Change {
    let count = state.rawValue & NamedState.count
    if count > number {
      return (NamedState(.none, count - number | state.sleepersBit), 0)
    }
    return (NamedState(.none, 0), state.hasSleepers ? .max : 0)
  }

  func beginning(_ request: WaitableRequest) throws(SharedMemoryError) -> WaitableBeginning {
    let count = try request.value("count")
    if count < 1 || count > Int32.max { throw request.refused("a latch counts from 1") }
    let left = try request.value("half") != 0 ? count / 2 : count
    return WaitableBeginning(limit: UInt32(count), NamedState(rawValue: UInt64(left)))
  }

  func object(_ handle: NamedHandle) -> any Waitable { CountLatch(handle) }

  static var allActs: [WaitableAct] {
    [
      .wait("latch:wait") { "none, wait: \($0.milliseconds)" },
      .act(
        "latch:count_down", gives: .number,
        windows: { "InterlockedAdd(pLatch, -\($0.argument(0)))" },
        does: { (latch: CountLatch, number) throws(SharedMemoryError) in
          try latch.countDown(number)
        }),
    ]
  }

  func state(_ look: WaitableLook) -> any ObjectState {
    CountLatch.State(
      left: Int(look.state.rawValue & NamedState.count), count: Int(look.limit))
  }

  func created(_ call: WaitableCall) -> String {
    "CreateLatch(\(call.value("count")), \(call.boolean("half")), \(call.name))"
  }
}
