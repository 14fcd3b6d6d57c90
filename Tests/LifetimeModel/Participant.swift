package import SharedMemory

/// A lock that a description holds on one byte.
enum Hold: UInt32 { case none, read, write }

/// Whose process it is.
package enum Role: UInt32, CaseIterable, Sendable {
  case user
  /// Another user in the same sticky directory: each unlinks only what is his own.
  case guest
  /// A process whom the mode of all objects but its own new ones lets only read.
  case reader
}

/// Where a participant is between two of its steps.
package enum Position: Hashable, Sendable {
  case idle
  /// Has a handle and is not doing anything.
  case holding
  /// Will do this step next.
  case at(LifetimeStep)
  /// Will close its description of the target next, and go on with what the table said.
  case leaving(LifetimeRules.Next)

  fileprivate static let all: [Position] =
    [.idle, .holding] + LifetimeStep.allCases.map { .at($0) } + endings.map { .leaving($0) }
  private static let endings: [LifetimeRules.Next] = [
    .again, .publishAgain, .end(.notFound), .end(.exists), .end(.alive), .end(.closed),
  ]

  fileprivate var number: UInt32 {
    switch self {
    case .idle: 0
    case .holding: 1
    case .at(let step): 2 + step.number
    case .leaving(let next): 20 + UInt32(Self.endings.firstIndex(of: next)!)
    }
  }
}

extension LifetimeStep {
  /// Its place among all cases, found without a search: this is asked in every transition.
  var number: UInt32 {
    switch self {
    case .c1: 0
    case .c2: 1
    case .c3: 2
    case .c4: 3
    case .c5: 4
    case .o1: 5
    case .o2: 6
    case .o3: 7
    case .o4: 8
    case .o5: 9
    case .o6: 10
    case .o7: 11
    case .o8: 12
    case .o9: 13
    case .x1: 14
    case .x2: 15
    case .x3: 16
    case .x4: 17
    }
  }
}

extension LifetimeIntent {
  /// Its place among all cases.
  var number: UInt32 {
    switch self {
    case .create: 0
    case .createExclusively: 1
    case .open: 2
    case .close: 3
    case .reap: 4
    }
  }
}

/// One participant in 25 bits.
package struct Participant: Sendable {
  var raw: UInt32

  private static let intents = LifetimeIntent.allCases

  private func field(_ shift: UInt32, _ mask: UInt32) -> UInt32 { raw >> shift & mask }

  private mutating func setField(_ shift: UInt32, _ mask: UInt32, _ value: UInt32) {
    raw = raw & ~(mask << shift) | value << shift
  }

  /// The inode that it has open by name; 0 for none.
  var target: UInt32 {
    get { field(0, 7) }
    set { setField(0, 7, newValue) }
  }

  var pin: Hold {
    get { Hold(rawValue: field(3, 3))! }
    set { setField(3, 3, newValue.rawValue) }
  }

  var life: Hold {
    get { Hold(rawValue: field(5, 3))! }
    set { setField(5, 3, newValue.rawValue) }
  }

  var position: Position {
    get { Position.all[Int(field(7, 31))] }
    set { setField(7, 31, newValue.number) }
  }

  var isIdle: Bool { field(7, 31) == 0 }

  /// Says nothing while idle or holding.
  var intent: LifetimeIntent {
    get { Self.intents[Int(field(12, 7))] }
    set { setField(12, 7, newValue.number) }
  }

  var role: Role {
    get { Role(rawValue: field(15, 3))! }
    set { setField(15, 3, newValue.rawValue) }
  }

  /// How much of its own unnamed file is there.
  var own: Own {
    get { Own(rawValue: field(17, 15)) }
    set { setField(17, 15, newValue.rawValue) }
  }

  /// Its description of the target may take write locks.
  var isWriter: Bool {
    get { field(24, 1) == 1 }
    set { setField(24, 1, newValue ? 1 : 0) }
  }

  /// Ghost: holds the target, from the instant at which its open took effect.
  var isHolder: Bool {
    get { field(21, 1) == 1 }
    set { setField(21, 1, newValue ? 1 : 0) }
  }

  /// Ghost: at some moment of this operation the path named no living object.
  var sawAbsent: Bool {
    get { field(22, 1) == 1 }
    set { setField(22, 1, newValue ? 1 : 0) }
  }

  /// Ghost: what this operation found was living and named when it took effect.
  var sawAlive: Bool {
    get { field(23, 1) == 1 }
    set { setField(23, 1, newValue ? 1 : 0) }
  }
}

/// A file that c1 made and that has no name yet.
struct Own: OptionSet {
  let rawValue: UInt32
  static let made = Own(rawValue: 1)
  static let committed = Own(rawValue: 2)
  static let filled = Own(rawValue: 4)
  /// `L` is read-locked on it.
  static let locked = Own(rawValue: 8)
  static let complete: Own = [.made, .committed, .filled]
}
