internal import SharedMemory

/// A protocol that is wrong in one place, and the promise that it breaks.
///
/// A checker that accepts everything finds no violation either; each mutant is a mistake that one
/// could make, and the checker must find the run in which it hurts.
package struct Mutant: Sendable, CustomStringConvertible {
  package let name: String
  /// What the checker is to look at, and must find broken (one of them, if there are two).
  package let breaks: Property
  package let variant: Variant
  package let roles: [Role]
  /// As many as it takes for the mistake to hurt.
  package let participants: Int

  package var description: String { name }

  init(
    _ name: String, breaks: Property, participants: Int = 2, roles: [Role] = [.user],
    first: @escaping Variant.First = { _ in nil },
    call: @escaping Variant.Call = { _, _, _ in nil },
    edge: @escaping Variant.Answered = { _, _, _, _ in nil }
  ) {
    self.name = name
    self.breaks = breaks
    self.roles = roles
    self.participants = participants
    variant = Variant(edge: edge, call: call, first: first)
  }

  /// A shortest run that breaks the promise; nil if the checker finds none.
  package func counterexample() -> Counterexample? {
    var explorer = Explorer(
      variant, participants: participants, operations: Move.operations(of: roles),
      properties: breaks)
    explorer.explore()
    return explorer.counterexample
  }

  package static let all = creating + deciding + removing + closing
}

// MARK: - CREATE

extension Mutant {
  private static let creating = [
    Mutant(
      "c1 makes the name", breaks: .completeWhenVisible,
      call: { step, state, index in
        if step == .c5 { return state.names(index) }
        guard step == .c1 else { return nil }
        state[index].own = .made
        _ = state.link(index)
        return true
      }),
    Mutant(
      "c4 is left out", breaks: .livingIsNamed,
      edge: { step, _, _, _ in step == .c3 ? .step(.c5) : nil }),
    Mutant(
      "c5 before c4", breaks: .livingIsNamed,
      call: { step, state, index in
        step == .c4 && state.names(index) ? state.lock(index, .read, .life) : nil
      },
      edge: { step, yes, _, _ in
        switch step {
        case .c3: .step(.c5)
        case .c5 where yes: .step(.c4)
        case .c4: .end(.created)
        default: nil
        }
      }),
    Mutant(
      "c5 replaces what is there", breaks: .oneLives,
      call: { step, state, index in
        guard step == .c5 else { return nil }
        if state.isNamed { state.loseName() }
        return state.link(index)
      }),
    Mutant(
      "a creator's lock is exclusive", breaks: .neverRefused,
      call: { step, state, index in
        guard step == .c5 else { return nil }
        let yes = state.link(index)
        if yes { state[index].life = .write }
        return yes
      }),
    Mutant(
      "exclusive creation goes while it pins", breaks: .nothingRemains,
      edge: { step, yes, intent, _ in
        step == .o3 && yes && intent == .createExclusively ? .end(.exists) : nil
      }),
    Mutant(
      "exclusive creation takes the dead for existing", breaks: .answersAreTrue,
      edge: { step, yes, intent, _ in
        step == .o3 && !yes && intent == .createExclusively ? .end(.exists) : nil
      }),
  ]
}

// MARK: - OPEN: is it alive?

extension Mutant {
  private static let deciding = [
    Mutant(
      "o2 is left out", breaks: .livingIsNamed,
      edge: { step, yes, intent, _ in
        step == .o1 && yes && intent != .reap ? .step(.o3) : nil
      }),
    Mutant(
      "o2 is an exclusive lock", breaks: .answersAreTrue,
      call: { step, state, index in step == .o2 ? state.lock(index, .write, .pin) : nil }),
    Mutant(
      "o2 refused is no matter", breaks: .deadStaysDead,
      edge: { step, yes, intent, _ in step == .o2 && !yes ? .step(.o3) : nil }),
    Mutant(
      "o3 always finds a holder", breaks: .deadStaysDead,
      call: { step, _, _ in step == .o3 ? true : nil }),
    Mutant(
      "o3 looks again for ever", breaks: .aloneItEnds,
      edge: { step, yes, _, _ in step == .o3 && !yes ? .again : nil }),
    Mutant(
      "o4 is left out", breaks: .livingIsNamed,
      edge: { step, yes, intent, _ in
        step == .o3 && yes && intent != .createExclusively ? .step(.o5) : nil
      }),
    Mutant(
      "o5 before o4", breaks: .livingIsNamed,
      edge: { step, yes, intent, _ in
        switch step {
        case .o3 where yes && intent != .createExclusively: .step(.o5)
        case .o5 where intent != .createExclusively: .step(.o4)
        case .o4: .end(.opened)
        default: nil
        }
      }),
    // The first idea that everybody has: one byte, and a name is dead if it can be locked.
    Mutant(
      "one byte is enough", breaks: .deadStaysDead,
      call: { step, state, index in
        step == .o6 || step == .x2 ? state.lock(index, .write, .life) : nil
      },
      edge: { step, yes, intent, _ in
        switch step {
        case .o1 where yes: .step(.o6)
        case .o6 where !yes && intent != .reap: .step(.o4)
        case .o4: .end(.opened)
        default: nil
        }
      }),
  ]
}

// MARK: - OPEN and REAP: it is dead

extension Mutant {
  private static let removing = [
    Mutant(
      "o6 locks only L", breaks: .deadStaysDead,
      call: { step, state, index in step == .o6 ? state.lock(index, .write, .life) : nil }),
    Mutant(
      "o6 refused is no matter", breaks: .livingIsNamed,
      edge: { step, yes, _, _ in step == .o6 && !yes ? .step(.o7) : nil }),
    Mutant(
      "o6 refused means not found", breaks: .answersAreTrue,
      edge: { step, yes, intent, _ in
        step == .o6 && !yes && intent == .open ? .end(.notFound) : nil
      }),
    Mutant(
      "reap does not ask", breaks: .livingIsNamed,
      edge: { step, yes, intent, _ in
        step == .o1 && yes && intent == .reap ? .step(.o7) : nil
      }),
    Mutant(
      "o7 is left out", breaks: .livingIsNamed,
      call: { step, _, _ in step == .o7 ? true : nil }),
    Mutant(
      "o8 does nothing", breaks: .oneLookCleansUp,
      call: { step, _, _ in step == .o8 ? true : nil }),
    Mutant(
      "o9 asks about L only", breaks: [.livingIsNamed, .answersAreTrue], participants: 3,
      roles: [.user, .reader],
      call: { step, state, index in
        step == .o9 ? state.conflicts(index, .write, .life) : nil
      }),
    Mutant(
      "o9 asks about P only", breaks: [.livingIsNamed, .answersAreTrue], participants: 3,
      roles: [.user, .reader],
      call: { step, state, index in
        step == .o9 ? state.conflicts(index, .write, .pin) : nil
      }),
  ]
}

// MARK: - CLOSE

extension Mutant {
  private static let closing = [
    Mutant(
      "close only unlocks", breaks: .nothingRemains,
      edge: { step, _, _, _ in step == .x1 ? .end(.closed) : nil }),
    Mutant(
      "close asks before it unlocks", breaks: .nothingRemains,
      first: { $0 == .close ? .x2 : nil },
      edge: { step, yes, intent, _ in
        switch step {
        case .x2 where !yes && intent == .close: .step(.x1)
        case .x1: .end(.closed)
        default: nil
        }
      }),
    Mutant(
      "x2 is left out", breaks: .livingIsNamed,
      edge: { step, _, _, _ in step == .x1 ? .step(.x3) : nil }),
    Mutant(
      "x2 locks only L", breaks: .deadStaysDead,
      call: { step, state, index in step == .x2 ? state.lock(index, .write, .life) : nil }),
    Mutant(
      "x2 locks only P", breaks: .livingIsNamed,
      call: { step, state, index in step == .x2 ? state.lock(index, .write, .pin) : nil }),
    Mutant(
      "x3 is left out", breaks: .livingIsNamed,
      call: { step, _, _ in step == .x3 ? true : nil }),
    Mutant(
      "x4 without the lock", breaks: .livingIsNamed,
      call: { step, state, index in
        guard step == .x3 else { return nil }
        return state.names(index) && state.lock(index, .none, .both)
      }),
  ]
}
