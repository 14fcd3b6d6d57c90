internal import CLuaShm
internal import CShm
internal import Glibc

/// The part of the shared memory by which actors take turns (`CLuaShmTurns.h`).
extension Stage {
  var turns: UnsafeMutablePointer<luashm_turns> { luashm_turns(memory) }

  /// Before a file is compiled: everybody will go by turns.
  func goByTurns() { turns.pointee.goes_by_turns = 1 }

  /// As before the first step of this schedule.
  func reset(_ schedule: Schedule) {
    memset(turns, 0, MemoryLayout<luashm_turns>.size)
    goByTurns()
    turns.pointee.holder = UInt32(LUASHM_CONDUCTOR)
    let steps = schedule.steps
    turns.pointee.count = UInt32(steps.count)
    for (index, step) in steps.enumerated() { luashm_schedule(turns)[index] = step }
  }

  func seat(_ part: Int) -> UnsafeMutablePointer<luashm_seat> {
    withUnsafeMutablePointer(to: &turns.pointee.seats) {
      UnsafeMutableRawPointer($0).assumingMemoryBound(to: luashm_seat.self) + part
    }
  }

  func setAway(_ part: Int) { seat(part).pointee.seating = LUASHM_AWAY.rawValue }

  /// The next step of the schedule; there must be one.
  var scheduled: luashm_scheduled { luashm_schedule(turns)[Int(turns.pointee.position)] }

  /// The operation that the part has come to.
  func verb(_ part: Int) -> String { Self.text(&seat(part).pointee.verb) }

  var why: String { Self.text(&turns.pointee.why) }

  private static func text<Bytes>(_ bytes: inout Bytes) -> String {
    withUnsafeBytes(of: &bytes) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// The director looks whether all are over. (A wake alone might come before its sleep.)
  func wakeWatcher() { luashm_give_turn(memory, 0, LUASHM_STEPS) }
}
