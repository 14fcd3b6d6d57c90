import CShm
import Glibc

/// Runs `moonpool` as users of a test's choice, which only root can.
///
/// `Global\` is the machine's, and any of root's operations sweeps what is dead there. A test
/// that looks at the dead therefore has a `/dev/shm` of its own: a tmpfs in a mount namespace.
public final class OtherUser {
  /// Why a process of another user cannot be started here; nil: it can.
  public static let obstacle: String? = {
    if geteuid() != 0 { return "only root can start processes of other users" }
    let outcome = OtherUser(shm: .shared).run("print(1)", as: 65_534)
    return outcome.output == "1\n" ? nil : "a process of another user fails: \(outcome.errors)"
  }()

  /// Why there can be no mount namespace; nil: there can.
  public static let mountObstacle: String? = {
    if let obstacle { return obstacle }
    let outcome = TestSupport.run("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/dev/shm"])
    return outcome.status == 0 ? nil : "no mount namespace: \(outcome.errors)"
  }()

  public enum SharedMemory { case shared, own }

  /// A word for `MOONPOOL_SESSION`, the same for all users; each has their own `Local\` all the same.
  public let session = Places.unique()
  private let folder: String
  /// A copy that every user may run.
  public let binary: String
  /// Keeps the mount namespace.
  private var keeper: Child?

  /// - Parameter shm: whose `/dev/shm`; its own is mounted as Debian does, without devices.
  public init(shm: SharedMemory) {
    folder = "/tmp/\(Places.unique("moonpool-users"))"
    precondition(mkdir(folder, 0o755) == 0 && chmod(folder, 0o755) == 0)
    // The build folder may be closed to others.
    binary = "\(folder)/moonpool"
    precondition(TestSupport.run("cp", ["--", Places.moonpool, binary]).status == 0)
    chmod(binary, 0o755)
    guard shm == .own else { return }
    let keeper = Child(
      "unshare",
      [
        "-m", "sh", "-c",
        "mount -t tmpfs -o mode=1777,nosuid,nodev none /dev/shm && echo mounted && exec cat",
      ], input: .open)
    precondition(keeper.prints("mounted\n"), keeper.complained)
    self.keeper = keeper
  }

  deinit {
    keeper?.kill()
    keeper?.wait()
    unlink(binary)
    rmdir(folder)
  }

  /// Starts any program as a user, where this test's `/dev/shm` is; it replaces the tools that
  /// prepare it, so that its number is the child's.
  public func start(
    _ command: [String], as user: UInt32, environment: [String: String] = [:],
    input: Child.Input = .open
  ) -> Child {
    let enter = keeper.map { ["nsenter", "-m", "-t", "\($0.pid)", "--"] } ?? []
    let become =
      user == 0
      ? [] : ["setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups", "--"]
    let all = enter + become + command
    return Child(
      all[0], Array(all.dropFirst()),
      environment: environment.merging(["MOONPOOL_SESSION": session]) { given, _ in given },
      input: input)
  }

  /// Starts a script that prints `ready`, and holds what it has until its input ends.
  public func hold(_ script: String, as user: UInt32) throws -> Child {
    let child = start(
      [binary, "-e", script + #" io.write("ready\n"):flush() io.read()"#], as: user)
    if !child.prints("ready\n") { throw NotReady(script: script, complaint: child.complained) }
    return child
  }

  struct NotReady: Error {
    let script: String
    let complaint: String
  }

  /// Runs any program to its end.
  public func run(
    _ command: [String], as user: UInt32, environment: [String: String] = [:]
  ) -> Outcome {
    let child = start(command, as: user, environment: environment, input: .none)
    let status = child.wait()
    return Outcome(status: status, output: child.printed, errors: child.complained)
  }

  /// Runs a script to its end.
  public func run(
    _ script: String, as user: UInt32, environment: [String: String] = [:]
  ) -> Outcome {
    run([binary, "-e", script], as: user, environment: environment)
  }

  /// Runs `moonpool` with arguments to its end.
  public func moonpool(_ arguments: String..., as user: UInt32) -> Outcome {
    run([binary] + arguments, as: user)
  }
}
