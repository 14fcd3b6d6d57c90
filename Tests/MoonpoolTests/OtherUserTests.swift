import Glibc
import TestSupport
import Testing

private let nobody: UInt32 = 65_534
private let stranger: UInt32 = 12_345
/// An owner who is not root, as most are.
private let owner: UInt32 = 54_321

private let nobodyThere =
  "ERROR_FILE_NOT_FOUND (2): no process holds an object of this name; "
  + "start the one that creates it first"

/// What `open` or `create` answers, as a script prints it.
private func answer(_ call: String) -> String { "print(select(2, \(call)))" }

/// Objects of others that live.
@Suite(.disabled(if: OtherUser.obstacle != nil, Comment(rawValue: OtherUser.obstacle ?? "")))
struct AnotherUser {
  let users = OtherUser(shm: .shared)
  let name = #"Global\\"# + Places.unique()

  private func text(_ operation: String, _ rest: String) -> String {
    "\(operation) \(name.replacing("\\\\", with: "\\")): \(rest)"
  }

  private func denied(_ operation: String, mode: String, access: String) -> String {
    // Whether what may not be read lives, only its owner and root can see.
    let cure =
      mode == "0600" ? "; if it is dead, only they or root can remove it, with 'moonpool ls'" : ""
    return text(
      operation,
      "ERROR_ACCESS_DENIED (5, EACCES): it belongs to uid \(owner) with mode \(mode), "
        + "which does not give you access \"\(access)\"\(cure)\t5\n")
  }

  @Test func doesNotSeeLocalNames() throws {
    let child = try users.hold(#"v = assert(shm.create("Local\\x", 8))"#, as: owner)
    #expect(users.run(#"print(#assert(shm.open("Local\\x")))"#, as: owner).output == "8\n")
    for user in [nobody, stranger, 0] {
      let outcome = users.run(answer(#"shm.open("Local\\x")"#), as: user)
      #expect(outcome.output == "open Local\\x: \(nobodyThere)\t2\n", "\(outcome.errors)")
    }
    let own = users.run(#"print(select(2, assert(shm.create("Local\\x", 3))))"#, as: stranger)
    #expect(own.output == "false\n", "\(own.errors)")
    child.closeInput()
    #expect(child.wait() == 0)
  }

  /// No right to a mutex does without writing.
  @Test func cannotUseAMutexThatItMayOnlyRead() throws {
    // Nobody may make one of such a mode; its owner changes it afterwards.
    let child = try users.hold(
      #"m = assert(shm.mutex("\#(name)")) os.execute("chmod 1644 " .. shm.path("\#(name)"))"#,
      as: owner)
    #expect(
      users.run(answer(#"shm.open_mutex("\#(name)")"#), as: nobody).output
        == text(
          "open",
          "ERROR_ACCESS_DENIED (5, EACCES): it belongs to uid \(owner) with mode 0644, "
            + "which does not let you read and write it, as every use of this mutex does\t5\n"))
    child.closeInput()
    #expect(child.wait() == 0)
  }

  @Test func isKeptOutByMode0600() throws {
    let child = try users.hold(#"v = assert(shm.create("\#(name)", 8))"#, as: owner)
    for access in ["rw", "r", "copy"] {
      #expect(
        users.run(answer(#"shm.open("\#(name)", {access = "\#(access)"})"#), as: nobody).output
          == denied("open", mode: "0600", access: access))
    }
    #expect(
      users.run(answer(#"shm.create("\#(name)", 8)"#), as: nobody).output
        == denied("create", mode: "0600", access: "rw"))
    #expect(users.run(#"print(#assert(shm.open("\#(name)")))"#, as: 0).output == "8\n")
    child.closeInput()
    #expect(child.wait() == 0)
  }

  @Test func readsButDoesNotWriteAtMode0644() throws {
    let child = try users.hold(
      #"v = assert(shm.create("\#(name)", 8, {mode = "0644"})) v:write("bytes")"#, as: owner)
    let read = #"local v = assert(shm.open("\#(name)", {access = "r"})) print(v:read(), #v)"#
    #expect(users.run(read, as: nobody).output == "bytes\t8\n")
    #expect(
      users.run(answer(#"shm.open("\#(name)")"#), as: nobody).output
        == denied("open", mode: "0644", access: "rw"))
    #expect(
      users.run(answer(#"shm.create("\#(name)", 8)"#), as: nobody).output
        == denied("create", mode: "0644", access: "rw"))
    let copied = #"local v = assert(shm.open("\#(name)", {access = "copy"})) v:write("B") "#
    #expect(users.run(copied + "print(v:read())", as: nobody).output == "Bytes\n")
    #expect(users.run(read, as: stranger).output == "bytes\t8\n")
    child.closeInput()
    #expect(child.wait() == 0)
  }

  @Test func readsAndWritesAtMode0666() throws {
    let child = try users.hold(
      #"v = assert(shm.create("\#(name)", 8, {mode = "0666"})) v:write("bytes")"#, as: owner)
    let write = #"local v = assert(shm.open("\#(name)")) print(v:read()) v:write("BYTES")"#
    #expect(users.run(write, as: nobody).output == "bytes\n")
    let existed = #"local v, e = assert(shm.create("\#(name)", 99)) print(v:read(), #v, e)"#
    #expect(users.run(existed, as: stranger).output == "BYTES\t8\ttrue\n")
    child.closeInput()
    #expect(child.wait() == 0)
  }

  @Test func findsAReadOnlyObjectReadOnly() throws {
    let child = try users.hold(
      #"v = assert(shm.create("\#(name)", 8, {mode = "0666", access = "r"}))"#, as: owner)
    let read = #"print(#assert(shm.open("\#(name)", {access = "r"})))"#
    #expect(users.run(read, as: nobody).output == "8\n")
    #expect(users.run(read, as: owner).output == "8\n")
    let refused = users.run(answer(#"shm.open("\#(name)")"#), as: nobody)
    #expect(
      refused.output
        == text(
          "open",
          "ERROR_ACCESS_DENIED (5): the object is read-only; "
            + "open it with access \"r\" or \"copy\"\t5\n"))
    child.closeInput()
    #expect(child.wait() == 0)
    #expect(
      users.run(answer(#"shm.open("\#(name)", {access = "r"})"#), as: nobody).output
        == text("open", nobodyThere + "\t2\n"))
  }

  @Test(arguments: [("0644", "r"), ("0666", "r"), ("0666", "rw")])
  func keepsAnObjectAliveAfterItsOwner(mode: String, access: String) throws {
    let creator = try users.hold(
      #"v = assert(shm.create("\#(name)", 8, {mode = "\#(mode)"})) v:write("kept")"#, as: owner)
    let keeper = try users.hold(
      #"v = assert(shm.open("\#(name)", {access = "\#(access)"}))"#, as: nobody)
    creator.closeInput()
    #expect(creator.wait() == 0)
    let read = #"print(assert(shm.open("\#(name)", {access = "r"})):read())"#
    for user in [owner, nobody, stranger] {
      #expect(users.run(read, as: user).output == "kept\n")
    }
    keeper.closeInput()
    #expect(keeper.wait() == 0)
    for user in [owner, nobody, stranger] {
      #expect(
        users.run(answer(#"shm.open("\#(name)", {access = "r"})"#), as: user).output
          == text("open", nobodyThere + "\t2\n"))
    }
  }

  /// One who may only read holds the name, too, and gives up no more than that.
  @Test func whoMayOnlyReadHoldsItsOwnClaim() throws {
    let creator = try users.hold(
      #"v = assert(shm.create("\#(name)", 8, {mode = "0644"}))"#, as: owner)
    let written = name.replacing("\\\\", with: "\\")
    func claims(_ expected: Substring) -> Bool {
      // Again, as the kernel's list of locks may be wrong for a moment while other tests lock.
      poll(within: 0.03) {
        let lines = users.moonpool("ls", as: owner).output.split(separator: "\n")
        let row = lines.first { $0.hasSuffix(written) }
        return (row?.split(separator: " ").dropLast().last ?? "none") == expected
      }
    }
    #expect(claims("1"))
    let reader = try users.hold(#"v = assert(shm.open("\#(name)", {access = "r"}))"#, as: nobody)
    #expect(claims("2"))
    // Each user sees the own handle; only root sees both.
    let maybe = "and others that only root may see, if there are any"
    let byReader = users.moonpool("who", written, as: nobody).output.split(separator: "\n")
    #expect(byReader.count == 3 && byReader.last == maybe[...])
    #expect(byReader[1].hasPrefix("\(reader.pid) ") && byReader[1].contains("  r "))
    let byOwner = users.moonpool("who", written, as: owner).output.split(separator: "\n")
    #expect(byOwner.count == 3 && byOwner.last == maybe[...])
    #expect(byOwner[1].hasPrefix("\(creator.pid) ") && byOwner[1].contains("  rw "))
    #expect(
      users.moonpool("who", written, as: stranger).output == "and others that only root may see\n")
    let byRoot = users.moonpool("who", written, as: 0).output.split(separator: "\n")
    #expect(byRoot.count == 3 && byRoot.allSatisfy { !$0.hasPrefix("and ") })
    reader.closeInput()
    #expect(reader.wait() == 0)
    #expect(claims("1"))
    creator.closeInput()
    #expect(creator.wait() == 0)
    #expect(claims("none"))
  }

  @Test func listsWhatItMayNotOpen() throws {
    let child = try users.hold(#"v = assert(shm.create("\#(name)", 8))"#, as: owner)
    let expected = ["8", "mapping", "0600", "uid", "\(owner)", "1"][...]
    #expect(
      poll(within: 0.03) {
        let line = users.moonpool("ls", as: nobody).output.split(separator: "\n").first {
          $0.hasSuffix(name.replacing("\\\\", with: "\\"))
        }
        return line?.split(separator: " ").dropLast().map { String($0) }[...] == expected
      })
    child.kill()
    child.wait()
    #expect(
      !users.moonpool("ls", as: nobody).output.contains(name.replacing("\\\\", with: "\\")))
    #expect(users.run(answer(#"shm.open("\#(name)")"#), as: owner).status == 0)
  }

  @Test func isRefusedByAStrictGlobal() throws {
    let create = answer(#"shm.create("\#(name)", 8)"#)
    #expect(
      users.run(create, as: nobody, environment: ["MOONPOOL_GLOBAL": "strict"]).output
        == text(
          "create",
          "ERROR_ACCESS_DENIED (5): MOONPOOL_GLOBAL=strict lets only root create in Global\\; "
            + "use Local\\\t5\n"))
    let root = #"print(#assert(shm.create("\#(name)", 8)))"#
    #expect(
      users.run(root, as: 0, environment: ["MOONPOOL_GLOBAL": "strict"]).output == "8\n")
  }
}

/// Objects of others that are dead, where nobody else sweeps.
@Suite(
  .disabled(if: OtherUser.mountObstacle != nil, Comment(rawValue: OtherUser.mountObstacle ?? "")))
struct AnotherUsersDeadObject {
  let users = OtherUser(shm: .own)
  private let file = "/dev/shm/moonpool-global/x"

  private func isThere() -> Bool { users.run(["test", "-e", file], as: 0).status == 0 }

  private func open(as user: UInt32) -> String {
    users.run(answer(#"shm.open("Global\\x", {access = "r"})"#), as: user).output
  }

  private let notFound = "open Global\\x: \(nobodyThere)\t2\n"

  private func kill(_ mode: String, _ options: String = "") throws {
    let child = try users.hold(
      #"v = assert(shm.create("Global\\x", 8, {mode = "\#(mode)"\#(options)}))"#, as: owner)
    child.kill()
    child.wait()
  }

  @Test(arguments: ["0600", "0644", "0666", "0444", "0400"])
  func isNotFoundAndBlocksTheNameUntilItsOwnerComes(mode: String) throws {
    try kill(mode)
    let cure = "only they or root can remove it, with 'moonpool ls'"
    // Nobody can ask a file that may not be opened whether it is dead.
    let isClosed = mode == "0600" || mode == "0400"
    func closed(_ operation: String, _ access: String) -> String {
      "\(operation) Global\\x: ERROR_ACCESS_DENIED (5, EACCES): it belongs to uid \(owner) with "
        + "mode \(mode), which does not give you access \"\(access)\"; if it is dead, \(cure)\t5\n"
    }
    #expect(open(as: nobody) == (isClosed ? closed("open", "r") : notFound))
    #expect(!users.moonpool("ls", as: nobody).output.contains("Global\\x"))
    #expect(isThere())
    #expect(
      users.run(answer(#"shm.create("Global\\x", 9)"#), as: nobody).output
        == (isClosed
          ? closed("create", "rw")
          : "create Global\\x: ERROR_ACCESS_DENIED (5, EPERM): a dead object of uid \(owner) has "
            + "this name; \(cure)\t5\n"))
    let doctor = users.moonpool("doctor", as: nobody)
    let found =
      isClosed
      ? "ok    1 object of uid \(owner) in Global\\ can be looked at only by them and root"
      : "wrong 1 dead object of uid \(owner) in Global\\ keeps its name from everybody; \(cure)"
    #expect(doctor.status == (isClosed ? 0 : 1))
    #expect(doctor.output.split(separator: "\n").contains(found[...]), "\(doctor.output)")
    let byRoot = users.moonpool("doctor", as: 0)
    #expect(byRoot.status == 1)
    #expect(
      byRoot.output.contains("wrong 1 dead object of uid \(owner) in Global\\ keeps its name"))
    #expect(isThere())
    #expect(open(as: owner) == notFound)
    #expect(!isThere())
    #expect(users.run(#"print(#assert(shm.create("Global\\x", 9)))"#, as: nobody).output == "9\n")
  }

  @Test func isRemovedByItsOwnersDoctor() throws {
    try kill("0600")
    let doctor = users.moonpool("doctor", as: owner)
    #expect(doctor.status == 0)
    #expect(!doctor.output.contains("dead"))
    #expect(!isThere())
  }

  /// What may not be opened is described as far as it is known.
  @Test func isDescribedAsFarAsItIsKnown() throws {
    try kill("0600")
    #expect(
      users.moonpool("stat", "Global\\x", as: nobody).output == """
        name    Global\\x
        type    mapping
        size    8 bytes
        mode    0600
        owner   uid \(owner)
        held    only its owner and root may see
        file    \(file)

        """)
    #expect(
      users.moonpool("stat", "--json", "Global\\x", as: nobody).output.hasSuffix(
        #""path": "\#(file)", "held": null}"# + "\n"))
    let dump = users.moonpool("dump", "Global\\x", as: nobody)
    #expect(dump.status == 1)
    #expect(dump.errors.contains("open Global\\x: ERROR_ACCESS_DENIED (5, EACCES): it belongs to"))
  }

  /// The owner's own way back to the name, whatever mode the object had.
  @Test(arguments: ["0600", "0644", "0444", "0400"])
  func isNoObstacleForItsOwner(mode: String) throws {
    try kill(mode)
    let create = #"local v, existed = assert(shm.create("Global\\x", 9)) print(#v, existed)"#
    let outcome = users.run(create, as: owner)
    #expect(outcome.output == "9\tfalse\n", "\(outcome.errors)")
  }

  @Test(arguments: ["0666", "0644"])
  func leftByAHolderWhoMayNotUnlinkIsNotFound(mode: String) throws {
    let creator = try users.hold(
      #"v = assert(shm.create("Global\\x", 8, {mode = "\#(mode)"}))"#, as: owner)
    let last = try users.hold(
      #"v = assert(shm.open("Global\\x", {access = "\#(mode == "0666" ? "rw" : "r")"}))"#,
      as: nobody)
    creator.closeInput()
    #expect(creator.wait() == 0)
    last.closeInput()
    #expect(last.wait() == 0)
    #expect(isThere())
    #expect(open(as: nobody) == notFound)
    #expect(open(as: stranger) == notFound)
    #expect(isThere())
    #expect(open(as: owner) == notFound)
    #expect(!isThere())
  }

  @Test func isRemovedByRoot() throws {
    try kill("0600")
    #expect(open(as: 0) == notFound)
    #expect(!isThere())
  }

  /// A read-only object that lives is nobody's to remove, its owner's sweeps included.
  @Test func isNotTakenForOneThatLives() throws {
    let child = try users.hold(
      #"v = assert(shm.create("Global\\x", 8, {mode = "0444", access = "r"}))"#, as: owner)
    for user in [owner, nobody, 0] {
      #expect(
        users.run(#"print(#assert(shm.open("Global\\x", {access = "r"})))"#, as: user).output
          == "8\n")
    }
    #expect(users.run(["stat", "-c", "%a", file], as: 0).output == "444\n")
    child.closeInput()
    #expect(child.wait() == 0)
    #expect(!isThere())
  }

  @Test func withADirectoryThatSomebodyElseMadeFirst() {
    let directory = "/dev/shm/moonpool-\(nobody)@\(users.session)"
    #expect(users.run(["mkdir", "-m", "700", directory], as: stranger).status == 0)
    #expect(
      users.run(answer(#"shm.create("x", 1)"#), as: nobody).output
        == "create x: ERROR_ACCESS_DENIED (5): \(directory) belongs to uid \(stranger), not to "
        + "you; somebody made it first: have it removed, or set MOONPOOL_SESSION to a word of your "
        + "own, or share through Global\\\t5\n")
  }

  /// Debian mounts `/dev/shm` without devices: opening one is refused there, to root as well.
  @Test func whoseNameIsADevicesIsNone() {
    let directory = "/dev/shm/moonpool-0@\(users.session)"
    #expect(users.run(["mkdir", "-m", "700", directory], as: 0).status == 0)
    #expect(users.run(["mknod", "\(directory)/x", "c", "1", "3"], as: 0).status == 0)
    for call in [#"shm.create("x", 1)"#, #"shm.open("x")"#] {
      #expect(
        users.run(answer(call), as: 0).output.hasSuffix(
          " x: ERROR_INVALID_HANDLE (6): "
            + "the name belongs to a directory, a link or a pipe, which is no shared memory\t6\n"))
    }
  }
}
