import Glibc
import TestSupport
import Testing

/// `moonpool layout` with the compilers of this machine.
@Suite(.enabled(if: Places.haveInstalled("gcc"), "gcc is not installed (scripts/setup test)"))
struct LayoutCommandTests {
  /// A header in a folder of its own; what it holds goes with the body's end.
  private func header(_ text: String, _ body: (String) throws -> Void) throws {
    let folder = "/tmp/\(Places.unique("moonpool-header"))"
    mkdir(folder, 0o700)
    let path = "\(folder)/game.h"
    defer {
      unlink(path)
      rmdir(folder)
    }
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
    try body(path)
  }

  private let text = """
    #include <stdint.h>
    #define CARS 3
    struct wheel { char kind; double wear; };
    struct game { uint8_t version; struct wheel wheels[4]; unsigned on : 1, gear : 4; float speed[CARS]; };

    """

  @Test func itSaysWhatTheCompilerSays() throws {
    try header(text) { path in
      let whole = moonpool("layout", path, session: Places.unique())
      #expect(whole.errors == "" && whole.status == 0)
      #expect(whole.output.hasPrefix("struct game: 88 bytes, alignment 8\n"))
      #expect(whole.output.contains("     72  unsigned int gear : bits 1-4  (4)\n"))
      let wheel = moonpool("layout", path, "wheel", "--json", session: Places.unique())
      #expect(
        wheel.output.hasPrefix(#"{"name": "wheel", "size": 16, "alignment": 8, "members": ["#))
      #expect(wheel.output.contains(#""constants": {"CARS": 3}"#))
    }
  }

  /// Debugging information has no alignment of packed types.
  @Test func alignmentsOfPackedTypesAreTheCompilers() throws {
    let text = """
      typedef struct { int a; int b; } __attribute__((packed)) flat;
      #pragma pack(push, 2)
      struct half { double d; short s; char c; };
      #pragma pack(pop)
      union both { double d; char c[8]; } __attribute__((packed));
      struct plain { char c; double d; };

      """
    try header(text) { path in
      for (type, alignment) in [("flat", 1), ("half", 2), ("both", 1), ("plain", 8)] {
        let outcome = moonpool("layout", path, type, session: Places.unique())
        #expect(outcome.output.contains(" bytes, alignment \(alignment)\n"), "\(outcome)")
        let script =
          "print(shm.layout { file = '\(path)', compiler = true, type = '\(type)' }:alignment())"
        #expect(moonpool("-e", script, session: Places.unique()).output == "\(alignment)\n")
      }
      let check = moonpool("layout", path, "--check", session: Places.unique())
      #expect(check.output == "4 structures, 4 alike\n")
    }
  }

  @Test func classesThatCannotBeSharedEndNoComparison() throws {
    try header("struct v { virtual void f(); int a; };\nstruct s { int a; };\n") { path in
      let check = moonpool("layout", path, "--check", session: Places.unique())
      #expect(check.status == 0)
      #expect(check.output.hasSuffix("\n2 structures, 1 alike, 1 that cannot be shared\n"))
      #expect(check.output.contains("'v' has virtual functions: "))
    }
  }

  /// gcc counts them from the end of a unit that may be larger than the union's part of it.
  @Test func bitFieldsOfUnionsBeginAtTheirBegin() throws {
    let text =
      "typedef long half __attribute__((aligned(4)));\n"
      + "union u { struct { char c; void *p; } s; half b : 32; };\n"
    try header(text) { path in
      let check = moonpool("layout", path, "u", "--check", session: Places.unique())
      #expect(check.output == "1 structure, 1 alike\n", "\(check)")
    }
  }

  @Test func aMemberHidesTheBaseClasss() throws {
    let text = "struct base { int x; int y; };\nstruct s : base { char x; };\n"
    try header(text) { path in
      let check = moonpool("layout", path, "--check", session: Places.unique())
      #expect(check.output == "2 structures, 2 alike\n")
      let script =
        "local T = shm.layout { file = '\(path)', compiler = true } print(T:offset('x'), T:offset('y'))"
      #expect(moonpool("-e", script, session: Places.unique()).output == "8\t4\n")
    }
  }

  @Test func whatItWritesKeepsTheEnumsNames() throws {
    let text = """
      enum color { RED = 1, BLUE = 3 };
      typedef enum { SMALL, BIG } scale;
      struct paint { enum color c[2]; scale k; enum color d; int limit; enum { IN, OUT } way; };
      #define limit 9

      """
    try header(text) { path in
      let module = moonpool("layout", path, "--lua", session: Places.unique())
      let script =
        "local T = (function() \(module.output) end)() print(T, T:value('limit'), T:value('OUT'))"
      let outcome = moonpool("-e", script, session: Places.unique())
      #expect(
        outcome.output == """
          paint (24 bytes, aligned to 4)
            0  color[2] c
            8  scale k
           12  color d
           16  int32_t limit
           20  enum3 way\t9\t1

          """)
    }
  }

  @Test func bothMeaningsOfBOOLAreTold() throws {
    try header("struct s { unsigned char a; BOOL b; };\n") { path in
      let outcome = moonpool("layout", path, session: Places.unique())
      #expect(outcome.status == 1)
      #expect(
        outcome.errors.hasSuffix(
          "\nBOOL has 4 bytes on Windows (typedef int BOOL;) and 1 in X11 "
            + "(typedef unsigned char BOOL;): declare it\n"))
      let defined = moonpool(
        "layout", path, "--define", "BOOL=unsigned char", session: Places.unique())
      #expect(defined.output.hasPrefix("struct s: 2 bytes, alignment 1\n"))
    }
  }

  @Test func aTypeThatItHasNotIsNamedNearOthers() throws {
    try header(text) { path in
      let outcome = moonpool("layout", path, "whele", session: Places.unique())
      #expect(outcome.errors.hasSuffix("no type is named 'whele'; near: wheel\n"))
    }
  }

  @Test func whatItWritesNeedsNoCompiler() throws {
    try header(text) { path in
      let module = moonpool("layout", path, "--lua", session: Places.unique())
      let script =
        "local T = (function() \(module.output) end)() "
        + "print(T:size(), T:offset('wheels[1].wear'), T:bits('gear'), T:value('CARS'))"
      let outcome = moonpool("-e", script, session: Places.unique())
      #expect(outcome.output == "88\t32\t1\t3\n", "\(outcome)")
    }
  }

  /// The first error alone would say that what the library knows is missing.
  @Test func whatIsLeftAfterTheKnownNamesIsSaid() throws {
    try header("#include <windows.h>\nstruct s { DWORD a; none_t b; };\n") { path in
      let outcome = moonpool("layout", path, session: Places.unique())
      #expect(outcome.status == 1 && outcome.output == "")
      #expect(
        outcome.errors.hasPrefix(
          "moonpool: layout: \(path):1:10: fatal error: windows.h: No such file or directory\n"
            + "not here, as the library knows it: windows.h, DWORD\n"), "\(outcome.errors)")
      #expect(outcome.errors.contains("none_t"), "\(outcome.errors)")
    }
  }

  @Test func bothReadersAreCompared() throws {
    try header(text) { path in
      let outcome = moonpool("layout", path, "--check", session: Places.unique())
      #expect(outcome.output == "2 structures, 2 alike\n" && outcome.status == 0)
    }
    try header("#ifdef __OPTIMIZE__\n#endif\nstruct s { long a; none_t *b; };") { path in
      let outcome = moonpool("layout", path, session: Places.unique())
      #expect(outcome.status == 1 && outcome.errors.contains("none_t"), "\(outcome)")
    }
  }

  @Test func whatIsNotHereIsTakenFromTheLibrary() throws {
    let text = """
      #include <windows.h>
      #pragma pack(push, 1)
      typedef struct entry { WORD kind; DWORD WINAPI_TIME; FILETIME when; HANDLE at; char path[MAX_PATH]; } entry;
      #pragma pack(pop)
      HRESULT WINAPI Open(const char *name);
      """
    for abi in ["linux", "windows"] {
      try header(text) { path in
        let whole = moonpool("layout", path, "--abi", abi, session: Places.unique())
        #expect(whole.output.hasPrefix("struct entry: 282 bytes"), "\(whole)")
        #expect(
          whole.errors.hasPrefix("moonpool: layout: not here, as the library knows it: windows.h"))
      }
    }
  }

  @Test func aHeaderBesideItIsIncludedFirst() throws {
    try header("struct game { struct car cars[2]; wheel_t spare; };") { path in
      let other = path.replacing("game.h", with: "cars.h")
      defer { unlink(other) }
      let file = try #require(fopen(other, "w"))
      fputs("typedef struct { float wear; } wheel_t;\nstruct car { wheel_t wheels[4]; };", file)
      fclose(file)
      let whole = moonpool("layout", path, session: Places.unique())
      #expect(whole.output.hasPrefix("struct game: 36 bytes, alignment 4\n"), "\(whole)")
      #expect(whole.errors == "moonpool: layout: included first, for car: \(other)\n")
    }
  }

  @Test func itsMisuseIsTold() {
    let missing = moonpool("layout", "/nowhere/x.h", session: Places.unique())
    #expect(missing.status == 1 && missing.errors == "moonpool: layout: cannot read /nowhere/x.h\n")
    let both = moonpool("layout", "x.h", "--json", "--lua", session: Places.unique())
    #expect(both.status == 64)
  }
}
