import TestSupport
import Testing

/// Rootless containers, in each of which the user is uid 0, on one `/dev/shm`.
@Suite(.disabled(if: Container.obstacle != nil, Comment(rawValue: Container.obstacle ?? "")))
struct InARootlessContainer {
  private let users = OtherUser(shm: .own)
  private let asRoot = ["unshare", "-U", "-r"]

  private func run(_ script: String, in container: [String], as user: UInt32) -> String {
    let outcome = users.run(container + [users.binary, "-e", script], as: user)
    return outcome.output + outcome.errors
  }

  private func hold(_ script: String, in container: [String], as user: UInt32) -> Child {
    let ready = script + #" io.write("ready\n"):flush() io.read()"#
    let child = users.start(container + [users.binary, "-e", ready], as: user)
    #expect(child.prints("ready\n"), "\(child.complained)")
    return child
  }

  private func end(_ child: Child) {
    child.closeInput()
    #expect(child.wait() == 0, "\(child.complained)")
  }

  /// Two people, and the machine's root: the directory of none of them is another's.
  @Test func localNamesAreOnesOwn() {
    let first = hold("a = assert(shm.create('a', 1))", in: asRoot, as: 1001)
    let second = hold("a = assert(shm.create('a', 2))", in: asRoot, as: 1002)
    let root = hold("a = assert(shm.create('a', 3))", in: [], as: 0)
    #expect(run("print(#assert(shm.open('a')))", in: asRoot, as: 1001) == "1\n")
    #expect(run("print(#assert(shm.open('a')))", in: asRoot, as: 1002) == "2\n")
    #expect(run("print(#assert(shm.open('a')))", in: [], as: 0) == "3\n")
    for child in [first, second, root] { end(child) }
    #expect(run("print(select(3, shm.open('a')))", in: asRoot, as: 1001) == "2\n")
  }

  @Test func localNamesAreSharedWithTheSameUserOutside() {
    let inside = hold(
      "a = assert(shm.create('a', 1)) m = assert(shm.mutex('m'))", in: asRoot, as: 1001)
    let look = "m = shm.open_mutex('m') print(#assert(shm.open('a')), m:lock(1)) m:unlock()"
    #expect(run(look, in: [], as: 1001) == "1\ttrue\n")
    #expect(run(look, in: ["unshare", "-U", "--map-user=1000"], as: 1001) == "1\ttrue\n")
    #expect(
      users.run(["unshare", "-U", "-r", users.binary, "ls"], as: 1001).output
        .split(separator: "\n").count == 3)
    end(inside)
  }

  @Test(
    arguments: [
      (["unshare", "-U", "-r"], 1001, 1001), (["unshare", "-U", "--map-user=1000"], 1001, 1001),
      (["unshare", "-U", "--map-user=1001"], 1001, 1001), ([], 1001, 1001),
      (["unshare", "-U", "--map-user=1000"], 0, 0),
      (["unshare", "-U", "-r", "unshare", "-U", "-r"], 1001, 0),
      (["unshare", "-U", "-r", "unshare", "-U", "--map-user=1000"], 1001, 1000),
      // Without /proc nobody says it.
      (["unshare", "-Urm", "sh", "-c", #"mount -t tmpfs none /proc && exec "$@""#, "sh"], 1001, 0),
    ] as [([String], UInt32, UInt32)])
  func theMapNamesTheDirectory(container: [String], user: UInt32, number: UInt32) {
    #expect(
      run("print(shm.path('a'))", in: container, as: user)
        == "/dev/shm/moonpool-\(number)@\(users.session)/a\n")
  }

  /// Where the number outside is not to be known, whoever comes second is told the way out.
  @Test func insideOfAnotherARefusalNamesTheWayOut() {
    let nested = asRoot + asRoot
    let first = hold("a = assert(shm.create('a', 1))", in: nested, as: 1001)
    let refused = run("print(select(2, shm.create('a', 1)))", in: nested, as: 1002)
    #expect(
      refused == "create a: ERROR_ACCESS_DENIED (5): /dev/shm/moonpool-0@\(users.session) belongs "
        + "to nobody (uid 65534), not to you; somebody made it first: have it removed, or set "
        + "MOONPOOL_SESSION to a word of your own, or share through Global\\\t5\n")
    let own = ["env", "MOONPOOL_SESSION=\(users.session)x"]
    #expect(run("print(#assert(shm.create('a', 4)))", in: own + nested, as: 1002) == "4\n")
    let global = "print(#assert(shm.create([[Global\\a]], 5)))"
    #expect(run(global, in: nested, as: 1002) == "5\n")
    end(first)
  }
}

private enum Container {
  /// Why there can be none here; nil: there can.
  static let obstacle: String? = {
    if let obstacle = OtherUser.mountObstacle { return obstacle }
    let outcome = OtherUser(shm: .shared).run(["unshare", "-U", "-r", "true"], as: 1001)
    return outcome.status == 0 ? nil : "no user namespace: \(outcome.errors)"
  }()
}
