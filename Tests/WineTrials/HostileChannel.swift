import SharedMemory
import Synchronization
import Wine

/// Random numbers that come again with their seed (SplitMix64).
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// A peer that answers every request, mostly with something that is nearly right.
///
/// Statuses, lengths, handles, sizes and the lengths inside of lists are random, most often near a
/// bound; descriptors are a short file's, a pipe's or none.
final class HostileChannel: WineChannel {
  private struct State {
    var dice: Dice
    /// The longest variable part of the answer that is due.
    var room = 0
    var rest: [UInt8] = []
    var replies = 0
  }

  private let state: Mutex<State>
  private let system = System()

  init(seed: UInt64) { state = Mutex(State(dice: Dice(seed))) }

  var replies: Int { state.withLock { $0.replies } }

  func send(_ request: WineRequest, _ bytes: [UInt8]) throws(WineFailure) {
    state.withLock { state in
      state.room = (0..<4).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
      state.rest = Self.reply(&state.dice, room: state.room)
      state.replies += 1
    }
  }

  func receive(_ count: Int) throws(WineFailure) -> [UInt8] {
    let bytes = state.withLock { state in
      let bytes = Array(state.rest.prefix(count))
      state.rest = Array(state.rest.dropFirst(count))
      return bytes
    }
    if bytes.count < count { throw .silent }
    return bytes
  }

  func send(descriptor number: Int32) throws(WineFailure) {}

  func receiveDescriptor() throws(WineFailure) -> System.Passed {
    let choice = state.withLock { $0.dice.below(4) }
    let handle: [UInt8] = choice == 0 ? [9, 9, 9, 9] : [4, 0, 0, 0]
    do throws(Errno) {
      return System.Passed(bytes: handle, descriptor: try file(choice))
    } catch { throw .ended }
  }

  private func file(_ choice: Int) throws(Errno) -> Descriptor {
    switch choice {
    case 1: return try system.open(System.path("/dev/null"), .readWrite)
    case 2: return try system.open(System.path("/proc/self/comm"), .readOnly)
    default:
      let file = try system.open(System.path("/dev/shm"), [.readWrite, .unnamed], mode: 0o600)
      try system.reserve(file, size: 4096)
      return file
    }
  }

  private static func number(_ dice: inout Dice, near room: Int) -> UInt32 {
    switch dice.below(8) {
    case 0: UInt32.max - UInt32(dice.below(64))
    case 1: UInt32(clamping: room + dice.below(9) - 4 < 0 ? 0 : room + dice.below(9) - 4)
    case 2: UInt32(truncatingIfNeeded: dice.next())
    default: UInt32(dice.below(64))
    }
  }

  private static func put(_ bytes: inout [UInt8], _ at: Int, _ word: UInt32) {
    if at + 4 > bytes.count { return }
    for index in 0..<4 { bytes[at + index] = UInt8(truncatingIfNeeded: word >> UInt32(8 * index)) }
  }

  private static func reply(_ dice: inout Dice, room: Int) -> [UInt8] {
    // Now and then the end comes too early.
    let variable =
      dice.below(16) == 0 ? Int(number(&dice, near: room)) : dice.below(min(room, 256) + 1)
    var bytes = [UInt8](repeating: 0, count: 64 + min(variable, 512))
    let statuses: [UInt32] = [0, 0, 0, 0, 0, 0x4000_0000, 0xC000_0034, 0x8000_001A, 0xC000_0008]
    put(&bytes, 0, statuses[dice.below(statuses.count)])
    put(&bytes, 4, UInt32(clamping: variable))
    for at in stride(from: 8, to: bytes.count, by: 4) where dice.below(3) > 0 {
      put(&bytes, at, dice.below(4) == 0 ? 4 : number(&dice, near: room))
    }
    // Files are asked for by the handle that was given.
    if dice.below(2) == 0 { put(&bytes, 8, 4) }
    return dice.below(32) == 0 ? Array(bytes.prefix(dice.below(bytes.count))) : bytes
  }
}
