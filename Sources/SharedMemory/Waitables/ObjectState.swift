/// The state of a named object that can be waited for, as one look finds it: `NamedEvent.State`,
/// `NamedMutex.State` and so on.
public protocol ObjectState: Sendable {
  /// For people: `manual, set`.
  var text: String { get }
  /// For programs, in the order in which they are shown.
  var fields: [StateField] { get }
  /// What only grows, by label, so that two looks give rates. It may wrap around at 2^32.
  var counters: [(label: String, value: UInt32)] { get }
}

extension ObjectState {
  public var counters: [(label: String, value: UInt32)] { [] }
}

/// One item of a state.
public struct StateField: Sendable, Equatable {
  public let label: String
  public let value: Value

  public enum Value: Sendable, Equatable {
    case flag(Bool)
    case number(Int)
    case unknown
  }

  public init(_ label: String, _ value: Value) {
    self.label = label
    self.value = value
  }
}

extension Session {
  /// The state of a living object that can be waited for; nil: a mapping, which has none, or a type
  /// that this version does not know.
  ///
  /// Looking takes no handle and no user's slot, and changes nothing: `openat(2)` for reading,
  /// `mmap(2)`, `fcntl(2)` with `F_OFD_GETLK`.
  ///
  /// - Throws: 2 it is gone by now, 5 its mode keeps this user from reading it, 1006 a program
  ///   damaged it, 999 its memory is gone.
  public func state(of entry: Entry) throws(SharedMemoryError) -> (any ObjectState)? {
    guard entry.place != nil, entry.status.permissions & 0o1000 != 0 else { return nil }
    let acquisition = Acquisition("examine", entry.text, .read, self)
    let look: Look
    do throws(Errno) { look = try Look(entry, system) } catch {
      switch error {
      case .notFound: throw acquisition.notFound()
      case .accessDenied: throw acquisition.denied(entry.status)
      default:
        throw acquisition.refused(ErrorCode(error), error, "the kernel does not let it be mapped")
      }
    }
    switch look {
    case .state(let state): return state
    case .unknown: return nil
    case .lost: throw acquisition.refused(.swap, View.lossAdvice)
    case .damaged(let what):
      throw acquisition.refused(.fileInvalid, "\(what); \(NamedHandle.damage)")
    }
  }
}

/// What is found in an object's file.
private enum Look {
  case state(any ObjectState)
  /// A type that this version does not know.
  case unknown
  case damaged(String)
  case lost

  init(_ entry: Session.Entry, _ system: System) throws(Errno) {
    let file = try system.open(entry.file, [.noFollow, .nonBlocking])
    let status = try system.status(file)
    if !status.isSameFile(as: entry.status) { throw .notFound }
    guard let kind = ObjectKind(header: try system.read(file, count: ObjectKind.headerLength)),
      let kind = kind.waitable
    else {
      self = .unknown
      return
    }
    if kind.ring == nil ? status.size != NamedWords.size : status.size < NamedWords.size {
      self = .damaged("its file has \(status.size) bytes where \(kind.one) has \(NamedWords.size)")
      return
    }
    let view = try View(
      file, offset: 0, count: status.size, .read, name: entry.text, system)
    self = Look(kind, view, file, system)
    if view.isLost { self = .lost }
  }

  /// Each word is loaded once and checked: a peer may have written anything.
  private init(
    _ kind: any WaitableKind, _ view: borrowing View, _ file: borrowing Descriptor,
    _ system: System
  ) {
    let (limit, slots) = NamedWords.geometry(view.base)
    let rules = NamedRules(kind, limit: limit)
    if !rules.isSound || slots != UInt32(NamedWords.slots) {
      self = .damaged(
        "its header says limit \(limit) and \(slots) slots, which no \(kind.name) has")
      return
    }
    let size = kind.size(limit)
    if view.count != size {
      self = .damaged("its file has \(view.count) bytes where \(kind.one) has \(size)")
      return
    }
    let nobody = NamedClaim()
    let words = NamedWords(view.base, loss: view.lossFlag, rules, [], nobody)
    self = .state(
      kind.state(
        WaitableLook(
          rules, words,
          kind.ring == .popped ? RingLook(view.base, limit, file, system) : nil,
          kind.ring == .followed ? BroadcastLook(view.base, limit, file, system) : nil, file,
          system)))
    words.deallocate()
    nobody.deallocate()
  }
}

/// What a kind makes its state of: the object's word, and whether whoever the word names lives. An
/// object that a wait for all has reserved counts as taken, as that wait may be stopped for long.
package struct WaitableLook: Sendable {
  package let state: NamedState
  package let limit: UInt32
  /// Somebody who lives has reserved it.
  package let isReserved: Bool
  /// Who holds it or is about to, for kinds with an owner; nil: nobody who lives.
  package let owner: SlotProcess?
  /// Of kinds whose file holds a ring.
  package let ring: RingLook?
  package let broadcast: BroadcastLook?

  fileprivate init(
    _ rules: NamedRules, _ words: NamedWords, _ ring: RingLook?, _ broadcast: BroadcastLook?,
    _ file: borrowing Descriptor, _ system: System
  ) {
    self.ring = ring
    self.broadcast = broadcast
    let state = words.state
    self.state = state
    limit = rules.limit
    let names = rules.hasOwner ? state.has(NamedState.held) : rules.isReserved(state)
    let isAlive = names && !words.isDead(state.mark, file, system)
    isReserved = isAlive && rules.isReserved(state)
    owner = isAlive && rules.hasOwner ? SlotProcess(words.slot(state.mark.slot), system) : nil
  }
}
