import CShm
import SharedMemory
import Testing

/// The shortcuts of `CShmNamed.h` do what the table says, for words of every shape.
@Suite struct NamedFastPathTests {
  private static let ours = NamedMark(slot: 3, epoch: 7)

  /// Words that look like states, and words that look like nothing.
  private var words: [UInt64] {
    let marks: [UInt64] = [0, UInt64(Self.ours.rawValue), 5 << 10 | 1, 0xFFFF_FFFF]
    let lows: [UInt64] = Array(0...9) + [0x7FFF_FFFF, 0x7FFF_FFFE]
    return marks.flatMap { mark in
      lows.flatMap { [mark << 32 | $0, mark << 32 | 1 << 31 | $0] }
    } + (0..<1000).map { _ in .random(in: 0...(.max)) }
  }

  /// The outcome of the C function on this word, and the word after it.
  private func run(
    _ word: UInt64, _ rules: NamedRules, depth: UInt32 = 0,
    _ body: (UnsafePointer<cshm_named>) -> Int32
  ) -> (outcome: UInt32, after: UInt64) {
    var page = [UInt64](repeating: 0, count: 512)
    page[8] = word
    var claim = cshm_claim()
    claim.token = UInt64(Self.ours.rawValue) << 32 | 1
    claim.depth = depth
    let outcome = page.withUnsafeMutableBytes { page in
      withUnsafeMutablePointer(to: &claim) { claim in
        var named = cshm_named(
          words: page.baseAddress, guard: nil, claim: claim, kind: rules.kind.number, rights: 3,
          limit: rules.limit, ring: nil, broadcast: nil)
        return body(&named)
      }
    }
    return (UInt32(bitPattern: outcome), page[8])
  }

  @Test(arguments: [
    NamedRules(kind: .mutex), NamedRules(kind: .event), NamedRules(kind: .event, limit: 1),
    NamedRules(kind: .semaphore, limit: 6),
  ])
  func whatIsTakenFastIsTakenByTheTable(_ rules: NamedRules) {
    for word in words {
      let state = NamedState(rawValue: word)
      let (outcome, after) = run(word, rules) { rules.kind.fastWait($0) }
      if outcome != CSHM_ACQUIRED.rawValue {
        #expect(outcome == CSHM_SLOW.rawValue && after == word)
        continue
      }
      switch rules.next(state, NamedRules.Waiter(mark: Self.ours, start: state)) {
      case .pass: #expect(after == word)
      case .take(let taken, let abandoned, _): #expect(taken.rawValue == after && !abandoned)
      case .sleep: Issue.record("\(word) is not to be had")
      }
    }
  }

  @Test func whatIsGivenFastIsGivenByTheTable() {
    let (mutex, semaphore) = (NamedRules(kind: .mutex), NamedRules(kind: .semaphore, limit: 6))
    let event = NamedRules(kind: .event)
    for word in words {
      let state = NamedState(rawValue: word)
      let unlocked = run(word, mutex, depth: 1) { cshm_mutex_unlock($0) }
      if unlocked.outcome == CSHM_ACQUIRED.rawValue {
        #expect(MutexKind.unlocked(state, by: Self.ours)?.state.rawValue == unlocked.after)
      } else {
        #expect(unlocked.after == word)
      }
      var previous: UInt32 = 0
      let released = run(word, semaphore) { cshm_semaphore_release($0, 2, &previous) }
      #expect(
        SemaphoreKind.released(state, 2, maximum: 6)?.state.rawValue ?? word == released.after)
      #expect(EventKind.set(state).state.rawValue == run(word, event) { cshm_event_set($0) }.after)
      #expect(
        EventKind.reset(state).state.rawValue == run(word, event) { cshm_event_reset($0) }.after)
    }
  }
}
