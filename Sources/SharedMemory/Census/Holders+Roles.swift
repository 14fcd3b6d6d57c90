extension Holders {
  /// What a process does with an object that carries messages, as far as it has shown it: a handle
  /// is a producer from its first push on, and a consumer from its first pop or take on.
  public struct Roles: Sendable, Equatable {
    /// The kind's words, such as `producer`, `consumer`; none: it has done neither.
    public let words: [String]
    /// `producer, consumer`
    public var text: String { words.isEmpty ? "-" : words.joined(separator: ", ") }
  }
}

extension Session {
  /// What the object's holders do with it, by the process's number here; nil: its type knows no
  /// roles. A process that is not in the list has none.
  ///
  /// It takes no handle and no user's slot. `F_OFD_GETLK` for each who has a role, `pread(2)`.
  public func roles(of entry: Entry) -> [Int: Holders.Roles]? {
    guard entry.place != nil, entry.status.permissions & 0o1000 != 0,
      let file = try? system.open(entry.file, [.noFollow, .nonBlocking]),
      (try? system.status(file))?.isSameFile(as: entry.status) == true,
      let header = try? system.read(file, count: NamedWords.size),
      let kind = ObjectKind(header: Array(header.prefix(ObjectKind.headerLength)))?.waitable,
      kind.ring != nil
    else { return nil }
    var roles: [Int: [RingRole]] = [:]
    for role in RingRole.allCases {
      // Several slots may belong to one process.
      var seen: Set<Int> = []
      for slot in slots(with: role, file) {
        guard case .known(let process) = SlotProcess(NamedWords.slot(slot, header), system),
          seen.insert(Int(process)).inserted
        else { continue }
        roles[Int(process), default: []].append(role)
      }
    }
    return roles.mapValues { Holders.Roles(words: $0.map(kind.word)) }
  }

  /// From lock to lock: neighbours that one process has locked are one lock to the kernel.
  private func slots(with role: RingRole, _ file: borrowing Descriptor) -> [Int] {
    let range = LifetimeLock.every(role)
    let end = range.start + Int64(NamedWords.slots)
    var slots: [Int] = []
    var start = range.start
    while start < end,
      let met = try? system.conflict(
        file, .read, System.LockRange(start: start, length: end - start))
    {
      // A stranger's lock may have any length, 0 for one without an end.
      let last = met.range.length > 0 ? min(met.range.start + met.range.length, end) : end
      let first = max(met.range.start, start)
      if last <= first { break }
      slots += (first..<last).map { Int($0 - range.start) }
      start = last
    }
    return slots
  }
}
