package import SharedMemory

/// The steps that an implementation did, held against the table.
package struct Trace: Sendable {
  package typealias Answered = (step: LifetimeStep, yes: Bool)

  package enum Verdict: Hashable, Sendable {
    case ended(LifetimeEnd)
    /// A path of the table, whose next step would be this: the process was killed or gave up.
    case unfinished(LifetimeStep)
    /// The step at this index is not the one that the table wants; nil: it wants none.
    case departs(at: Int, wanted: LifetimeStep?)
    /// The step at this index is answered no, which the table does not know.
    case refused(at: Int)
  }

  /// - Parameter writer: what the step's o1 found, or how the handle being closed is open. It is
  ///   one for the whole trace, as an object's mode does not change while it is looked at.
  package static func verdict(
    of steps: [Answered], _ intent: LifetimeIntent, writer: Bool
  ) -> Verdict {
    var wanted: LifetimeStep? = LifetimeRules.first(intent)
    var end: LifetimeEnd?
    for (at, answered) in steps.enumerated() {
      guard answered.step == wanted else { return .departs(at: at, wanted: wanted) }
      guard answered.yes || answered.step.mayBeRefused else { return .refused(at: at) }
      let next = LifetimeRules.next(
        after: answered.step, yes: answered.yes, intent, writer: writer)
      wanted = next.wanted
      end = next.end
    }
    if let end { return .ended(end) }
    return .unfinished(wanted!)
  }

  /// The steps are a path of the table from its beginning to exactly this end.
  package static func accepts(
    _ steps: [Answered], _ intent: LifetimeIntent, writer: Bool, end: LifetimeEnd
  ) -> Bool {
    verdict(of: steps, intent, writer: writer) == .ended(end)
  }

  /// Every place of the table that its own edges lead to, whatever the kernel answers.
  package static var reachableEdges: Set<Edge> {
    var edges: Set<Edge> = []
    for intent in LifetimeIntent.allCases {
      follow(LifetimeRules.first(intent), intent, writer: true, &edges)
    }
    follow(LifetimeRules.first(.close), .close, writer: false, &edges)
    return edges
  }

  private static func follow(
    _ step: LifetimeStep, _ intent: LifetimeIntent, writer: Bool, _ edges: inout Set<Edge>
  ) {
    for yes in step.mayBeRefused ? [true, false] : [true] {
      // What o1 opens decides anew what the process may do with it.
      for writer in step == .o1 && yes ? [true, false] : [step == .o1 || writer] {
        guard edges.insert(Edge(step, yes, intent, writer: writer)).inserted else { continue }
        let next = LifetimeRules.next(after: step, yes: yes, intent, writer: writer)
        guard let following = next.wanted else { continue }
        // Without a target nothing is known of it yet; our own file we may write.
        let begins = following == .o1 || following == .c5
        follow(following, intent, writer: begins || writer, &edges)
      }
    }
  }
}

extension LifetimeRules.Next {
  /// The step that comes next; nil after an end.
  var wanted: LifetimeStep? {
    switch self {
    case .step(let step): step
    case .again: .o1
    case .publishAgain: .c5
    case .end: nil
    }
  }

  var end: LifetimeEnd? {
    if case .end(let end) = self { return end }
    return nil
  }
}
