import Glibc
import TestSupport
import Testing

/// Root may write any file, so read-only objects are an ordinary user's matter.
@Suite(.enabled(if: Ordinary.canRun, "no ordinary user can run the binary here"))
struct ReadOnlyTests {
  @Test func aReadOnlyObjectOfAKilledProcessIsRemoved() {
    let session = Places.unique("ro")
    let holder = Ordinary.child(
      "local v = assert(shm.create('x', 4096, {access = 'r'})) print('held') io.read()", session)
    #expect(holder.prints("held"))
    holder.kill()
    holder.wait()
    let later = Ordinary.run(
      "print(select(3, shm.open('x')), select(2, assert(shm.create('x', 4096))))", session)
    #expect(later.output == "2\tfalse\n", "\(later.errors)")
    #expect(entries(of: Ordinary.directory(session)) == nil)
  }

  @Test func nothingStaysWhenAReaderIsTheLastToClose() {
    let session = Places.unique("ro")
    let program = """
      local first = assert(shm.create('x', 4096, {access = 'r'}))
      local last = assert(shm.open('x', {access = 'r'}))
      first:close()
      print(#last)
      last:close()
      """
    #expect(Ordinary.run(program, session).output == "4096\n")
    #expect(entries(of: Ordinary.directory(session)) == nil)
  }

  @Test func aReadOnlyObjectStaysReadOnlyWhileItLives() {
    let session = Places.unique("ro")
    let program = """
      local first = assert(shm.create('x', 4096, {access = 'r'}))
      print(select(3, shm.open('x')), select(3, shm.create('x', 1)))
      print(#assert(shm.open('x', {access = 'r'})))
      """
    #expect(Ordinary.run(program, session).output == "5\t5\n4096\n")
    #expect(entries(of: Ordinary.directory(session)) == nil)
  }
}

/// An ordinary user: this one, or `nobody` where this one is root.
private enum Ordinary {
  static let user = geteuid() == 0 ? 65534 : geteuid()

  private static let command =
    geteuid() == 0
    ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", Places.moonpool]
    : [Places.moonpool]

  static let canRun =
    TestSupport.run("sh", ["-c", "command -v \(command[0])"]).status == 0
    && run("", "check").status == 0

  static func directory(_ session: String) -> String { "/dev/shm/moonpool-\(user)@\(session)" }

  static func child(_ program: String, _ session: String) -> Child {
    Child(
      command[0], command.dropFirst() + ["-e", program],
      environment: ["MOONPOOL_SESSION": session], input: .open)
  }

  static func run(_ program: String, _ session: String) -> Outcome {
    TestSupport.run(
      command[0], command.dropFirst() + ["-e", program],
      environment: ["MOONPOOL_SESSION": session])
  }
}
