import Glibc
import SharedMemory
import TestSupport
import Testing

/// Who looks for all that sleep on a mutex, as processes that are killed and stopped.
@Suite struct NamedLookerProcessTests {
  private let session = Places.unique("looker")

  private func start(_ chunk: String) -> Child {
    Child(
      Places.moonpool, ["-e", "io.stdout:setvbuf('line') " + chunk],
      environment: ["MOONPOOL_SESSION": session], input: .open)
  }

  private func owner() -> Child {
    let child = start("m = assert(shm.mutex('m')) m:lock() print('locked') io.read()")
    #expect(child.prints("locked"), "\(child.complained)")
    return child
  }

  private func waiters(_ count: Int) -> [Child] {
    let call = "m:lock(60)"
    let children = (0..<count).map { _ in
      start("local m = assert(shm.mutex('m')) print('waits') print(\(call)) io.read() m:unlock()")
    }
    for child in children { #expect(child.prints("waits"), "\(child.complained)") }
    return children
  }

  /// A word of the mutex's file.
  private func word(_ offset: Int) -> UInt64 {
    let file = open("/dev/shm/moonpool-\(geteuid())@\(session)/m", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    var word: UInt64 = 0
    return pread(file, &word, 8, offset) == 8 ? word : 0
  }

  /// The process whose mark stands as the looker's; nil: none does.
  private var looker: pid_t? {
    let looker = NamedLooker(rawValue: word(72))
    if looker.mark == .none { return nil }
    return NamedSlot(rawValue: word(128 + looker.mark.slot * 8)).process
  }

  private func becomesLooker(of children: [Child]) -> Child? {
    var found: Child?
    _ = poll(within: 30) {
      found = children.first { $0.pid == looker }
      return found != nil
    }
    return found
  }

  /// Who has it next.
  private func next(_ children: [Child], _ line: String) -> Child? {
    var found: Child?
    _ = poll(within: 30) {
      found = children.first { $0.printed == "waits\n\(line)\n" }
      return found != nil
    }
    return found
  }

  @Test func ofThoseThatSleepOneLooks() throws {
    let holder = owner()
    let children = waiters(3)
    let first = try #require(becomesLooker(of: children))
    let before = NamedLooker(rawValue: word(72))
    #expect(poll { NamedLooker(rawValue: word(72)) != before }, "it looks again and again")
    #expect(looker == first.pid)
    // The dead one is replaced, and so is one that is stopped.
    first.kill()
    first.wait()
    let others = children.filter { $0 !== first }
    let second = try #require(becomesLooker(of: others))
    second.kill(SIGSTOP)
    let third = try #require(becomesLooker(of: others.filter { $0 !== second }))
    second.kill(SIGCONT)
    // The owner dies: both get it, one after the other, and the first is told.
    holder.kill()
    holder.wait()
    let heir = try #require(next([second, third], "true\tabandoned"))
    heir.write("unlock\n")
    let last = heir === second ? third : second
    #expect(next([last], "true") === last)
    #expect(looker == nil || looker == last.pid, "nobody else is left")
  }

  @Test func aLookerThatGoesLeavesItsPlace() throws {
    let holder = owner()
    let leaver = start("local m = assert(shm.mutex('m')) print('waits') print(m:lock(3)) io.read()")
    #expect(leaver.prints("waits"))
    #expect(becomesLooker(of: [leaver]) === leaver)
    let stayer = waiters(1)[0]
    #expect(leaver.prints("timeout"))
    #expect(becomesLooker(of: [stayer]) === stayer)
    holder.write("end\n")
    #expect(next([stayer], "true\tabandoned") === stayer)
    #expect(poll { looker == nil })
  }

  /// The input of a bug: an event that is set, or permits, hid a mutex whose owner had died.
  @Test func aWaitForAnySeesADeadOwnerFirst() {
    let keeper = start(
      """
      lock = assert(shm.mutex("m")) ready = assert(shm.event("r", {manual = true, set = true}))
      jobs = assert(shm.semaphore("j", 9, 9)) print("made") io.read()
      """)
    #expect(keeper.prints("made"), "\(keeper.complained)")
    let script = """
      local lock, ready = assert(shm.mutex("m")), assert(shm.open_event("r"))
      local jobs = assert(shm.open_semaphore("j"))
      """
    for (list, expected) in [
      ("lock, ready", "1\tabandoned"), ("lock, jobs", "1\tabandoned"),
      ("ready, lock", "1\tnil"), ("jobs, lock, ready", "1\tnil"),
    ] {
      let holder = owner()
      holder.kill()
      holder.wait()
      let outcome = moonpool(
        "-e",
        script + "local i, why = shm.wait({\(list)}, {timeout = 0}) print(i, why) lock:lock()",
        session: session)
      #expect(outcome.output == "\(expected)\n", "\(list) \(outcome.errors)")
    }
    // One that lives keeps its mutex.
    let holder = owner()
    let outcome = moonpool("-e", script + "print(shm.wait({lock, ready}))", session: session)
    #expect(outcome.output == "2\n", "\(outcome.errors)")
    withExtendedLifetime(holder) {}
  }
}

/// Owners in other pid namespaces, as containers have them.
@Suite(.enabled(if: Places.canSplitProcesses, "no pid namespace can be made here"))
struct PidNamespaceTests {
  private let session = Places.unique("pidns")

  private func start(_ chunk: String, inside: Bool) -> Child {
    let command = [Places.moonpool, "-e", "io.stdout:setvbuf('line') " + chunk]
    return Child(
      inside ? "unshare" : command[0],
      inside
        ? ["--pid", "--fork", "--kill-child", "--mount-proc"] + command
        : Array(command.dropFirst()),
      environment: ["MOONPOOL_SESSION": session], input: .open)
  }

  private let lock = "m = assert(shm.mutex('m')) m:lock() print('locked') io.read()"
  private let ask = "m = assert(shm.mutex('m')) print(m:owner()) print('asked') io.read()"

  @Test func whoIsInsideHasANumberOutside() throws {
    let holder = start(lock, inside: true)
    #expect(holder.prints("locked"), "\(holder.complained)")
    let outside = start(ask, inside: false)
    #expect(outside.prints("asked"), "\(outside.complained)")
    let number = try #require(pid_t(outside.printed.prefix { $0 != "\t" }))
    // Not 1, or whatever it is inside.
    let parent = run("ps", ["-o", "ppid=", "-p", "\(number)"]).output
    #expect(pid_t(parent.filter { !$0.isWhitespace }) == holder.pid)
    #expect(
      moonpool("stat", "m", session: session).output.contains("locked by process \(number)\n"))
  }

  @Test func whoIsOutsideHasNoneInside() {
    let holder = start(lock, inside: false)
    #expect(holder.prints("locked"), "\(holder.complained)")
    let inside = start(ask, inside: true)
    #expect(inside.prints("asked"), "\(inside.complained)")
    #expect(inside.printed == "nil\tin another pid namespace\nasked\n")
    let stat = run(
      "unshare",
      [
        "--pid", "--fork", "--mount-proc", "env", "MOONPOOL_SESSION=\(session)", Places.moonpool,
        "stat", "m",
      ])
    #expect(
      stat.output.contains("locked by a process in another pid namespace\n"), "\(stat.errors)")
  }
}

extension Places {
  fileprivate static let canSplitProcesses =
    run("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status == 0
}
