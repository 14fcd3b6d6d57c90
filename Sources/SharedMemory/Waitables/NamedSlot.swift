/// What a slot of a named object says about its last claimer: one word, written as a whole.
///
///     bits 0-21   epoch
///     bits 22-41  the pid namespace in whose numbering the process is
///     bits 42-63  the process, which the kernel keeps below 2^22 (`PID_MAX_LIMIT`, `proc(5)`)
///
/// The namespace is the low bits of the inode of `/proc/self/ns/pid`. The kernel hands out the
/// lowest free number, so they distinguish a million namespaces. Process and namespace are for
/// people to look at; nothing depends on them.
package struct NamedSlot: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package init(epoch: UInt32, process: Int32, namespace: UInt64) {
    rawValue =
      UInt64(epoch & NamedMark.epochs)
      | Self.low(namespace) << 22 | UInt64(UInt32(bitPattern: process)) << 42
  }

  package var epoch: UInt32 { UInt32(truncatingIfNeeded: rawValue) & NamedMark.epochs }
  /// 0: unknown.
  package var process: Int32 { Int32(truncatingIfNeeded: rawValue >> 42) }
  /// 0: unknown.
  package var namespace: UInt64 { Self.low(rawValue >> 22) }

  /// The part of a namespace's inode that a slot keeps.
  package static func low(_ inode: UInt64) -> UInt64 { inode & 0xF_FFFF }
}

/// The process that claimed a slot, as it is seen from this one.
package enum SlotProcess: Equatable, Sendable {
  case known(Int32)
  /// It lives in another pid namespace and has no number here.
  case elsewhere
  case unknown

  init(_ slot: NamedSlot, _ system: System) {
    if slot.process <= 0 {
      self = .unknown
    } else if slot.namespace == NamedSlot.low(System.processNamespace()) {
      self = .known(slot.process)
    } else {
      self = Self.find(slot, system).map(SlotProcess.known) ?? .elsewhere
    }
  }

  /// The process's number here. A process in a namespace below ours has one: `NSpid` in
  /// `/proc/PID/status` lists its numbers, ours first, its own last (`proc(5)`).
  private static func find(_ slot: NamedSlot, _ system: System) -> Int32? {
    // If /proc belongs to another namespace, its first column is not ours.
    guard numbers("self", system).count == 1, let stream = try? system.stream(System.path("/proc")),
      let names = try? system.entries(stream)
    else { return nil }
    for case let process? in names.map({ Int32(String(decoding: $0, as: UTF8.self)) }) {
      let all = numbers("\(process)", system)
      if all.count > 1, all.last == slot.process,
        NamedSlot.low(System.processNamespace(of: "\(process)")) == slot.namespace
      {
        return process
      }
    }
    return nil
  }

  /// Does it run, or would it, if it got a processor or its page from the disk? Unknown of another
  /// namespace's; of ourselves, who run as we ask, it says nothing.
  func runs(_ system: System) -> Bool {
    guard case .known(let process) = self, process != System.process else { return false }
    return system.hasRunningThread(process)
  }

  private static func numbers(_ process: String, _ system: System) -> [Int32] {
    let text = (try? system.contents(System.path("/proc/\(process)/status"))) ?? []
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("NSpid:") }) else { return [] }
    return line.dropFirst(6).split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
  }
}
