/// One look at what lives in a session's namespaces.
///
/// All listings of a census share one reading of `/proc/locks`, which counts the claims; see
/// `LockTable`.
public struct Census: Sendable {
  private let session: Session
  private let locks: LockTable?

  init(_ session: Session, counting: Bool) {
    self.session = session
    locks = counting ? try? LockTable(session.system) : nil
  }

  /// The living objects of a namespace, sorted by name. Removes dead ones on the way, as far as
  /// they are this user's, those of the user's other sessions included. `getdents64(2)`, and the
  /// lifetime protocol's REAP for each entry.
  ///
  /// - Throws: 5 a directory that is not to be trusted.
  public func list(_ place: Session.Place) throws(SharedMemoryError) -> [Session.Entry] {
    if place == .local { session.sweepOtherSessions() }
    guard let survey = try session.survey(place, locks, for: "list", place.prefix) else {
      return []
    }
    let entries = survey.files.compactMap { file -> Session.Entry? in
      if case .living(let entry) = survey.finding(file) { return entry }
      return nil
    }
    if entries.isEmpty { survey.namespace.removeIfTemporary(session.system) }
    return entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }
}

extension Session {
  /// Looks at what lives.
  ///
  /// - Parameter counting: count the claims on all objects. That also finds objects that live
  ///   although their mode keeps us from asking their files. It reads `/proc/locks`; `LockTable`
  ///   says what that costs everybody else.
  public func census(counting: Bool = true) -> Census { Census(self, counting: counting) }

  /// One namespace's part of a census.
  ///
  /// - Throws: 5 a directory that is not to be trusted.
  public func list(_ place: Place) throws(SharedMemoryError) -> [Entry] {
    try census().list(place)
  }

  /// The processes that hold the object; of a POSIX object, those that have it open or mapped. Only
  /// processes that we may look at: our own, and for root everybody's in our PID namespace.
  /// `/proc/PID/fd`.
  public func holders(of entry: Entry) -> [Holders.Holder] {
    entry.place == nil
      ? Holders.users(of: entry.status, system) : Holders.processes(of: entry.status, system)
  }

  /// Are there holders beside those that were seen?
  public func unseen(of entry: Entry, beside holders: [Holders.Holder]) -> Holders.Unseen {
    if holders.isEmpty, entry.place != nil, isHeld(entry) { return .certainly }
    let others = entry.mode & 0o077 != 0 || entry.owner != user || entry.isClosed
    return others && user != 0 ? .perhaps : .no
  }

  /// Does anybody still hold the object? `F_OFD_GETLK`. False where its mode keeps us from asking.
  func isHeld(_ entry: Entry) -> Bool {
    guard let file = try? system.open(entry.file, [.noFollow, .nonBlocking]),
      (try? system.status(file))?.isSameFile(as: entry.status) == true
    else { return false }
    return (try? system.conflicts(file, .write, LifetimeLock.life)) ?? false
  }
}
