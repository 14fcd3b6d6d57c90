internal import CLuaShm
internal import SharedMemory

/// The model's state except for bytes of memory and the actors' own: plain values, so that a copy is
/// all that a search needs to come back.
struct World {
  var objects: [Object] = []
  var processes: [Process]
  /// Those asleep in `cell:wait` on a word, in the order in which they fell asleep.
  var sleepers: [Sleeper] = []
  /// Nanoseconds of virtual time.
  var time: Int64 = 0
  var kills = 0
  var earlyTimeouts = 0
  /// Bytes of the heap that are given to objects.
  var heapUsed = 0

  /// A named object, or one without a name.
  struct Object {
    /// 0: memory; else of `WaitableKind`.
    let kind: UInt32
    /// -1: it has none.
    let name: Int
    /// A POSIX name, which lives until it is unlinked.
    let isRaw: Bool
    /// Does its name still mean it?
    var isLinked: Bool
    /// Of memory: where in the heap.
    let offset: Int
    let size: Int
    /// No byte behind these was ever written.
    var extent = 0
    /// Of what can be waited for.
    var state = NamedState(rawValue: 0)
    var limit: UInt32 = 0
    /// How often a mutex's owner has locked it.
    var depth: UInt32 = 0
    /// Who abandoned it; -1: nobody.
    var left = -1
    /// Of what has a ring.
    var records = Records.none
    /// Open handles, by process.
    var handles: [UInt16]

    var isAlive: Bool { handles.contains { $0 > 0 } }
  }

  /// What lies in a ring, by the rules that real ones are compared with in replays.
  indirect enum Records: Equatable {
    case none
    case popped(RingModel<[UInt8]>)
    case followed(BroadcastModel<[UInt8]>)
  }

  struct Sleeper: Hashable {
    let process: Int
    let object: Int
    let at: Int
  }

  enum Phase: UInt8 {
    /// Its predecessors have not ended.
    case absent
    /// It stands before what is pending.
    case stands
    /// In `cell:wait`, until a wake.
    case asleep
    /// Woken: its wait's end is its next step.
    case woken
    /// It repeats reads; see `Spin`.
    case parked
    case ended, killed

    var isOver: Bool { self == .ended || self == .killed }
  }

  /// An actor, or the director, which is the last.
  struct Process {
    var phase = Phase.absent
    /// Of the results that it got: with the file that says where it is.
    var local = Digest()
    var pending: Pending = .nothing
    /// When its wait times out; `.max`: never.
    var deadline = Int64.max
    var status: Int32 = 0
    var steps = 0
    var spin = Spin()
    var copy: Copy?
    /// It has made no step: of equal actors, all that have not are in one state (`Symmetry.swift`).
    var isFresh = false
  }

  /// A copy that goes on word by word.
  struct Copy {
    let isDown: Bool
    /// The piece that comes next.
    var next = 0
    var staged: [UInt8]
    /// Of a copy between two views: somebody else stood before bytes that it reads, or before such
    /// that it writes, while it went on.
    var isSourceMet = false
    var isTargetMet = false
  }

  /// Reads since its last write, to notice that an actor repeats them.
  struct Spin {
    struct Round {
      let signature: UInt64
      /// Bytes of its arena; images of other sizes are others.
      let used: Int
      let image: UInt64?
    }
    var rounds: [Round] = []
    var reads: [Access] = []
    var loop = Loop()
  }

  /// A loop that allocates: its image is never the same, but it gets the same results at the same
  /// places, again and again.
  struct Loop {
    /// The call at which its rounds are told apart.
    var anchor: UInt64 = 0
    /// Calls and results of the round so far, and of the one before.
    var round = Digest()
    var former = Digest()
    var length = 0
    /// Bytes of the arena when the round began.
    var used = 0
    /// How many rounds were alike.
    var alike = 0
  }

  init(processes: Int) {
    self.processes = Array(repeating: Process(), count: processes)
  }
}

/// What an actor stands before.
final class Pending: Sendable {
  enum Kind: Sendable {
    case nothing
    case operation
    case choice(Int)
    case life(Int)
    /// It passes a mark whose order is expected, or calls an operation of a history that is checked.
    case order(isCall: Bool)
    /// Its function has returned.
    case end
  }

  let kind: Kind
  let op: UInt32
  nonisolated(unsafe) let operation: UnsafeMutablePointer<luashm_operation>?
  /// What its step may touch at most, as far as that is known before.
  let accesses: [Access]
  /// Nanoseconds of a wait; `.max`: for ever; nil: it is none.
  let timeout: Int64?
  /// The same for the same call at the same place.
  let signature: UInt64
  /// More than one word is copied as one step.
  let isWide: Bool

  init(
    _ kind: Kind, op: UInt32 = 0, _ operation: UnsafeMutablePointer<luashm_operation>? = nil,
    _ accesses: [Access] = [], timeout: Int64? = nil, signature: UInt64 = 0, isWide: Bool = false
  ) {
    self.kind = kind
    self.op = op
    self.operation = operation
    self.accesses = accesses
    self.timeout = timeout
    self.signature = signature
    self.isWide = isWide
  }

  static let nothing = Pending(.nothing)
}
