import Glibc
import SharedMemory
import TestSupport
import Testing

/// `dump --layout` and `watch --layout`.
@Suite struct FieldDumpTests {
  private let session = Places.unique("fields")

  private func moonpool(_ words: String...) -> Outcome {
    run(Places.moonpool, words, environment: ["MOONPOOL_SESSION": session])
  }

  private func header(_ text: String) -> String {
    let path = "/tmp/\(Places.unique("fields")).h"
    let file = fopen(path, "w")!
    fputs(text, file)
    fclose(file)
    return path
  }

  private func object(_ name: String, _ bytes: [UInt8], size: Int) throws -> MemoryObject {
    let object = try MemoryObject.create(name, size: size, in: Session(named: session))
    try object.map().write(bytes)
    return object
  }

  @Test func aHeadersStructureIsShownWithItsValues() throws {
    let path = header(
      "struct Other { int x; };\nstruct Car { short gear; char name[6]; float kmh[]; };\n")
    defer { unlink(path) }
    let held = try object(
      "car", [0, 0, 0, 0, 5, 0] + Array("Ada".utf8) + [0, 0, 0, 0, 0, 0x80, 0x3F], size: 20)
    #expect(
      moonpool("dump", "car", "--layout", path, "--offset", "4").output == """
        Car at offset 4 of car (16 bytes)
          0  short gear = 5
          2  char[6] name = "Ada"
          8  float[] kmh = 1.0, 0.0

        """)
    #expect(
      moonpool("dump", "car", "--layout", path, "--type", "Other").output == """
        Other at offset 0 of car (4 bytes)
         0  int x = 0

        """)
    held.close()
  }

  @Test func aLayoutThatIsKnownNeedsNoHeader() throws {
    let held = try object("physics", [7, 0, 0, 0], size: 4096)
    let outcome = moonpool("dump", "physics", "--layout", "assetto_corsa_physics")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("packetId = 7\n"))
    held.close()
  }

  @Test func whatCannotBeShownIsSaid() throws {
    let held = try object("small", [1], size: 3)
    let path = header("struct s { int x; };")
    defer { unlink(path) }
    let short = moonpool("dump", "small", "--layout", path)
    #expect(short.status == 1)
    #expect(
      short.errors
        == "moonpool: read small: ERROR_INVALID_PARAMETER (87): 3 bytes are there from offset 0, "
        + "and the layout has 4\n")
    #expect(
      moonpool("dump", "small", "--layout", "rtsss").errors.hasPrefix(
        "moonpool: no layout is named 'rtsss'; near: rtss; there are "))
    #expect(
      moonpool("dump", "small", "--layout", "/nowhere.h").errors.contains("cannot read /nowhere.h"))
    #expect(moonpool("dump", "small", "--layout", path, "--raw").status == 64)
    #expect(moonpool("dump", "small", "--type", "s").status == 64)
    #expect(moonpool("dump", "small", "--layout", "rtss", "--type", "s").status == 64)
    held.close()
  }

  @Test func lookingAtFieldsHoldsNothing() throws {
    let path = header("struct s { int x, y; };")
    defer { unlink(path) }
    let held = try object("watched", [1], size: 8)
    let view = try held.map()
    let watching = Child(
      Places.moonpool, ["watch", "watched", "--layout", path, "--interval=0.01"],
      environment: ["MOONPOOL_SESSION": session])
    #expect(poll { watching.printed.contains(" 4  int y = 0\n") })
    try view.write([9], at: 4)
    #expect(poll { watching.printed.hasSuffix("\n 4  int y = 9\n") })
    #expect(watching.printed.split(separator: "int x", omittingEmptySubsequences: false).count == 2)
    held.close()
    #expect(watching.wait() == 0)
    #expect(watching.printed.hasSuffix("watched is gone\n"))
  }
}
