/// A step of the protocol that gives a name the lifetime of its last handle.
///
/// Each case is one system call; a process may be killed after any of them. The labels are those
/// that `--explain` prints. Which step follows which is `LifetimeRules`, and how a step is done
/// is `Lifetime`; the model in the tests explores the same rules with all crashes.
package enum LifetimeStep: String, CaseIterable, Sendable {
  // CREATE: complete before it is visible
  /// `openat(O_TMPFILE)`: a file without a name.
  case c1
  /// `fallocate`: its whole size, committed; ENOSPC here and not as a SIGBUS later.
  case c2
  /// `fchmod` (and what an object of another kind starts with): all that is not the name.
  case c3
  /// Read lock on `L`: "I hold a handle".
  case c4
  /// `linkat`: visible. No: the name exists.
  case c5

  // OPEN: decide with `P` pinned, so that nobody can remove what is being decided
  /// `openat`, never with `O_CREAT`. No: there is no such name.
  case o1
  /// Read lock on `P`. No: somebody proved it dead and is removing it; dead is final.
  case o2
  /// Does another description hold `L`? An open takes effect here.
  case o3
  /// Read lock on `L`, which nobody can refuse while `P` is pinned.
  case o4
  /// Unlock `P`.
  case o5
  /// Write lock on `[P, L]`. No: somebody else is deciding; look again later.
  case o6
  /// Does the path still name this inode?
  case o7
  /// `unlinkat` of a name whose death is proven.
  case o8
  /// In place of o6 for a reader, who may not take write locks: does anybody else hold `[P, L]`?
  /// No: it is dead, and our own pin keeps all others from removing it while we do.
  case o9

  // CLOSE: unlock first, then ask whether we were the last
  /// Unlock `L`: a close takes effect here.
  case x1
  /// Write lock on `[P, L]`. No: somebody else holds it.
  case x2
  /// Does the path still name this inode?
  case x3
  /// `unlinkat` by the last holder.
  case x4
}

extension LifetimeStep {
  /// Does the step take memory or an entry of the directory?
  var makesTheFile: Bool {
    switch self {
    case .c1, .c2, .c3, .c5: true
    default: false
    }
  }

  /// Does the step belong to giving a claim up?
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
  /// A write lock says "this slot of a named object is mine"; `CShmNamed.h` tells how one is taken.
  package static func claim(_ slot: Int) -> System.LockRange {
    System.LockRange(start: pin.start + 0x1000 + Int64(slot), length: 1)
  }
  /// A write lock says "the slot's owner lives, and has the epoch that stands".
  package static func alive(_ slot: Int) -> System.LockRange {
    System.LockRange(start: pin.start + 0x2000 + Int64(slot), length: 1)
  }

  package static func text(_ range: System.LockRange) -> String {
    if range.start >= alive(0).start { return "alive \(range.start - alive(0).start)" }
    if range.start > life.start { return "claim \(range.start - claim(0).start)" }
    if range.length == 2 { return "[P,L]" }
    return range.start == pin.start ? "P" : "L"
  }
}

/// What a process wants of a name.
package enum LifetimeIntent: Hashable, Sendable, CaseIterable {
  /// Make the object, or open the one that exists.
  case create
  /// Make the object; an existing one is an error.
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
  /// `reap` met an object that somebody holds, or decides about.
  case alive
  /// The handle is gone.
  case closed
}

/// The order of the steps: the protocol as one table.
package enum LifetimeRules {
  package enum Next: Hashable, Sendable {
    case step(LifetimeStep)
    /// Drop the descriptor, wait a little, and begin with o1 again; bounded by the caller.
    case again
    /// Drop the descriptor of the dead object and try to publish ours (c5) again; bounded.
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
  ///   - yes: its answer; steps that only succeed or fail are answered yes.
  ///   - writer: the object's descriptor may take write locks (it is open for writing).
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
    // Our pin may have kept the last holder from removing the name: go as a holder goes.
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

    // A reader asks as one who opens, as x2 is a write lock.
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
