/// The file system that holds the objects: why it refuses a new file, and what to do about it.
struct ShmFileSystem {
  /// `/dev/shm`.
  let path: String
  private let system: System

  init(_ session: Session) {
    path = shown(session.raw.path)
    system = session.system
  }

  private var kernelPath: [CChar] { System.path(path) }

  var space: System.Space? { try? system.space(kernelPath) }

  /// The reason and the way out; nil: the error has a cause that does not lie in the file system.
  func obstacle(_ errno: Errno) -> String? {
    switch errno {
    case .notFound:
      return (try? system.status(kernelPath)) == nil ? "\(path) does not exist; \(Self.mount)" : nil
    case .notDirectory:
      return "\(path) is not a directory; \(Self.mount)"
    case .readOnlyFileSystem:
      return readOnly
    case .noSpace:
      return space.flatMap { $0.hasNoInodes ? noInodes($0) : nil }
    case .accessDenied, .notPermitted:
      return system.mayMakeFiles(in: kernelPath) ? nil : closed
    default: return nil
    }
  }

  private static let mount = "let root mount a tmpfs there"

  var readOnly: String {
    "\(path) is mounted read-only; let root mount it writable (mount -o remount,rw \(path))"
  }

  func noInodes(_ space: System.Space) -> String {
    "\(path) has no inodes left, all \(space.inodes) are taken; remove what is not needed there, "
      + "or let root allow more (mount -o remount,nr_inodes=\(max(2 * space.inodes, 1024)) \(path))"
  }

  /// The explanation for a mode that keeps us out.
  private var closed: String {
    guard let status = try? system.status(kernelPath) else {
      return "\(path) cannot be used; let root look at it"
    }
    return "\(path) belongs to \(System.userText(status.owner)) with mode "
      + "\(Self.octal(status)), which does not let you make files there; \(cure)"
  }

  /// What is wrong with its mode for every user; nil: nothing.
  func modeComplaint() -> String? {
    guard let status = try? system.status(kernelPath) else { return nil }
    let isOpen = status.permissions & 0o777 == 0o777
    let isSticky = status.permissions & 0o1000 != 0
    if isOpen && isSticky { return nil }
    return "\(path) has mode \(Self.octal(status)) instead of 01777, so that "
      + (isOpen
        ? "anybody can remove other users' objects there" : "not everybody can make objects there")
      + "; \(cure)"
  }

  private var cure: String { "let root open it to everybody (chmod 1777 \(path))" }

  private static func octal(_ status: FileStatus) -> String {
    "0" + String(status.permissions, radix: 8)
  }
}
