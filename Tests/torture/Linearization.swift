/// Is there an order of a history's operations, each between its beginning and its end, in which one
/// queue gives the same answers? The search is Wing's and Gong's ("Testing and verifying concurrent
/// objects", 1993): any operation that nothing else precedes comes first, if the queue's answer is
/// the one that was seen; states that were met before are not searched again (Lowe, 2017).
struct Linearization {
  private let events: [HistoryEvent]
  /// Of each, those that ended before it began, as bits.
  private let before: [UInt64]
  private static let fewestThatFill = 3

  init(_ events: [HistoryEvent]) {
    precondition(events.count <= 64)
    self.events = events
    before = events.map { event in
      events.indices.reduce(0) { bits, other in
        guard let ended = events[other].ended, ended < event.begun else { return bits }
        return bits | 1 << UInt64(other)
      }
    }
  }

  var exists: Bool {
    var known: Set<State> = []
    return finds(State(), &known)
  }

  private struct State: Hashable {
    var done: UInt64 = 0
    var queue: [UInt64] = []
  }

  private func finds(_ state: State, _ known: inout Set<State>) -> Bool {
    if isComplete(state) { return true }
    if !known.insert(state).inserted { return false }
    for index in events.indices
    where state.done & 1 << UInt64(index) == 0 && before[index] & ~state.done == 0 {
      for queue in outcomes(of: events[index], state.queue) {
        let next = State(done: state.done | 1 << UInt64(index), queue: queue)
        if finds(next, &known) { return true }
      }
    }
    return false
  }

  /// What a killed process had begun need not have happened.
  private func isComplete(_ state: State) -> Bool {
    events.indices.allSatisfy {
      events[$0].ended == nil || state.done & 1 << UInt64($0) != 0
    }
  }

  /// The queue after the event, if it gives this answer; several, where the answer is not known.
  private func outcomes(of event: HistoryEvent, _ queue: [UInt64]) -> [[UInt64]] {
    switch event.kind {
    case .push:
      if event.isRefused {
        return queue.count >= Self.fewestThatFill || isBesideJob(event) ? [queue] : []
      }
      return [queue + event.messages]
    case .pop, .job, .popAll:
      if event.ended == nil {
        let most = event.kind == .popAll ? 2 : 1
        return (1...most).compactMap { $0 <= queue.count ? Array(queue.dropFirst($0)) : nil }
      }
      if event.isRefused { return queue.isEmpty ? [queue] : [] }
      return queue.starts(with: event.messages)
        ? [Array(queue.dropFirst(event.messages.count))] : []
    }
  }

  /// A message that somebody has taken, and those behind it, keep their place until it is done.
  private func isBesideJob(_ event: HistoryEvent) -> Bool {
    events.contains { other in
      other.kind == .job && !other.isRefused && other.begun < event.ended ?? .max
        && event.begun < other.ended ?? .max
    }
  }

  /// How many pairs of operations were under way at once.
  static func overlaps(_ events: [HistoryEvent]) -> Int {
    var count = 0
    for (index, one) in events.enumerated() {
      for other in events[..<index] where one.worker != other.worker {
        let isAfter = one.ended.map { $0 < other.begun } ?? false
        let isBefore = other.ended.map { $0 < one.begun } ?? false
        if !isAfter && !isBefore { count += 1 }
      }
    }
    return count
  }

  /// It accepts what a queue can do, and nothing else.
  static var tellsRightFromWrong: Bool {
    func event(
      _ worker: Int, _ kind: HistoryEvent.Kind, _ begun: UInt64, _ ended: UInt64?,
      _ messages: [UInt64]
    ) -> HistoryEvent {
      HistoryEvent(
        kind: kind, worker: worker, begun: begun, ended: ended, messages: messages,
        isRefused: messages.isEmpty && ended != nil)
    }
    let pushes = [event(0, .push, 0, 9, [1]), event(1, .push, 5, 14, [2])]
    let right: [[HistoryEvent]] = [
      // Both pushes are under way at once: either may be the first.
      pushes + [event(2, .pop, 20, 21, [2]), event(2, .job, 22, 23, [1])],
      pushes + [event(2, .popAll, 6, 7, []), event(2, .popAll, 20, 21, [1, 2])],
      // A killed pop has happened, or not.
      pushes + [event(2, .pop, 15, nil, []), event(0, .pop, 20, 21, [2])],
      pushes + [event(2, .pop, 15, nil, []), event(0, .popAll, 20, 21, [2, 1])],
      // What is taken and not done has its place still.
      pushes + [event(2, .job, 20, 30, [1]), event(0, .push, 21, 22, [])],
    ]
    let wrong: [[HistoryEvent]] = [
      [event(0, .push, 0, 1, [1]), event(1, .push, 2, 3, [2]), event(2, .pop, 4, 5, [2])],
      pushes + [event(2, .pop, 20, 21, [1]), event(0, .pop, 20, 21, [1])],
      pushes + [event(2, .pop, 20, 21, [])],
      pushes + [event(2, .pop, 1, 2, [2])],
      pushes + [event(0, .push, 20, 21, [])],
      pushes + [event(2, .job, 20, 30, [1]), event(0, .push, 31, 32, [])],
      pushes + [event(2, .pop, 15, nil, []), event(0, .pop, 20, 21, [])],
    ]
    return right.allSatisfy { Linearization($0).exists }
      && !wrong.contains { Linearization($0).exists }
  }
}
