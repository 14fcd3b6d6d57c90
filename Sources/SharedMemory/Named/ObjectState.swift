/// What a named event, mutex or semaphore is at, as one look at it has it.
public enum ObjectState: Equatable, Sendable {
  case event(isManual: Bool, isSet: Bool)
  case mutex(Lock)
  case semaphore(count: Int, maximum: Int)

  public enum Lock: Equatable, Sendable {
    case free
    /// By somebody who lives: its process as it is seen here; nil: unknown. A wait for all of
    /// several objects that is about to take it counts, as nobody else can meanwhile.
    case locked(process: Int32?)
    /// By somebody who lives in another pid namespace, whose processes have no numbers here.
    case lockedElsewhere
    /// Its last owner ended without unlocking: the next one that locks it is told.
    case abandoned
  }
}

extension Session {
  /// The state of a living event, mutex or semaphore; nil: a mapping, which has none, or a type
  /// that this version does not know.
  ///
  /// Looking takes no handle and no place of a user, and changes nothing: `openat(2)` for reading,
  /// `mmap(2)`, `fcntl(2)` with `F_OFD_GETLK`.
  ///
  /// - Throws: 2 it has gone meanwhile, 5 its mode keeps this user from reading it, 1006 a program
  ///   damaged it, 999 its memory is gone.
  public func state(of entry: Entry) throws(SharedMemoryError) -> ObjectState? {
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

/// What a look at an object's file finds.
private enum Look {
  case state(ObjectState)
  /// A type that this version does not know.
  case unknown
  case damaged(String)
  case lost

  init(_ entry: Session.Entry, _ system: System) throws(Errno) {
    let file = try system.open(entry.file, [.noFollow, .nonBlocking])
    let status = try system.status(file)
    if !status.isSameFile(as: entry.status) { throw .notFound }
    guard let kind = ObjectKind(header: try system.read(file, count: ObjectKind.headerLength)),
      kind != .mapping
    else {
      self = .unknown
      return
    }
    if status.size != NamedWords.size {
      self = .damaged("its file has \(status.size) bytes where \(kind.one) has \(NamedWords.size)")
      return
    }
    let view = try View(
      file, offset: 0, count: status.size, .read, name: entry.text, system)
    self = Look(kind, view, file, system)
    if view.isLost { self = .lost }
  }

  /// Each word is loaded once, and none is trusted: a peer may have written anything.
  private init(
    _ kind: ObjectKind, _ view: borrowing View, _ file: borrowing Descriptor, _ system: System
  ) {
    let (limit, slots) = NamedWords.geometry(view.base)
    let rules = NamedRules(kind: kind, limit: limit)
    if !rules.isSound || slots != UInt32(NamedWords.slots) {
      self = .damaged(
        "its header says limit \(limit) and \(slots) slots, which no \(kind.name) has")
      return
    }
    let nobody = NamedClaim()
    let words = NamedWords(view.base, loss: view.lossFlag, rules, [], nobody)
    self = .state(ObjectState(rules, words, file, system))
    words.deallocate()
    nobody.deallocate()
  }
}

extension ObjectState {
  fileprivate init(
    _ rules: NamedRules, _ words: NamedWords, _ file: borrowing Descriptor, _ system: System
  ) {
    let state = words.state
    switch rules.kind {
    case .mutex: self = .mutex(Lock(state, words, file, system))
    case .semaphore:
      let count = Int(state.rawValue & NamedState.count)
      let reserved = count > 0 && Self.isReserved(state, rules, words, file, system) ? 1 : 0
      self = .semaphore(count: count - reserved, maximum: Int(rules.limit))
    default:
      let isSet =
        state.has(NamedState.set) && !Self.isReserved(state, rules, words, file, system)
      self = .event(isManual: rules.isManual, isSet: isSet)
    }
  }

  /// What a wait for all has reserved, and may keep for long if it is stopped, is not to be had.
  private static func isReserved(
    _ state: NamedState, _ rules: NamedRules, _ words: NamedWords, _ file: borrowing Descriptor,
    _ system: System
  ) -> Bool {
    rules.isReserved(state) && !words.isDead(state.mark, file, system)
  }
}

extension ObjectState.Lock {
  /// One that is only reserved, by a wait for all of several objects, is as it was before that once
  /// whoever waits is dead.
  fileprivate init(
    _ state: NamedState, _ words: NamedWords, _ file: borrowing Descriptor, _ system: System
  ) {
    guard state.has(NamedState.held), !words.isDead(state.mark, file, system) else {
      let wasOwned = state.has(NamedState.held) && !state.has(NamedState.reserved)
      self = wasOwned || state.has(NamedState.left) ? .abandoned : .free
      return
    }
    switch SlotProcess(words.slot(state.mark.slot), system) {
    case .known(let process): self = .locked(process: process)
    case .unknown: self = .locked(process: nil)
    case .elsewhere: self = .lockedElsewhere
    }
  }
}
