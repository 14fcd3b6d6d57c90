internal import CShm

/// A wait for room in a ring. As long as others pop, it only looks again: they need not know. Then
/// it says so, and sleeps on the word that pop changes.
struct RingRoom {
  private let ring: NamedRing
  private let deadline: Deadline
  private let isStopped: NamedSleep.Stop?
  private var slice = CSHM_FIRST_SLICE
  /// The position of head before the last look.
  private var head: UInt32
  /// Between two looks of a spin.
  private var gap: Int32 = 0
  /// Spins since the last sleep: others may take all the room again and again, and only a sleep
  /// hears of an interruption.
  private var spins = 0
  private static let mostSpins = 1000
  /// The word was announced, and the ring was full after that: now it may sleep.
  private var announced: UInt64?
  /// It was full at the last look, too.
  private(set) var wasFull = false

  init(_ ring: NamedRing, _ nanoseconds: Int64?, _ isStopped: NamedSleep.Stop?) {
    self.ring = ring
    self.isStopped = isStopped
    deadline = Deadline(after: nanoseconds)
    head = cshm_load32(ring.headPosition)
  }

  /// Called each time that there was too little room; nil: look again.
  mutating func wait(hasMoved: Bool) -> WaitOutcome? {
    if hasMoved { slice = CSHM_FIRST_SLICE }
    guard let word = announced else {
      spins += 1
      if spins > Self.mostSpins || deadline.isOver || !spin() { announce() }
      return nil
    }
    announced = nil
    spins = 0
    if deadline.isOver { return .timedOut }
    let waking = NamedWords.waking(
      cshm_futex_wait(
        UnsafeMutableRawPointer(ring.plain.pointee.room!), UInt32(truncatingIfNeeded: word),
        min(slice, deadline.left ?? slice)))
    slice = waking == .ranOut ? cshm_next_slice(slice) : CSHM_FIRST_SLICE
    head = cshm_load32(ring.headPosition)
    return NamedSleep.ends(waking, isStopped) ? .interrupted : nil
  }

  /// Until head moves. The looks are apart, so that there is room for several messages at the next.
  private mutating func spin() -> Bool {
    let hasMoved = cshm_spin_apart(ring.headPosition, head, ring.roomSpinner, &gap)
    head = cshm_load32(ring.headPosition)
    return hasMoved
  }

  /// Wakes the others that wait for room where nobody will make any: each would learn it only when
  /// it looks again, within a second.
  func tellOthers() {
    let address = UnsafeMutableRawPointer(ring.plain.pointee.room!)
    var word = cshm_load64(address)
    for _ in 0..<Int(CSHM_TRIES) where word & NamedState.sleepers != 0 {
      if !cshm_cas64(address, &word, (word + 1) & UInt64(CSHM_ROOM_GENERATION)) { continue }
      _ = cshm_futex_wake(cshm_low_half(address), .max)
      return
    }
  }

  /// Says that somebody may sleep on the word.
  private mutating func announce() {
    let address = UnsafeMutableRawPointer(ring.plain.pointee.room!)
    var word = cshm_load64(address)
    wasFull = true
    for _ in 0..<Int(CSHM_TRIES) {
      let asleep = word | NamedState.sleepers
      announced = asleep
      if asleep == word || cshm_cas64(address, &word, asleep) { return }
    }
    // Somebody hostile changes it all the time. The sleep on it is short then, and so the wait
    // comes to its end.
    announced = word
  }
}
