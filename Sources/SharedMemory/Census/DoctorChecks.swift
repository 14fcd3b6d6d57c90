/// What `moonpool doctor` looks at.
extension Session {
  public struct Finding: Sendable {
    public let isFine: Bool
    /// One line: what was found, and what to do where it is wrong.
    public let text: String

    static func fine(_ text: String) -> Finding { Finding(isFine: true, text: text) }
    static func wrong(_ text: String) -> Finding { Finding(isFine: false, text: text) }
  }

  /// Checks `/dev/shm`, `/proc` and the namespaces' directories. Also looks for objects that are
  /// held although somebody removed their names, and for dead objects of other users, which only
  /// they or root can remove. This user's own dead objects are removed, as by every operation.
  public func examine() -> [Finding] {
    fileSystem() + [procFile()] + attributes() + Place.allCases.map(directory) + removed()
      + deadOfOthers()
  }

  // MARK: /dev/shm

  private func fileSystem() -> [Finding] {
    let files = ShmFileSystem(self)
    guard let space = files.space else {
      return [
        .wrong(files.obstacle(.notFound) ?? "\(files.path) cannot be used; mount a tmpfs there")
      ]
    }
    var findings: [Finding] = []
    if space.isReadOnly { findings.append(.wrong(files.readOnly)) }
    if space.hasNoInodes { findings.append(.wrong(files.noInodes(space))) }
    if space.isFull {
      findings.append(
        .wrong(
          "\(files.path): none of \(space.total) bytes is free; close objects, or let root enlarge it "
            + "(mount -o remount,size= \(files.path))"))
    }
    if let complaint = files.modeComplaint() {
      findings.append(.wrong(complaint))
    } else if findings.isEmpty, case .failure(let errno) = probe() {
      findings.append(.wrong(unusable(errno, files)))
    }
    if !findings.isEmpty { return findings }
    return [
      .fine(
        space.total == 0
          ? "\(files.path) has no limit but the machine's memory"
          : "\(files.path): \(space.free) of \(space.total) bytes are free")
    ]
  }

  private func unusable(_ errno: Errno, _ files: ShmFileSystem) -> String {
    files.obstacle(errno)
      ?? "a file cannot be made in \(files.path) (\(errno.symbol)); mount a tmpfs there"
  }

  /// Tries with a file that nobody sees and that is gone at once: can a file be made here, and does
  /// it take an extended attribute?
  private func probe() -> Result<Errno?, Errno> {
    do throws(Errno) {
      let file = try system.open(
        in: System.currentDirectory, System.path(raw.path), [.readWrite, .unnamed], mode: 0o600)
      do throws(Errno) {
        try system.setAttribute(file, NameEncoding.attribute, [0])
        return .success(nil)
      } catch { return .success(error) }
    } catch { return .failure(error) }
  }

  private func procFile() -> Finding {
    let isThere = (try? system.status(System.path("/proc/self/fd"))) != nil
    return isThere
      ? .fine("/proc is mounted")
      : .wrong("/proc is not mounted; objects cannot be published without it")
  }

  /// Reports nothing where no file could be made: that says nothing about attributes.
  private func attributes() -> [Finding] {
    guard case .success(let refusal) = probe() else { return [] }
    switch refusal {
    case nil: return [.fine("names of any length are listed whole")]
    case .notSupported?:
      return [
        .fine("names past some 250 bytes work but are listed cut (Linux before 6.6)")
      ]
    case let errno?:
      return [
        .wrong(
          "names past some 250 bytes cannot be made: \(shown(raw.path)) takes no attributes now "
            + "(\(errno.symbol)); let root allow more inodes (mount -o remount,nr_inodes=)")
      ]
    }
  }

  // MARK: Namespaces

  private func directory(_ place: Place) -> Finding {
    let namespace = place == .local ? local : global
    do throws(Namespace.Refusal) {
      let there = try namespace.directory(making: false) != nil
      return .fine("\(shown(namespace.path)) \(there ? "is sound" : "is not made yet")")
    } catch {
      return .wrong(
        Acquisition("doctor", shown(namespace.path), .read, self)
          .refusal(error, namespace).advice)
    }
  }

  private func removed() -> [Finding] {
    RemovedObjects(self).all().map { removed in
      .wrong(
        "process \(removed.process) holds \(removed.text), whose name another program removed; "
          + "restart its users to share it again")
    }
  }

  /// The dead objects that stay, user by user, and, for information, those that cannot be asked.
  private func deadOfOthers() -> [Finding] {
    guard let survey = try? survey(.global, nil, for: "doctor", "") else { return [] }
    var dead: [UInt32: Int] = [:]
    var closed: [UInt32: Int] = [:]
    for file in survey.files {
      switch survey.look(file) {
      case .dead(let status) where status.owner == user: _ = survey.finding(file)
      case .dead(let status): dead[status.owner, default: 0] += 1
      case .closed(let entry): closed[entry.owner, default: 0] += 1
      case .living, .none: break
      }
    }
    return dead.sorted { $0.key < $1.key }.map { owner, count in
      .wrong(
        "\(Self.objects("dead object", count)) of \(System.userText(owner)) in Global\\ "
          + "\(count == 1 ? "keeps its name" : "keep their names") from everybody; "
          + "\(Acquisition.cure)")
    }
      + closed.sorted { $0.key < $1.key }.map { owner, count in
        .fine(
          "\(Self.objects("object", count)) of \(System.userText(owner)) in Global\\ can be "
            + "looked at only by them and root")
      }
  }

  private static func objects(_ what: String, _ count: Int) -> String {
    "\(count) \(what)\(count == 1 ? "" : "s")"
  }
}
