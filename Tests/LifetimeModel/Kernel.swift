/// Which lock bytes a call is about.
struct LockBytes: OptionSet, Sendable {
  let rawValue: Int
  static let pin = LockBytes(rawValue: 1)
  static let life = LockBytes(rawValue: 2)
  static let both: LockBytes = [.pin, .life]
}

// The system calls of the protocol, each atomic, as Linux does them on one path.
extension State {
  /// `open` of the path, without `O_CREAT`.
  mutating func open(_ index: Int) -> Bool {
    guard isNamed else { return false }
    self[index].target = 1
    self[index].isWriter = self[index].role != .reader
    return true
  }

  /// `linkat` of the participant's own file, whose description then is that of its target.
  mutating func link(_ index: Int) -> Bool {
    if isNamed { return false }
    isNamed = true
    isGuestOwned = self[index].role == .guest
    isExcused = false
    setLiving(1)
    self[index].target = 1
    self[index].life = self[index].own.contains(.locked) ? .read : .none
    self[index].pin = .none
    self[index].isWriter = true
    return true
  }

  /// Does the path still name the inode that the participant has open?
  func names(_ index: Int) -> Bool { self[index].target == 1 }

  /// `unlinkat` of whatever the path names; in a sticky directory only by its owner.
  mutating func unlink(_ index: Int) {
    guard isNamed, isGuestOwned == (self[index].role == .guest) else { return }
    loseName()
  }

  /// The named inode becomes one that only its open descriptions know.
  mutating func loseName() {
    let number = unusedNumber()
    for other in 0..<count where self[other].target == 1 { self[other].target = number }
    if !isDead(1) { setLiving(number) }
    isNamed = false
    isGuestOwned = false
    isExcused = false
  }

  private func unusedNumber() -> UInt32 {
    var number: UInt32 = 2
    while (0..<count).contains(where: { self[$0].target == number }) { number += 1 }
    return number
  }

  /// `F_OFD_SETLK`: all of the bytes or none.
  mutating func lock(_ index: Int, _ type: Hold, _ bytes: LockBytes) -> Bool {
    if type != .none && conflicts(index, type, bytes) { return false }
    if bytes.contains(.pin) { self[index].pin = type }
    if bytes.contains(.life) { self[index].life = type }
    return true
  }

  /// `F_OFD_GETLK`: would another description's lock refuse it?
  func conflicts(_ index: Int, _ type: Hold, _ bytes: LockBytes) -> Bool {
    let target = self[index].target
    for other in 0..<count where other != index && self[other].target == target {
      let held = self[other]
      if bytes.contains(.pin) && Self.conflict(held.pin, type) { return true }
      if bytes.contains(.life) && Self.conflict(held.life, type) { return true }
    }
    return false
  }

  private static func conflict(_ held: Hold, _ wanted: Hold) -> Bool {
    held == .write || held == .read && wanted == .write
  }

  /// `close` of the target's description: its locks go with it.
  mutating func drop(_ index: Int) {
    self[index].target = 0
    self[index].pin = .none
    self[index].life = .none
    self[index].isWriter = false
    self[index].isHolder = false
  }

  /// `kill -9`: all descriptions and locks are gone, and a new process may take the place.
  mutating func kill(_ index: Int) { self[index] = Participant(raw: 0) }
}

extension State {
  /// The participant before is in the same situation: what this one can do is known.
  func repeats(_ index: Int) -> Bool {
    index > 0 && participants[index] == participants[index - 1]
  }

  /// The participants in the order that makes equal situations equal states.
  func order() -> SIMD4<Int> {
    var order = SIMD4<Int>(0, 1, 2, 3)
    for end in 1..<max(count, 1) {
      var at = end
      while at > 0 && sortKey(order[at]) < sortKey(order[at - 1]) {
        (order[at], order[at - 1]) = (order[at - 1], order[at])
        at -= 1
      }
    }
    return order
  }

  /// Numbers from 2 on are arbitrary: only that it is one of them, and dead or not, counts.
  private func sortKey(_ index: Int) -> UInt32 {
    let target = self[index].target
    let kind = target < 2 ? target : isDead(target) ? 2 : 3
    return self[index].raw & ~7 | kind
  }

  /// The same situation with its participants in `order` and its inodes numbered by appearance.
  func arranged(_ order: SIMD4<Int>) -> State {
    var result = self
    var numbers = SIMD8<UInt32>.zero
    var next: UInt32 = 2
    result.setDead(Self.inodes & ~2)
    for place in 0..<count {
      var participant = self[order[place]]
      let target = participant.target
      if target >= 2 {
        if numbers[Int(target)] == 0 {
          numbers[Int(target)] = next
          if !isDead(target) { result.setLiving(next) }
          next += 1
        }
        participant.target = numbers[Int(target)]
      }
      result[place] = participant
    }
    return result
  }

  /// One state for all that differ in the names of participants and inodes only.
  var canonical: State { arranged(order()) }
}
