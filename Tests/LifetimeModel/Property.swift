/// What must hold in every run; each is a sentence of the protocol's promise.
package struct Property: OptionSet, Hashable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// An inode that had a name and lost its last holder is never held again.
  package static let deadStaysDead = Property(rawValue: 1 << 0)
  /// What somebody holds is what the path names: nobody unlinks or replaces a living object.
  package static let livingIsNamed = Property(rawValue: 1 << 1)
  /// At most one object of the name lives.
  package static let oneLives = Property(rawValue: 1 << 2)
  /// "Not found" only if there was no living object at some moment of the operation, "exists"
  /// and "opened" only if there was one.
  package static let answersAreTrue = Property(rawValue: 1 << 3)
  /// With everybody idle, the name of a dead object is gone, unless somebody was killed, or a
  /// reader or one who may not remove the name had it open.
  package static let nothingRemains = Property(rawValue: 1 << 4)
  /// Whatever happened before, one operation of a process that may remove the name does.
  package static let oneLookCleansUp = Property(rawValue: 1 << 5)
  /// A name appears after size, contents and mode.
  package static let completeWhenVisible = Property(rawValue: 1 << 6)
  /// Steps that the table takes to succeed are not refused.
  package static let neverRefused = Property(rawValue: 1 << 7)
  /// With all others killed, an operation comes to its end.
  package static let aloneItEnds = Property(rawValue: 1 << 8)

  package static let each: [(Property, String)] = [
    (.deadStaysDead, "the dead stay dead"),
    (.livingIsNamed, "what lives has its name"),
    (.oneLives, "one object of a name lives"),
    (.answersAreTrue, "answers are true"),
    (.nothingRemains, "nothing remains after the last close"),
    (.oneLookCleansUp, "one look cleans up"),
    (.completeWhenVisible, "complete when visible"),
    (.neverRefused, "what cannot fail is never refused"),
    (.aloneItEnds, "alone, an operation ends"),
  ]

  package static let all = Property(each.map(\.0))
}

extension Property: CustomStringConvertible {
  package var description: String {
    Self.each.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
  }
}

extension State {
  /// Renews the ghosts after a change: who is dead now, and what each operation could see.
  mutating func observe() {
    setDead(Self.inodes & ~heldInodes)
    if hasLivingName { return }
    for index in 0..<count where self[index].mayAnswerNotFound { self[index].sawAbsent = true }
  }

  /// Ghost: a bit for each inode that has a holder.
  private var heldInodes: UInt32 {
    var held: UInt32 = 0
    for index in 0..<count where self[index].isHolder { held |= 1 << self[index].target }
    return held
  }

  /// The properties that a state alone can break.
  var broken: Property {
    var broken: Property = []
    let held = heldInodes
    if held & ~2 != 0 { broken.insert(.livingIsNamed) }
    if held.nonzeroBitCount > 1 { broken.insert(.oneLives) }
    if isNamed && !isExcused && isQuiet { broken.insert(.nothingRemains) }
    return broken
  }

  /// Nobody is doing anything and nobody has a handle.
  var isQuiet: Bool {
    for index in 0..<count where !self[index].isIdle { return false }
    return true
  }
}

extension Participant {
  /// Whether it matters what there was to see.
  fileprivate var mayAnswerNotFound: Bool {
    guard intent == .open || intent == .reap, !isHolder else { return false }
    switch position {
    case .at, .leaving(.again): return true
    default: return false
    }
  }
}
