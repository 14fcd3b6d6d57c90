/// What is modelled, and what is not.
///
/// **The file system** is one path. The inode that it names is number 1; an inode that lost its
/// name keeps a number from 2 on while a participant has it open, and is forgotten after that.
/// An inode that never had a name is seen by its maker alone and needs no number.
///
/// **The locks** are two bytes, `P` and `L`, of each open file description. A participant has at
/// most two descriptions: of its own unnamed file, on which it holds `L` from c4 on, and of its
/// target, which o1 opened or c5 published. They go with the description, also by `kill -9`.
///
/// **A participant** does one operation at a time and then is idle or holds one handle; a
/// process with two handles is two participants, whose crashes come one after the other. There
/// is no bound on the number of operations: a participant that ended or crashed begins anew, so
/// an exploration that ends has seen every run of any length. Which step comes next is not
/// modelled: it is asked of `LifetimeRules`, as the implementation does.
///
/// **Left out**: sizes and bytes (only that they are there before the name is), errors of the
/// file system, two processes that share one description, foreign programs that unlink.
/// Giving up after too many retries is a crash here, which is the same to everybody else.
///
/// **Ghosts** are what the protocol cannot see and the properties speak of: who holds a handle
/// since the instant at which an open takes effect, which inode is dead, and what an operation
/// could have found at some moment of its own.
package struct State: Sendable {
  package static let capacity = 4

  var participants: SIMD4<UInt32> = .zero
  var shared: UInt32

  init(participants count: Int) {
    precondition(count <= Self.capacity)
    shared = UInt32(count)
    observe()
  }

  var count: Int { Int(shared & 7) }

  subscript(index: Int) -> Participant {
    get { Participant(raw: participants[index]) }
    set { participants[index] = newValue.raw }
  }

  /// The path names an inode, which then is number 1.
  var isNamed: Bool {
    get { shared & 1 << 3 != 0 }
    set { shared = newValue ? shared | 1 << 3 : shared & ~(1 << 3) }
  }

  /// The named inode belongs to the guest, so that nobody else may unlink it.
  var isGuestOwned: Bool {
    get { shared & 1 << 4 != 0 }
    set { shared = newValue ? shared | 1 << 4 : shared & ~(1 << 4) }
  }

  /// Ghost: something happened after which the name may outlive its object.
  var isExcused: Bool {
    get { shared & 1 << 5 != 0 }
    set { shared = newValue ? shared | 1 << 5 : shared & ~(1 << 5) }
  }

  /// Ghost: nobody holds this inode.
  func isDead(_ inode: UInt32) -> Bool { shared & 1 << (5 + inode) != 0 }

  /// A set bit of `inodes` is the number of one that is dead from now on.
  mutating func setDead(_ inodes: UInt32) { shared |= inodes << 5 }

  mutating func setLiving(_ inode: UInt32) { shared &= ~(1 << (5 + inode)) }

  /// The numbers that inodes have.
  static let inodes: UInt32 = 0b111110

  /// Ghost: a lookup at this moment would have to find an object.
  var hasLivingName: Bool { isNamed && !isDead(1) }
}

extension State: Hashable {
  package static func == (left: State, right: State) -> Bool {
    left.shared == right.shared && left.participants == right.participants
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(UInt64(participants[0]) << 32 | UInt64(participants[1]))
    hasher.combine(UInt64(participants[2]) << 32 | UInt64(participants[3]))
    hasher.combine(shared)
  }
}
