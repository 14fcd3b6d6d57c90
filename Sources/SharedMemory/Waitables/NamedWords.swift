package import CShm
internal import Glibc

/// The words of one named object in memory that other processes share.
///
/// The room where they are touched: loads, swaps, sleeping and waking. What a word means is
/// `NamedRules`.
package struct NamedWords: @unchecked Sendable {
  /// Used directly by the C module; one per handle, never moved.
  package let plain: UnsafeMutablePointer<cshm_named>
  private let spinner: UnsafeMutablePointer<cshm_spinner>
  /// Nothing here changes while the handle lives.
  private let base: UnsafeMutableRawPointer
  private let guardian: UnsafePointer<cshm_window>
  private let claim: NamedClaim
  private let kind: any WaitableKind

  static let size = Int(CSHM_NAMED_SIZE)
  static let slots = Int(CSHM_SLOT_COUNT)

  /// - Parameter loss: the view's `lossFlag`.
  init(
    _ base: UnsafeMutableRawPointer, loss: UnsafeRawPointer, _ rules: NamedRules,
    _ rights: NamedAccess, _ claim: NamedClaim
  ) {
    self.base = base
    self.claim = claim
    kind = rules.kind
    guardian = loss.assumingMemoryBound(to: cshm_window.self)
    plain = .allocate(capacity: 1)
    plain.initialize(
      to: cshm_named(
        words: base, guard: guardian, claim: claim.plain, kind: rules.kind.number,
        rights: rights.rawValue, limit: rules.limit, ring: nil, broadcast: nil))
    spinner = .allocate(capacity: 1)
    spinner.initialize(to: cshm_spinner())
  }

  func deallocate() {
    plain.deallocate()
    spinner.deallocate()
  }

  // MARK: State

  private var stateWord: UnsafeMutableRawPointer { base + Int(CSHM_STATE_AT) }

  package var state: NamedState { NamedState(rawValue: cshm_load64(stateWord)) }

  var isLost: Bool { cshm_lost(guardian) }

  func swap(_ from: NamedState, _ to: NamedState) -> Bool {
    var expected = from.rawValue
    return cshm_cas64(stateWord, &expected, to.rawValue)
  }

  /// Swaps until a swap succeeds; nil: the rule had nothing to swap in, or other processes changed
  /// the word again and again.
  package func change(_ rule: (NamedState) -> NamedRules.Change?) -> NamedState? {
    for _ in 0..<Int(CSHM_TRIES) {
      let before = state
      guard let (after, wakes) = rule(before) else { return nil }
      if swap(before, after) {
        if wakes > 0 { wake(wakes) }
        return before
      }
    }
    return nil
  }

  private var lookerWord: UnsafeMutableRawPointer { base + Int(CSHM_LOOKER_AT) }

  /// Of what has an owner.
  var looker: NamedLooker { NamedLooker(rawValue: cshm_load64(lookerWord)) }

  func swap(_ from: NamedLooker, _ to: NamedLooker) -> Bool {
    var expected = from.rawValue
    return cshm_cas64(lookerWord, &expected, to.rawValue)
  }

  func wake(_ count: Int32) { _ = cshm_futex_wake(stateWord, count) }

  /// Spins while the low half stays the same; true: it differs now.
  func spin(_ state: NamedState) -> Bool { cshm_spin(stateWord, state.low, spinner) }

  /// The same for a lock: seldom enough to leave its owner alone (`cshm_spin_apart`).
  ///
  /// - Parameter gap: 0 when a wait begins.
  func spin(_ state: NamedState, gap: inout Int32) -> Bool {
    cshm_spin_apart(stateWord, state.low, spinner, &gap)
  }

  // MARK: Sleeping

  enum Waking { case woken, ranOut, interrupted }

  /// Sleeps while the state's low half stays the same.
  func sleep(_ state: NamedState, nanoseconds: Int64) -> Waking {
    Self.waking(cshm_futex_wait(stateWord, state.low, nanoseconds))
  }

  /// Sleeps while the low halves of all stand, and the words beside them.
  static func sleep(
    _ asleep: [(words: NamedWords, state: NamedState)], beside words: [cshm_sleeper] = [],
    nanoseconds: Int64
  ) -> Waking {
    let states = asleep.map { words, state in
      cshm_sleeper(word: words.stateWord, expected: state.low)
    }
    let sleepers = states + words
    return waking(cshm_futex_wait_any(sleepers, Int32(sleepers.count), nanoseconds))
  }

  /// Memory that is gone counts as woken: the next look at it says so.
  static func waking(_ result: Int32) -> Waking {
    if result == 0 { return .woken }
    switch errno {
    case ETIMEDOUT: return .ranOut
    case EINTR: return .interrupted
    default: return .woken
    }
  }

  // MARK: Slots

  private func slotWord(_ slot: Int) -> UnsafeMutableRawPointer {
    base + Int(CSHM_FIRST_SLOT) + slot * 8
  }

  func slot(_ slot: Int) -> NamedSlot { NamedSlot(rawValue: cshm_load64(slotWord(slot))) }

  /// The same of the file's first bytes, as they were read.
  static func slot(_ slot: Int, _ header: [UInt8]) -> NamedSlot {
    let at = Int(CSHM_FIRST_SLOT) + slot * 8
    guard at + 8 <= header.count else { return NamedSlot(rawValue: 0) }
    return NamedSlot(
      rawValue: header[at..<at + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// Is nobody behind this mark any more? `F_OFD_GETLK` and a load, in this order: a later owner of
  /// the slot raised the epoch before it locked the byte. Asked as a reader, who meets writers'
  /// locks alone: nobody that may only read the object makes the dead seem alive.
  ///
  /// - Parameter file: of these words.
  func isDead(_ mark: NamedMark, _ file: borrowing Descriptor, _ system: System) -> Bool {
    guard (0..<Self.slots).contains(mark.slot) else { return true }
    let isLocked = try? system.conflicts(file, .read, LifetimeLock.alive(mark.slot))
    return isLocked == false || slot(mark.slot).epoch != mark.epoch
  }

  /// Raises the epoch of a slot whose claim byte we have locked; returns the new mark.
  func raise(_ slot: Int, process: Int32, namespace: UInt64) -> NamedMark {
    let epoch = (self.slot(slot).epoch + 1) & NamedMark.epochs
    let claimed = NamedSlot(epoch: epoch, process: process, namespace: namespace)
    cshm_store64(slotWord(slot), claimed.rawValue)
    return NamedMark(slot: slot, epoch: epoch)
  }

  // MARK: Geometry

  /// What the file says in addition to the state.
  static func geometry(_ base: UnsafeRawPointer) -> (limit: UInt32, slots: UInt32) {
    (cshm_load32(base + Int(CSHM_LIMIT_AT)), cshm_load32(base + Int(CSHM_SLOTS_AT)))
  }

  /// The first bytes of a new object's file.
  static func contents(_ rules: NamedRules, _ state: NamedState) -> [UInt8] {
    var bytes = rules.kind.objectKind.header
    bytes += little(UInt64(rules.limit), 4) + little(UInt64(CSHM_SLOT_COUNT), 4)
    bytes += [UInt8](repeating: 0, count: Int(CSHM_STATE_AT) - bytes.count)
    return bytes + little(state.rawValue, 8)
  }

  private static func little(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  // MARK: The fast paths

  /// True: the object is ours; false: undecided.
  var fastWait: Bool { kind.fastWait(plain) == CSHM_ACQUIRED.rawValue }

  /// How often this owner has locked it, for kinds with an owner.
  var depth: UInt32 {
    get { claim.depth }
    nonmutating set { claim.depth = newValue }
  }
}

extension Waitable {
  /// Used by the C module's fast paths; valid while this handle lives.
  package var plain: UnsafePointer<cshm_named> { UnsafePointer(handle.words.plain) }
}

extension WaitOutcome {
  /// `enum cshm_outcome`.
  package var code: Int32 {
    let outcome =
      switch self {
      case .acquired: CSHM_ACQUIRED
      case .abandoned: CSHM_ABANDONED
      case .removed: CSHM_REMOVED
      case .timedOut: CSHM_TIMED_OUT
      case .interrupted: CSHM_INTERRUPTED
      }
    return Int32(outcome.rawValue)
  }
}
