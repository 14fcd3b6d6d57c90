/// What `moonpool doctor` looks at.
extension Session {
  public struct Finding: Sendable {
    public let isFine: Bool
    /// One line: what was found, and what to do where it is wrong.
    public let text: String
  }

  /// Checks `/dev/shm`, `/proc`, the namespaces' directories, and for objects of this user that
  /// are held although somebody removed their names.
  public func examine() -> [Finding] {
    [space(), procFile(), attributes()]
      + Place.allCases.map(directory) + removed()
  }

  private func space() -> Finding {
    let path = shown(raw.path)
    guard let space = try? system.space(System.path(raw.path)) else {
      return Finding(isFine: false, text: "\(path) cannot be used; mount a tmpfs there")
    }
    return Finding(
      isFine: space.free > 0, text: "\(path): \(space.free) of \(space.total) bytes are free")
  }

  private func procFile() -> Finding {
    let isThere = (try? system.status(System.path("/proc/self/fd"))) != nil
    return Finding(
      isFine: isThere,
      text: isThere
        ? "/proc is mounted" : "/proc is not mounted; objects cannot be published without it")
  }

  private func attributes() -> Finding {
    let works: Bool
    do throws(Errno) {
      let file = try system.open(
        in: System.currentDirectory, System.path(raw.path), [.readWrite, .unnamed], mode: 0o600)
      try system.setAttribute(file, NameEncoding.attribute, [0])
      works = true
    } catch {
      works = false
    }
    return Finding(
      isFine: true,
      text: works
        ? "names of any length are listed whole"
        : "names past some 250 bytes work but are listed cut (Linux before 6.6)")
  }

  private func directory(_ place: Place) -> Finding {
    let namespace = place == .local ? local : global
    do throws(Namespace.Refusal) {
      let there = try namespace.directory(making: false) != nil
      return Finding(
        isFine: true, text: "\(shown(namespace.path)) \(there ? "is sound" : "is not made yet")")
    } catch {
      let refusal = Acquisition("doctor", shown(namespace.path), .read, self)
        .refusal(error, namespace)
      return Finding(isFine: false, text: refusal.advice)
    }
  }

  private func removed() -> [Finding] {
    Holders.removedFiles(under: shown(raw.path), system).map { held in
      Finding(
        isFine: false,
        text: "process \(held.process) holds \(held.path), whose name another program removed; "
          + "restart its users to share it again")
    }
  }
}
