import Glibc
import SharedMemory
import TestSupport
import Testing
import Wine

private let name = #"Wine\Local\telemetry"#

/// The whole way to a server and back, without Wine: what is found, and what is refused.
@Suite struct DoubleTests {
  private func error(_ body: () throws -> Void) -> SharedMemoryError? {
    do {
      try body()
      return nil
    } catch { return error as? SharedMemoryError }
  }

  @Test func whatTheServerHasIsReadAndWritten() throws {
    let double = try Double()
    let section = try double.prefixes.open(name)
    #expect(section.size == 8192 && section.existed && section.holds)
    #expect(section.prefix == double.prefix)
    let view = try section.map()
    #expect(try view.text() == "from Windows")
    try view.write("from Linux")
    let other = try double.prefixes.open(#"Wine\telemetry"#, access: .read)
    #expect(!other.holds)
    #expect(try other.map().text() == "from Linuxws")
    try other.check()
  }

  @Test func whatIsMissingIsError2AndAnotherTypeError6() throws {
    let double = try Double(type: "event")
    let missing = error { _ = try double.prefixes.open(#"Wine\other"#) }
    #expect(
      missing?.description == """
        open Wine\\other: ERROR_FILE_NOT_FOUND (2): no Windows program in \(double.prefix) has a \
        section of this name; start the one that creates it first
        """)
    let event = error { _ = try double.prefixes.open(name) }
    #expect(
      event?.description == """
        open Wine\\Local\\telemetry: ERROR_INVALID_HANDLE (6): the name belongs to another type of \
        object there
        """)
  }

  @Test func withoutAServerAllIsError2() {
    let prefixes = WinePrefixes(prefix: "/no/prefix")
    let advice = "no wineserver runs for the prefix /no/prefix; start the Windows program first"
    for refusal in [
      error { _ = try prefixes.open(name) }, error { _ = try prefixes.create(name, size: 1) },
      error { _ = try prefixes.offer(try MemoryObject.create(nil, size: 1), as: name) },
    ] {
      #expect(refusal?.code == .fileNotFound)
      #expect(refusal?.advice == advice)
    }
  }

  @Test func aNewSectionHasItsExactSizeAndPages() throws {
    let double = try Double()
    let made = try double.prefixes.create(#"Wine\Global\new"#, size: 300)
    #expect(made.size == 300 && !made.existed && made.holds)
    try made.map().write("x", at: 299)
    let found = try double.prefixes.create(name, size: 300)
    #expect(found.size == 8192 && found.existed)
    let exclusive = error {
      _ = try double.prefixes.create(name, size: 300, .init(exclusive: true))
    }
    #expect(exclusive?.code == .alreadyExists)
  }

  @Test func anOfferedObjectIsTheSameMemory() throws {
    let double = try Double()
    let object = try MemoryObject.create(nil, size: 300)
    let view = try object.map()
    try view.write("ours")
    let offered = try double.prefixes.offer(object, as: #"Wine\Local\ours"#)
    #expect(double.child.prints("ours\n"))
    #expect(offered.size == 300 && offered.holds)
    try offered.map().write("OURS")
    #expect(try view.text() == "OURS")
    let taken = error { _ = try double.prefixes.offer(object, as: name) }
    #expect(taken?.code == .alreadyExists)
    let native = error { _ = try double.prefixes.offer(object, as: #"Local\ours"#) }
    #expect(native?.code == .invalidParameter)
  }

  @Test(
    arguments: [
      ("mute", 170, "did not answer within a second; it may be stopped (kill -CONT"),
      ("no-reply", 170, "did not answer within a second"),
      ("half", 170, "did not answer within a second"),
      ("leaves", 170, "ended, or cut the connection, in the middle of the request; try again"),
      ("dies", 170, "ended, or cut the connection, in the middle of the request; try again"),
      ("cuts", 170, "ended, or cut the connection"),
      ("no-pipe", 50, "sent no descriptor where one belongs"),
      ("long", 50, "answers open_mapping with more than was asked for"),
      ("no-handle", 50, "answers open_mapping without a handle"),
      ("no-file", 50, "sent no descriptor where one belongs"),
      ("wrong-file", 50, "sent the file of another handle"),
      ("pipe-file", 50, "no file that can be mapped"),
      ("read-only", 5, #"the file behind it may only be read; open it with access "r""#),
    ] as [(String, Int32, String)])
  func aServerThatFailsIsAnError(way: String, code: Int32, advice: String) throws {
    let double = try Double(way: way)
    let refusal = try #require(error { _ = try double.prefixes.open(name) })
    #expect(refusal.code.rawValue == code, "\(refusal)")
    #expect(refusal.advice.contains(advice), "\(refusal)")
    // A script lives through it, too: the end of a pipe's reader is a signal for those who write.
    let outcome = double.script("print(select(3, shm.open([[\(name)]])))")
    #expect(outcome.status == 0)
    #expect(outcome.output == (way == "dies" ? "2\n" : "\(code)\n"))
  }

  @Test(arguments: ["wide", "narrow"])
  func aGreetingOfAnotherSizeIsTheSame(way: String) throws {
    let double = try Double(way: way)
    #expect(try double.prefixes.open(name).map().text() == "from Windows")
  }

  @Test func whatMayOnlyBeReadIsReadAllTheSame() throws {
    let double = try Double(way: "read-only")
    #expect(try double.prefixes.open(name, access: .read).map().text() == "from Windows")
  }

  @Test(
    arguments: [
      ("image", 50, "the section is a program's image, which Windows maps in pieces"),
      ("file", 1006, "the section has 8192 bytes, but its file only 3: somebody cut it"),
    ] as [(String, Int32, String)])
  func aSectionThatCannotBeMappedIsRefused(type: String, code: Int32, advice: String) throws {
    let double = try Double(type: type)
    let refusal = try #require(error { _ = try double.prefixes.open(name, access: .read) })
    #expect(refusal.code.rawValue == code)
    #expect(refusal.advice.contains(advice))
  }

  @Test func aServerThatIsStoppedIsError170() throws {
    let double = try Double()
    double.child.kill(SIGSTOP)
    let refusal = error { _ = try double.prefixes.open(name) }
    #expect(refusal?.code == .busy)
    double.child.kill(SIGCONT)
    #expect(throws: Never.self) { _ = try double.prefixes.open(name) }
  }

  @Test func aListWithoutAnEndIsError170() throws {
    let double = try Double(way: "endless")
    let (entries, refusals) = double.prefixes.list()
    #expect(entries.isEmpty)
    #expect(refusals.map(\.code) == [.busy])
  }

  @Test func noiseIsAnErrorOrAResult() throws {
    let double = try Double(way: "noise")
    for _ in 0..<200 { _ = error { _ = try double.prefixes.open(name, access: .read) } }
    #expect(double.prefixes.list().entries.isEmpty)
  }

  @Test func aProgramThatWasStartedAgainIsNoticed() throws {
    let double = try Double(way: "another")
    let section = try double.prefixes.open(name, access: .read)
    let refusal = error { try section.check() }
    #expect(refusal?.code == .fileNotFound)
    #expect(
      refusal?.advice == """
        the program was started again, and its name means another section now; close the view and \
        open the name again
        """)
    let once = try Double(way: "once")
    let last = try once.prefixes.open(name, access: .read)
    let gone = error { try last.check() }
    #expect(gone?.code == .fileNotFound)
    #expect(gone?.advice.contains("has it any more; the view shows what was there last") == true)
    #expect(try last.map().text() == "from Windows")
  }

  @Test func aServersEndIsNoticed() throws {
    let double = try Double()
    let section = try double.prefixes.open(name)
    double.child.kill()
    double.child.wait()
    #expect(error { try section.check() }?.code == .fileNotFound)
    #expect(try section.map().text() == "from Windows")
  }

  @Test func aNameInTwoPrefixesIsAnErrorThatNamesBoth() throws {
    let unique = Places.unique("both")
    let object = #"\Sessions\7\BaseNamedObjects\"# + unique
    let (first, second) = (try Double(object), try Double(object))
    let all = WinePrefixes(prefix: [], System())
    let refusals = [
      error { _ = try all.open(#"Wine\Local\"# + unique) },
      error { _ = try all.create(#"Wine\Local\"# + Places.unique(), size: 1) },
    ]
    for refusal in refusals {
      #expect(refusal?.code == .invalidParameter)
      #expect(refusal?.advice.contains(first.prefix) == true)
      #expect(refusal?.advice.contains(second.prefix) == true)
      #expect(refusal?.advice.contains("say which, { wine = \"") == true)
    }
    #expect(try first.prefixes.open(#"Wine\Local\"# + unique).prefix == first.prefix)
  }

  @Test func aNameInOneOfTwoPrefixesIsFound() throws {
    let unique = Places.unique("one")
    let first = try Double(#"\BaseNamedObjects\"# + unique)
    let second = try Double()
    let all = WinePrefixes(prefix: [], System())
    #expect(try all.open(#"Wine\Global\"# + unique).prefix == first.prefix)
    withExtendedLifetime(second) {}
  }

  @Test func thePrefixIsFoundByWhateverPathItHas() throws {
    let double = try Double()
    let link = double.prefix + "-link"
    symlink(double.prefix, link)
    defer { unlink(link) }
    for path in [
      link, double.prefix + "/", double.prefix + "/../\(double.prefix.split(separator: "/").last!)",
    ] {
      #expect(throws: Never.self) { _ = try WinePrefixes(prefix: path).open(name, access: .read) }
    }
  }

  /// wineserver works in the prefix while it saves the registry, which a new prefix has not yet.
  @Test func aServerThatSavesTheRegistryIsFound() throws {
    let double = try Double(way: "saves")
    let section = try double.prefixes.open(name, access: .read)
    #expect(section.prefix == double.prefix)
    #expect(try section.map().text() == "from Windows")
  }

  @Test func aProgramWithoutTheTableIsUnknown() throws {
    let folder = "/tmp/\(Places.unique("wineserver"))"
    _ = run("/bin/sh", ["-c", "mkdir \(folder) && cp /bin/sleep \(folder)/wineserver"])
    defer { _ = run("/bin/rm", ["-rf", folder]) }
    let sleeper = Child("/bin/sh", ["-c", "cd \(folder) && exec ./wineserver 60"])
    defer { sleeper.kill() }
    // Without a prefix it is meant by its folder.
    let prefixes = WinePrefixes(prefix: folder)
    var refusal: SharedMemoryError?
    #expect(
      poll {
        refusal = error { _ = try prefixes.open(name) }
        return refusal?.code == .notSupported
      })
    #expect(
      refusal?.advice
        == "this wine is unknown: of unknown version: its table of requests has no init_first_thread"
    )
    #expect(prefixes.examine().map(\.isFine) == [false])
  }

  @Test(.enabled(if: OtherUser.obstacle == nil, "\(OtherUser.obstacle ?? "")"))
  func aServerWhoseProcIsClosedIsError5() throws {
    let users = OtherUser(shm: .shared)
    let prefix = "/tmp/\(Places.unique("prefix"))"
    _ = users.run(["/bin/mkdir", prefix], as: 65_534)
    _ = run("/bin/cp", ["\(Places.binaries)/wineserver-double", "\(prefix)/wineserver"])
    defer { _ = run("/bin/rm", ["-rf", prefix]) }
    let server = users.start(
      ["\(prefix)/wineserver", prefix, #"\BaseNamedObjects\x"#, "section", "closed"], as: 65_534)
    defer { server.kill() }
    #expect(server.prints("ready\n"), "\(server.complained)")
    let outcome = users.run(
      #"print(shm.open [[Wine\Global\x]])"#, as: 65_534, environment: ["MOONPOOL_WINE": prefix])
    #expect(outcome.output.contains("is closed to us; run as its user"), "\(outcome)")
    #expect(outcome.output.hasSuffix("\t5\n"))
  }

  @Test(.enabled(if: OtherUser.obstacle == nil, "\(OtherUser.obstacle ?? "")"))
  func anotherUsersServerIsAskedByRootOnlyWhereItsPrefixIsGiven() throws {
    let users = OtherUser(shm: .shared)
    let prefix = "/tmp/\(Places.unique("prefix"))"
    let unique = Places.unique("theirs")
    _ = users.run(["/bin/mkdir", prefix], as: 65_534)
    _ = run("/bin/cp", ["\(Places.binaries)/wineserver-double", "\(prefix)/wineserver"])
    defer { _ = run("/bin/rm", ["-rf", prefix]) }
    let server = users.start(
      ["\(prefix)/wineserver", prefix, #"\BaseNamedObjects\"# + unique, "section"], as: 65_534)
    defer { server.kill() }
    #expect(server.prints("ready\n"), "\(server.complained)")
    let theirs = #"Wine\Global\"# + unique
    #expect(!WinePrefixes(prefix: [], System()).list().entries.contains { $0.text == theirs })
    #expect(WinePrefixes(prefix: prefix).list().entries.contains { $0.text == theirs })
    #expect(throws: Never.self) { _ = try WinePrefixes(prefix: prefix).open(theirs) }
    let script = "print((select(3, shm.open([[\(theirs)]]))) or 'open')"
    for (user, expected) in [(65_534 as UInt32, "open\n"), (65_533, "2\n")] {
      let outcome = users.run(script, as: user, environment: ["MOONPOOL_WINE": prefix])
      #expect(outcome.output == expected, "\(outcome)")
    }
  }
  /// Wine itself demands that a prefix belongs to its user. Whoever else has it open, in a folder
  /// that is called as a server's, speaks for nobody.
  @Test(.enabled(if: OtherUser.obstacle == nil, "\(OtherUser.obstacle ?? "")"))
  func aServerInAPrefixOfSomebodyElsesIsNone() throws {
    let users = OtherUser(shm: .shared)
    let prefix = "/tmp/\(Places.unique("prefix"))"
    mkdir(prefix, 0o777)
    chmod(prefix, 0o777)
    _ = run("/bin/cp", ["\(Places.binaries)/wineserver-double", "\(prefix)/wineserver"])
    defer { _ = run("/bin/rm", ["-rf", prefix]) }
    let server = users.start(
      ["\(prefix)/wineserver", prefix, #"\BaseNamedObjects\x"#, "section"], as: 65_534)
    defer { server.kill() }
    #expect(server.prints("ready\n"), "\(server.complained)")
    let refusal = error { _ = try WinePrefixes(prefix: prefix).open(#"Wine\Global\x"#) }
    #expect(refusal?.code == .fileNotFound)
    #expect(refusal?.advice.hasPrefix("no wineserver runs for the prefix") == true)
  }
}
