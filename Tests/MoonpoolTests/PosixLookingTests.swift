import Glibc
import SharedMemory
import TestSupport
import Testing

/// What the commands say of POSIX objects, whose holders nobody counts.
@Suite final class LookingAtPosixObjects {
  private let name = "/\(Places.unique("moonpool-test"))"
  private let session = Places.unique("posix")

  init() throws {
    try MemoryObject.create(name, size: 100, .init(mode: 0o640)).map().write("bytes")
  }

  deinit { unlink("/dev/shm\(name)") }

  private func moonpool(_ arguments: String..., input: Child.Input = .none) -> Outcome {
    run(Places.moonpool, arguments, environment: ["MOONPOOL_SESSION": session], input: input)
  }

  private var user: String {
    getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(geteuid())"
  }

  @Test func theyAreDescribed() {
    #expect(
      moonpool("stat", name).output == """
        name    \(name)
        type    posix
        size    100 bytes
        mode    0640
        owner   \(user)
        file    /dev/shm\(name)

        """)
    #expect(
      moonpool("stat", "--json", name).output
        == #"{"name": "\#(name)", "type": "posix", "size": 100, "mode": "0640", "#
        + #""owner": \#(geteuid()), "path": "/dev/shm\#(name)"}"# + "\n")
  }

  @Test func theyAreListed() {
    let plain = moonpool("ls").output
    #expect(!plain.contains(name))
    let rows = moonpool("ls", "--posix").output.split(separator: "\n")
    #expect(rows.first?.hasSuffix("NAME") == true)
    #expect(
      rows.contains { row in
        row.split(separator: " ").map(String.init) == ["100", "posix", "0640", user, "-", name]
      })
    #expect(
      moonpool("ls", "--posix", "--json").output.contains(
        #"{"name": "\#(name)", "type": "posix", "size": 100, "mode": "0640", "owner": \#(geteuid()), "path""#
      ))
  }

  /// A mapping is a use as well as a descriptor is: most programs close theirs after `mmap`.
  @Test func theirUsersAreNamed() throws {
    let first =
      "POSIX object of 100 bytes, mode 0640, owner \(user); it stays until somebody removes it\n"
    let nobody = moonpool("who", name).output
    #expect(
      nobody == first + "nobody has it open\n"
        || nobody == first + "and others that only root may see, if there are any\n")
    let child = Child(
      "python3",
      [
        "-c",
        """
        import mmap, os, sys
        f = os.open(sys.argv[1], os.O_RDWR)
        m = mmap.mmap(f, 100)
        os.close(f)
        print("ready", flush=True)
        sys.stdin.read()
        """, "/dev/shm\(name)",
      ], input: .open)
    try #require(child.prints("ready"), "\(child.complained)")
    let rows = moonpool("who", name).output.split(separator: "\n")
    #expect(rows.count >= 3)
    #expect(rows[1].split(separator: " ") == ["PID", "USER", "ACCESS", "USES", "COMMAND"])
    #expect(rows[2].hasPrefix("\(child.pid) "))
    #expect(rows[2].contains("  rw      "))
    #expect(rows[2].hasSuffix(" /dev/shm\(name)"))
    child.closeInput()
    child.wait()
  }

  @Test func whatIsNotThereIsError2() {
    for command in ["stat", "who", "dump", "watch", "write"] {
      let outcome = moonpool(command, "/none-of-that-name-\(getpid())")
      #expect(outcome.status == 1)
      #expect(outcome.output == "")
      #expect(
        outcome.errors.contains("ERROR_FILE_NOT_FOUND (2, ENOENT): there is no POSIX object"))
    }
  }

  @Test(arguments: ["stat", "who", "dump", "watch", "write"])
  func whatIsNoFileIsSaid(command: String) throws {
    let pipe = "/\(Places.unique("moonpool-pipe"))"
    try #require(mkfifo("/dev/shm\(pipe)", 0o600) == 0)
    defer { unlink("/dev/shm\(pipe)") }
    let outcome = moonpool(command, pipe)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("ERROR_INVALID_HANDLE (6): the name belongs to a directory"))
  }

  @Test func theirBytesAreCarriedOutAndIn() {
    #expect(moonpool("dump", "--raw", "--length", "5", name).output == "bytes")
    let input = run(
      "/bin/sh", ["-c", #"printf BY | "$0" write "$1""#, Places.moonpool, name])
    #expect(input.status == 0)
    #expect(moonpool("dump", "--raw", "--length", "5", name).output == "BYtes")
  }

  @Test func theyAreWatchedUntilTheirNameGoes() {
    let watcher = Child(Places.moonpool, ["watch", name, "--interval", "0.02"])
    #expect(watcher.prints("|bytes..........."))
    #expect(unlink("/dev/shm\(name)") == 0)
    #expect(watcher.wait() == 0)
    #expect(watcher.printed.hasSuffix("\n\(name) is gone\n"))
  }
}
