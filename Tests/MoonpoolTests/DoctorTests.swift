import Glibc
import TestSupport
import Testing

/// A `/dev/shm` on which nothing can be made: what `create` says, and what the doctor finds.
@Suite(
  .disabled(if: OtherUser.mountObstacle != nil, Comment(rawValue: OtherUser.mountObstacle ?? "")))
struct AnUnusableFileSystem {
  private let users = OtherUser(shm: .own)
  private let user: UInt32 = 54_321

  private func root(_ words: String...) {
    let outcome = users.run(words, as: 0)
    #expect(outcome.status == 0, "\(words): \(outcome.errors)")
  }

  private func create(_ call: String, as user: UInt32) -> String {
    users.run("print(select(2, \(call)))", as: user).output
  }

  /// The findings that are wrong; the doctor's status says whether there are any.
  private func wrong(as user: UInt32) -> [String] {
    let outcome = users.moonpool("doctor", as: user)
    let wrong = outcome.output.split(separator: "\n").map(String.init).filter {
      $0.hasPrefix("wrong ")
    }
    #expect(outcome.status == (wrong.isEmpty ? 0 : 1))
    #expect(!outcome.output.contains("Linux before 6.6"))
    return wrong.map { String($0.dropFirst(6)) }
  }

  private let calls = [
    (#"shm.create("x", 1)"#, "create x"), (#"shm.create("Global\\x", 1)"#, #"create Global\x"#),
    (#"shm.create("/x", 1)"#, "create /x"), ("shm.create(nil, 1)", "create"),
    (#"shm.event("x")"#, "create x"),
  ]

  @Test func thatIsClosedIsSaidToBe() {
    #expect(wrong(as: user) == [])
    root("chmod", "755", "/dev/shm")
    let cure = "let root open it to everybody (chmod 1777 /dev/shm)"
    for (call, subject) in calls {
      #expect(
        create(call, as: user)
          == "\(subject): ERROR_ACCESS_DENIED (5, EACCES): /dev/shm belongs to "
          + "root (uid 0) with mode 0755, which does not let you make files there; \(cure)\t5\n")
    }
    for user in [user, 0] {
      #expect(
        wrong(as: user) == [
          "/dev/shm has mode 0755 instead of 01777, so that not everybody can make objects there; "
            + cure
        ])
    }
    root("chmod", "777", "/dev/shm")
    #expect(
      wrong(as: user) == [
        "/dev/shm has mode 0777 instead of 01777, so that anybody can remove other users' objects "
          + "there; \(cure)"
      ])
  }

  @Test func thatIsReadOnlyIsSaidToBe() {
    root("mount", "-o", "remount,ro", "/dev/shm")
    let text =
      "/dev/shm is mounted read-only; let root mount it writable (mount -o remount,rw /dev/shm)"
    for (call, subject) in calls {
      for user in [user, 0] {
        #expect(
          create(call, as: user) == "\(subject): ERROR_ACCESS_DENIED (5, EROFS): \(text)\t5\n")
      }
    }
    #expect(wrong(as: user) == [text])
    #expect(wrong(as: 0) == [text])
  }

  /// Also where the namespace's directory was made before.
  @Test func thatBecameReadOnlyIsSaidToBe() {
    #expect(create(#"shm.create("Global\\x", 1)"#, as: user) == "false\n")
    root("mount", "-o", "remount,ro", "/dev/shm")
    #expect(
      create(#"shm.create("Global\\x", 1)"#, as: user).hasPrefix(
        "create Global\\x: ERROR_ACCESS_DENIED (5, EROFS): /dev/shm is mounted read-only; let root")
    )
  }

  @Test func withoutInodesIsSaidToBe() {
    root("mount", "-o", "remount,nr_inodes=8", "/dev/shm")
    root(
      "sh", "-c",
      "touch /dev/shm/1 /dev/shm/2 /dev/shm/3 /dev/shm/4 /dev/shm/5 /dev/shm/6 "
        + "/dev/shm/7 /dev/shm/8 2> /dev/null; true")
    let text =
      "/dev/shm has no inodes left, all 8 are taken; remove what is not needed there, or let root "
      + "allow more (mount -o remount,nr_inodes=1024 /dev/shm)"
    for (call, subject) in calls {
      #expect(
        create(call, as: user)
          == "\(subject): ERROR_COMMITMENT_LIMIT (1455, ENOSPC): \(text)\t1455\n")
    }
    #expect(wrong(as: user) == [text])
  }

  @Test func thatIsFullIsSaidToBe() {
    root("mount", "-o", "remount,size=8k", "/dev/shm")
    root("sh", "-c", "head -c 8192 /dev/zero > /dev/shm/f")
    #expect(
      wrong(as: user) == [
        "/dev/shm: none of 8192 bytes is free; close objects, or let root enlarge it "
          + "(mount -o remount,size= /dev/shm)"
      ])
  }

  /// What a stranger made in the place of one namespace keeps nobody from seeing the other.
  @Test func inWhichAStrangerWasFirstShowsTheRest() throws {
    let folder = "/dev/shm/moonpool-\(user)@\(users.session)"
    root("mkdir", "-m", "700", folder)
    let child = try users.hold(#"v = shm.create("Global\\shared", 10, {mode = "0644"})"#, as: 0)
    let plain = users.moonpool("ls", as: user)
    #expect(plain.status == 1)
    #expect(
      plain.errors.hasPrefix(
        "moonpool: list Local\\: ERROR_ACCESS_DENIED (5): \(folder) belongs to root (uid 0), not to "
          + "you; somebody made it first: have it removed"))
    #expect(plain.output.hasSuffix(#"  Global\shared"# + "\n"))
    let json = users.moonpool("ls", "--json", as: user)
    #expect(json.status == 1)
    #expect(json.output.contains(#"{"name": "Global\\shared", "type": "mapping", "size": 10"#))
    child.closeInput()
    #expect(child.wait() == 0)
  }
}
