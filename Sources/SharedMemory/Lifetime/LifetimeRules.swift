/// A step of the protocol that gives a name the lifetime of its last handle.
///
/// Each case is one system call, and a process may be killed after any of them. `--explain` prints
/// the labels. `LifetimeRules` says which step follows which, `Lifetime` does them, and the model
/// in the tests explores the same rules with every possible crash.
package enum LifetimeStep: String, CaseIterable, Sendable {
  // CREATE: the object is complete before it becomes visible
  /// `openat(O_TMPFILE)`: a file without a name.
  case c1
  /// `fallocate`: sets and commits its whole size, so that ENOSPC comes here and not later as
  /// SIGBUS.
  case c2
  /// `fchmod`, and the header of an object of another kind: everything but the name.
  case c3
  /// Read lock on `L`: "I hold a handle".
  case c4
  /// `linkat`: makes it visible. Answer no: the name exists already.
  case c5

  // OPEN: decide while `P` is pinned, so that nobody can remove what is being decided about
  /// `openat`, never with `O_CREAT`. Answer no: there is no such name.
  case o1
  /// Read lock on `P`. Answer no: somebody proved the object dead and is removing it; dead is
  /// final.
  case o2
  /// Does another description hold `L`? If so, the open takes effect here.
  case o3
  /// Read lock on `L`; nobody can refuse it while `P` is pinned.
  case o4
  /// Unlock `P`.
  case o5
  /// Write lock on `[P, L]`. Answer no: somebody else is deciding; look again later.
  case o6
  /// Does the path still name this inode?
  case o7
  /// `unlinkat` of a name whose object is proven dead.
  case o8
  /// Instead of o6 for readers, who may not take write locks: does anybody else hold `[P, L]`?
  /// Answer no: the object is dead, and our own pin keeps all others from removing it meanwhile.
  case o9

  // CLOSE: unlock first, then ask whether we were the last
  /// Unlock `L`: the close takes effect here.
  case x1
  /// Write lock on `[P, L]`. Answer no: somebody else holds it.
  case x2
  /// Does the path still name this inode?
  case x3
  /// `unlinkat` by the last holder.
  case x4
}

extension LifetimeStep {
  /// Does the step take memory or a directory entry?
  var makesTheFile: Bool {
    switch self {
    case .c1, .c2, .c3, .c5: true
    default: false
    }
  }

  /// Does the step belong to giving up a claim?
  var leaves: Bool {
    switch self {
    case .x1, .x2, .x3, .x4: true
    default: false
    }
  }
}

/// The lock bytes of an object's file.
package enum LifetimeLock {
  /// `P`: a read lock says "I am deciding whether this object lives".
  package static let pin = System.LockRange(start: 0x7000_0000_0000_0000, length: 1)
  /// `L`: a read lock says "I hold a handle".
  package static let life = System.LockRange(start: 0x7000_0000_0000_0001, length: 1)
  /// `[P, L]`: a write lock says "provably nobody does either".
  package static let both = System.LockRange(start: 0x7000_0000_0000_0000, length: 2)
  /// A write lock says "this slot of a named object is mine"; `CShmNamed.h` tells how to take one.
  package static func claim(_ slot: Int) -> System.LockRange {
    System.LockRange(start: pin.start + 0x1000 + Int64(slot), length: 1)
  }
  /// A write lock says "the slot's owner lives and has the slot's present epoch".
  package static func alive(_ slot: Int) -> System.LockRange {
    System.LockRange(start: pin.start + 0x2000 + Int64(slot), length: 1)
  }
  /// A write lock says "the slot's owner lives and pushes into the ring", or pops from it.
  package static func role(_ role: RingRole, _ slot: Int) -> System.LockRange {
    System.LockRange(start: every(role).start + Int64(slot), length: 1)
  }
  /// The bytes of all slots: is there anybody?
  package static func every(_ role: RingRole) -> System.LockRange {
    System.LockRange(start: pin.start + (role == .pushes ? 0x3000 : 0x4000), length: 0x1000)
  }

  package static func text(_ range: System.LockRange) -> String {
    for role in [RingRole.pops, .pushes] where range.start >= every(role).start {
      return range.length > 1 ? "\(role)" : "\(role) \(range.start - every(role).start)"
    }
    if range.start >= alive(0).start { return "alive \(range.start - alive(0).start)" }
    if range.start > life.start { return "claim \(range.start - claim(0).start)" }
    if range.length == 2 { return "[P,L]" }
    return range.start == pin.start ? "P" : "L"
  }
}

/// What a process wants to do with a name.
package enum LifetimeIntent: Hashable, Sendable, CaseIterable {
  /// Create the object, or open the one that exists.
  case create
  /// Create the object; an existing one is an error.
  case createExclusively
  /// Open an existing object.
  case open
  /// Give up a handle.
  case close
  /// Remove the name if its object is dead.
  case reap
}

/// How an intent ends.
package enum LifetimeEnd: Hashable, Sendable {
  /// A handle to a new object.
  case created
  /// A handle to an object that existed.
  case opened
  /// Nobody holds an object of this name.
  case notFound
  /// `createExclusively` met a living object.
  case exists
  /// `reap` met an object that somebody holds or is deciding about.
  case alive
  /// The handle is gone.
  case closed
}

/// The order of the steps: the protocol as one table.
package enum LifetimeRules {
  package enum Next: Hashable, Sendable {
    case step(LifetimeStep)
    /// Drop the descriptor, wait a little, and start again at o1; the caller bounds how often.
    case again
    /// Drop the dead object's descriptor and try again to publish ours (c5); bounded in the same
    /// way.
    case publishAgain
    case end(LifetimeEnd)
  }

  package static func first(_ intent: LifetimeIntent) -> LifetimeStep {
    switch intent {
    case .create, .createExclusively: .c1
    case .open, .reap: .o1
    case .close: .x1
    }
  }

  /// - Parameters:
  ///   - step: the step that was done.
  ///   - yes: its answer; a step that can only succeed or fail answers yes.
  ///   - writer: whether the object's descriptor may take write locks, that is, is open for
  ///     writing.
  package static func next(
    after step: LifetimeStep, yes: Bool, _ intent: LifetimeIntent, writer: Bool
  ) -> Next {
    switch step {
    case .c1: .step(.c2)
    case .c2: .step(.c3)
    case .c3: .step(.c4)
    case .c4: .step(.c5)
    case .c5: yes ? .end(.created) : .step(.o1)

    case .o1 where !yes: absent(intent)
    case .o1: .step(intent == .reap && writer ? .o6 : .o2)
    case .o2: yes ? .step(.o3) : absent(intent)
    case .o3 where yes && (intent == .reap || intent == .close): present(intent)
    // Our pin may have kept the last holder from removing the name, so leave as a holder does.
    case .o3 where yes && intent == .createExclusively: .step(.o5)
    case .o3 where yes: .step(.o4)
    case .o3: .step(writer ? .o6 : .o9)
    case .o4: .step(.o5)
    case .o5 where intent == .createExclusively: writer ? .step(.x2) : .end(.exists)
    case .o5: .end(.opened)
    case .o6 where yes: .step(.o7)
    case .o6: present(intent)
    case .o7: yes ? .step(.o8) : absent(intent)
    case .o8: absent(intent)
    case .o9 where yes: present(intent)
    case .o9: .step(.o7)

    // A reader cannot take the write lock of x2 and asks in the way of an open.
    case .x1: .step(writer ? .x2 : .o2)
    case .x2: yes ? .step(.x3) : left(intent)
    case .x3: yes ? .step(.x4) : left(intent)
    case .x4: left(intent)
    }
  }

  private static func left(_ intent: LifetimeIntent) -> Next {
    intent == .createExclusively ? .end(.exists) : .end(.closed)
  }

  /// Somebody holds the object, or is deciding about it.
  private static func present(_ intent: LifetimeIntent) -> Next {
    switch intent {
    case .create, .createExclusively, .open: .again
    case .close: .end(.closed)
    case .reap: .end(.alive)
    }
  }

  private static func absent(_ intent: LifetimeIntent) -> Next {
    switch intent {
    case .create, .createExclusively: .publishAgain
    case .close: .end(.closed)
    case .open, .reap: .end(.notFound)
    }
  }
}
