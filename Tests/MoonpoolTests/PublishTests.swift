import Glibc
import SharedMemory
import TestSupport
import Testing

/// `publish` and `show` as real processes, with each other and with programs in C.
@Suite struct PublishTests {
  /// Starts `moonpool run SCRIPT …` in a session.
  private func start(_ words: String..., session: String) -> Child {
    Child(Places.moonpool, ["run"] + words, environment: ["MOONPOOL_SESSION": session])
  }

  struct Pair: CustomTestStringConvertible, Sendable {
    let layout: String
    let frame: String
    var testDescription: String { layout }
  }

  private static let pairs = [
    Pair(
      layout: "mumble_windows",
      frame: #"^tick \d+  Moonpool  at -?\d+\.\d+ 1\.70 -?\d+\.\d+  front .+  "#
        + #"identity \{"name":"Moonpool"\}  context "moonpool"\n$"#),
    Pair(
      layout: "rtss",
      frame: #"^4711  C:\\Games\\moonpool\.exe  \d+\.\d frames/s  last frame \d+\.\d\d ms\n$"#),
    Pair(
      layout: "afterburner",
      frame: #"^GPU temperature  \d.*\nGPU usage  \d.* %\nCore clock  \d.* MHz\n"#
        + #"CPU temperature  \d.*\nFramerate  \d.* FPS\n$"#),
    Pair(
      layout: "hwinfo",
      frame: #"^CPU \[#0\]: Moonpool  Core Max  \d+\.\d\d .*\n(.*\n){2}"#
        + #"Mainboard  \+12V  1[12]\.\d\d V  \(.*\)\nMainboard  CPU Fan  \d+\.\d\d RPM  \(.*\)\n$"#),
    Pair(
      layout: "core_temp",
      frame: #"^Moonpool 4  3600 MHz  1\.150 V\n(core [0-3]  \d\d\.\d C  \d+ %\n){4}$"#),
    Pair(
      layout: "assetto_corsa_physics",
      frame: #"^step \d+  \d+\.\d km/h  gear [1-6]  \d+ rpm  gas [01]\.\d\d  brake 0\.\d\d  "#
        + #"fuel \d\d\.\d\n$"#),
    Pair(
      layout: "rf2_telemetry",
      frame: #"^version \d+  2 cars\nMoonpool #1  lap 0  \d+\.\d km/h  gear \d  \d+ rpm  "#
        + #"fuel \d\d\.\d\nMoonpool #2  .*\n$"#),
    Pair(
      layout: "iracing",
      frame: #"^tick \d+  10 variables  Circle\nSessionTime  \d.* s\nSessionTick  \d+ \n(.*\n){7}"#
        + #"IsOnTrack  1 \n$"#),
  ]

  @Test(arguments: pairs) func whatIsPublishedIsShown(_ pair: Pair) throws {
    let session = Places.unique()
    let name = "played"
    let writer = start("publish", pair.layout, "--name", name, "--create", session: session)
    let begun = writer.prints("publishing \(pair.layout) in played, ")
    #expect(begun, "\(writer.complained)")
    guard begun else { return }
    let shown = moonpool(
      "run", "show", pair.layout, "-n", "1", "--name", name, session: session)
    #expect(
      try Regex(pair.frame).firstMatch(in: shown.output) != nil, "\(shown.output)\(shown.errors)")
    #expect(shown.errors == "")
    #expect(shown.status == 0)
    writer.kill()
    writer.wait()
  }

  @Test(arguments: pairs) func theWriterGoesOnAndLeavesNothing(_ pair: Pair) throws {
    let session = Places.unique()
    let outcome = moonpool(
      "run", "publish", pair.layout, "0.1", "--name", "played", "--create", session: session)
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
    #expect(isRemoved("/dev/shm/moonpool-\(getuid())@\(session)"))
  }

  @Test func aFrameFollowsAnother() throws {
    let session = Places.unique()
    let writer = start("publish", "rf2_telemetry", session: session)
    #expect(writer.prints("publishing"), "\(writer.complained)")
    let shown = moonpool(
      "run", "show", "rf2_telemetry", "-n", "2", "--every", "0.3", session: session)
    let versions = shown.output.matches(of: #/version (\d+) /#).compactMap { Int($0.output.1) }
    #expect(versions.count == 2, "\(shown.output)\(shown.errors)")
    #expect(versions.last ?? 0 > versions.first ?? 0)
    writer.kill()
    writer.wait()
  }

  @Test func whatDoesNotRunIsSaid() {
    let shown = moonpool("run", "show", "rtss", session: Places.unique())
    #expect(
      shown.errors == "show: RTSSSharedMemoryV2 is not there: its program does not run\n")
    #expect(shown.status == 1)
  }

  @Test func theListTellsWhoLives() {
    let session = Places.unique()
    let writer = start("publish", "core_temp", session: session)
    #expect(writer.prints("publishing"), "\(writer.complained)")
    let list = moonpool("run", "show", session: session)
    #expect(list.output.contains("core_temp             CoreTempMappingObjectEx   lives\n"))
    #expect(list.output.contains("rtss                  RTSSSharedMemoryV2        -\n"))
    #expect(list.status == 0)
    writer.kill()
    writer.wait()
  }

  @Test func wrongWordsAreAWrongUsage() {
    let session = Places.unique()
    for words in [[], ["nothing"], ["rtss", "soon"], ["rtss", "1", "2"], ["rtss", "--wrong"]] {
      let outcome = run(
        Places.moonpool, ["run", "publish"] + words, environment: ["MOONPOOL_SESSION": session])
      #expect(outcome.errors.hasPrefix("publish: usage: publish LAYOUT "))
      #expect(outcome.status == 64)
    }
    for words in [["nothing"], ["rtss", "-n"], ["rtss", "-n", "x"], ["rtss", "rtss"]] {
      let outcome = run(
        Places.moonpool, ["run", "show"] + words, environment: ["MOONPOOL_SESSION": session])
      #expect(outcome.errors.hasPrefix("show: usage: show "))
      #expect(outcome.status == 64)
    }
  }

  /// A header of 32-bit words, and then entries.
  private func object(
    _ name: String, _ session: String, words: [UInt32], size: Int
  ) throws -> MemoryObject {
    let object = try MemoryObject.create(name, size: size, in: Session(named: session))
    let bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    }
    try object.map().write(bytes)
    return object
  }

  @Test(arguments: [284, 12416]) func entriesHaveTheSizeThatTheHeaderSays(size: Int) throws {
    let session = Places.unique()
    let first = 96
    let memory = try object(
      "RTSSSharedMemoryV2", session,
      words: [0x5254_5353, 0x2_0015, UInt32(size), UInt32(first), 2, 0, UInt32(first), 0, 7],
      size: first + 2 * size)
    let view = try memory.map()
    let entry = first + size  // the second, up to the last byte of the object
    try view.write([0x39, 0x05, 0, 0] + Array("C:\\game.exe".utf8), at: entry)
    try view.write([0xE8, 3, 0, 0, 0xD0, 7, 0, 0, 50, 0, 0, 0, 0x20, 0x4E, 0, 0], at: entry + 268)
    let shown = moonpool("run", "show", "rtss", "-n", "1", session: session)
    #expect(
      shown.output == "1337  C:\\game.exe  50.0 frames/s  last frame 20.00 ms\n", "\(shown.errors)")
    memory.close()
  }

  @Test func aHeaderThatPointsOutOfTheObjectIsHarmless() throws {
    let session = Places.unique()
    let memory = try object(
      "RTSSSharedMemoryV2", session,
      words: [0x5254_5353, 0x2_0015, 0xFFFF_FFFF, 0xFFFF_FFF0, 0x10, 0, 0, 0, 0], size: 4096)
    let shown = moonpool("run", "show", "rtss", "-n", "1", session: session)
    #expect(shown.output == "no program draws\n", "\(shown.errors)")
    #expect(shown.status == 0)
    memory.close()
  }

  @Test func aTornFrameIsNeverShown() throws {
    let session = Places.unique()
    let memory = try object(
      "$rFactor2SMMP_Telemetry$", session, words: [8, 7, 0, 1], size: 241_680)
    let shown = moonpool("run", "show", "rf2_telemetry", "-n", "1", session: session)
    #expect(shown.output == "torn: the writer does not go on\n", "\(shown.errors)")
    memory.close()
  }

  @Test func aProgramThatHasGoneIsSaid() throws {
    let session = Places.unique()
    let memory = try object("MAHMSharedMemory", session, words: [0xDEAD], size: 4096)
    let shown = moonpool("run", "show", "afterburner", "-n", "1", session: session)
    #expect(shown.output == "the program has gone\n", "\(shown.errors)")
    memory.close()
  }

  @Test func anObjectThatIsTooSmallIsRefused() throws {
    let session = Places.unique()
    let memory = try object("MumbleLink", session, words: [2, 1], size: 4096)
    let shown = moonpool("run", "show", "mumble_windows", session: session)
    #expect(shown.errors == "show: MumbleLink has 4096 bytes, mumble_windows needs 5460\n")
    #expect(shown.status == 1)
    memory.close()
  }
}
