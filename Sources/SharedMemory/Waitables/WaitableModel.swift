/// A named object without memory: its word, with marks of whoever models it. For replays, which
/// compare real objects with it, and for worlds that have only models.
package struct WaitableModel: Sendable {
  package var state: NamedState
  package let limit: UInt32
  /// How often its owner has it; for kinds with an owner.
  package var depth: UInt32

  package init(state: NamedState, limit: UInt32, depth: UInt32) {
    self.state = state
    self.limit = limit
    self.depth = depth
  }

  /// What an operation answers.
  package enum Answer: Sendable {
    case number(Int64)
    /// The process that the mark names; nil: nobody. (A dead one is for the caller to know.)
    case process(NamedMark?)
    case refused(ErrorCode, String)
  }

  /// One of a kind's own operations as a pure function: by whom, and its argument.
  package typealias Act = @Sendable (inout WaitableModel, NamedMark, Int64) -> Answer

  /// Does this mark hold it?
  package func isHeld(by mark: NamedMark) -> Bool {
    state.has(NamedState.held) && state.mark == mark
  }

  /// Swaps in what follows; nobody sleeps on a model.
  package mutating func apply(_ change: NamedRules.Change) {
    state = change.state.without(NamedState.sleepers | NamedState.looked)
  }
}
