internal import Synchronization

/// A directory of objects, verified before it is trusted, and opened once.
///
/// Somebody else may have created `/dev/shm/moonpool-<uid>` first: as a link, with files of their
/// own in it, or writable for everybody. So its type, owner and mode are checked when it is opened,
/// no link is followed, and every name is then used relative to the open directory.
package final class Namespace: Sendable {
  package struct Rule: Sendable {
    /// Exactly these permission bits.
    let mode: UInt32
    /// Exactly this owner; nil: any, as the machine-wide directory is made by whoever comes first.
    let owner: UInt32?
    /// Removed with the last object in it: a session's directory, which nobody may reuse.
    let isTemporary: Bool

    /// What a user who is shut out of their own directory can do.
    var wayOut: String {
      owner == nil
        ? "" : ", or set MOONPOOL_SESSION to a word of your own, or share through Global\\"
    }

    static func ofSession(_ user: UInt32) -> Rule {
      Rule(mode: 0o700, owner: user, isTemporary: true)
    }
  }

  /// The open directory. A class, so that operations keep theirs while another thread renews it.
  package final class Directory: Sendable {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
    package var number: Int32 { descriptor.number }
  }

  package let path: [UInt8]
  /// Nil: the directory of POSIX names, which the system made and where no protocol applies.
  let rule: Rule?
  let system: System
  private let opened = Mutex<Directory?>(nil)
  let sweep = Mutex<Sweep>(Sweep())

  init(path: [UInt8], rule: Rule?, _ system: System) {
    self.path = path
    self.rule = rule
    self.system = system
  }

  enum Refusal: Error {
    case system(Errno)
    /// The directory is not what it must be; the text says why and what to do.
    case untrusted(String)
  }

  /// The open directory; nil if there is none and `making` is false.
  func directory(making: Bool) throws(Refusal) -> Directory? {
    if let known = opened.withLock({ $0 }) { return known }
    var found = try verified()
    if found == nil, making {
      try make()
      found = try verified()
    }
    opened.withLock { $0 = found }
    return found
  }

  /// Forgets a directory that was removed or replaced; the next `directory` looks again.
  ///
  /// - Returns: whether it was forgotten, that is, whether looking again can help.
  func renew(_ stale: Directory) -> Bool {
    do throws(Errno) {
      let held = try system.status(stale.descriptor)
      if try system.status(System.path(path)).isSameFile(as: held) { return false }
    } catch {
      // If the kernel cannot say, assume that it is unchanged.
      if error != .notFound { return false }
    }
    opened.withLock { if $0 === stale { $0 = nil } }
    return true
  }

  /// Removes a session's directory if it has become empty: after a last close, or, for a killed
  /// process, by whoever finds it empty.
  func removeIfTemporary(_ system: System) {
    guard let rule, rule.isTemporary else { return }
    _ = try? system.removeDirectory(System.path(path))
  }

  private func verified() throws(Refusal) -> Directory? {
    var descriptor = Descriptor.none
    let status: FileStatus
    do throws(Errno) {
      descriptor = try system.open(System.path(path), [.directory, .noFollow])
      status = try system.status(descriptor)
    } catch {
      switch error {
      case .notFound: return nil
      case .link, .notDirectory:
        throw .untrusted(
          "\(shown(path)) is not a directory (a link is not followed); remove it"
            + (rule?.wayOut ?? ""))
      case .accessDenied:
        if let closed = try? system.status(System.path(path)) { try check(closed) }
        throw .system(error)
      default: throw .system(error)
      }
    }
    try check(status)
    return Directory(descriptor)
  }

  private func check(_ status: FileStatus) throws(Refusal) {
    if let rule, let reason = Self.complaint(status, rule) {
      throw .untrusted("\(shown(path)) \(reason)")
    }
  }

  private static func complaint(_ status: FileStatus, _ rule: Rule) -> String? {
    if let owner = rule.owner, status.owner != owner {
      return "belongs to \(System.userText(status.owner)), not to you; "
        + "somebody made it first: have it removed" + rule.wayOut
    }
    if status.permissions != rule.mode {
      return "has mode 0\(String(status.permissions, radix: 8)) instead of "
        + "0\(String(rule.mode, radix: 8)); others may have changed what is in it: "
        + "end its users and remove it" + rule.wayOut
    }
    return nil
  }

  private func make() throws(Refusal) {
    guard let rule else { return }
    do throws(Errno) {
      try system.makeDirectory(System.path(path), mode: rule.mode)
    } catch {
      if error != .exists { throw .system(error) }
    }
  }
}
