import LayoutTrials
import SharedMemory
import Testing

/// What people paste, with the numbers that compilers gave.
@Suite struct LayoutShapes {
  private static func numbers(_ layout: Layout, _ paths: [Substring]) throws -> String {
    try "\(layout.size): "
      + paths.map { path in
        let offset = try layout.offset(of: String(path))
        guard let bits = try layout.bits(of: String(path)) else { return "\(path) \(offset)" }
        return "\(path) \(offset * 8 + bits.bit)b\(bits.width)"
      }.joined(separator: ", ")
  }

  @Test("a header's shape has the compiler's numbers", arguments: HeaderShape.all.indices)
  func shape(_ index: Int) throws {
    let shape = HeaderShape.all[index]
    var options = Layout.Options(abi: shape.abi)
    options.language = shape.language
    let layout = try Layout(shape.text, options: options)
    let paths = shape.numbers.drop { $0 != ":" }.dropFirst(2).split(separator: ",").map {
      $0.drop { $0 == " " }.prefix { $0 != " " }
    }
    #expect(try Self.numbers(layout, paths) == shape.numbers)
  }

  @Test("there are at least sixty") func enough() { #expect(HeaderShape.all.count >= 60) }
}

/// Never a guess: what nobody defines is an error where it could move a member.
@Suite struct LayoutGuesses {
  private func message(_ text: String, _ change: (inout Layout.Options) -> Void = { _ in })
    -> String?
  {
    var options = Layout.Options()
    change(&options)
    do {
      _ = try Layout(text, options: options)
      return nil
    } catch {
      return error.message
    }
  }

  @Test("a number that nobody defines is an error where its branches declare something")
  func undefinedNumbers() {
    let text = "#if LEVEL > 2\nstruct s { long a; };\n#else\nstruct s { int a; };\n#endif"
    #expect(
      message(text) == "'LEVEL' is a number here and nobody defines it: define = { LEVEL = … }")
    #expect(message(text) { $0.define = [("LEVEL", "3")] } == nil)
    #expect(message(text) { $0.define = [("LEVEL", nil)] } == nil)
    #expect(message("#if LEVEL > 2\n#define N 4\n#endif\nstruct s { int a; };") == nil)
    #expect(
      message("#if LEVEL > 2\n#define N 4\n#else\n#define N 5\n#endif\nstruct s { int a[N]; };")
        == "what 'N' is hangs on 'LEVEL', which nobody defines: define = { LEVEL = … }")
    #expect(message("#if 0 && LEVEL\nstruct t { int b; };\n#endif\nstruct s { int a; };") == nil)
    #expect(message("#if _WIN32\nstruct t { int b; };\n#endif\nstruct s { int a; };") == nil)
  }

  @Test("a name that is asked for inside of a body is an error if a header is missing")
  func undefinedNames() throws {
    let body = "struct s {\n#ifdef HAVE_WIDE\nlong a;\n#else\nint a;\n#endif\n};"
    let question =
      "does HAVE_WIDE hold? The headers are not here: define = { HAVE_WIDE = true } or false"
    #expect(message("#include \"config.h\"\n" + body) == question)
    #expect(message("#include <stdint.h>\n" + body) == nil)
    #expect(message("#include \"config.h\"\n" + body) { $0.define = [("HAVE_WIDE", nil)] } == nil)
    #expect(
      message(
        "#include \"config.h\"\n"
          + body.replacing("ifdef HAVE_WIDE", with: "if defined(HAVE_WIDE) || 0"))
        == question)
    let known = body.replacing(
      "ifdef HAVE_WIDE", with: "if defined(__x86_64__) || defined(HAVE_WIDE)")
    #expect(message("#include \"config.h\"\n" + known) == nil)
    let alike = body.replacing("int a;", with: "long a;")
    #expect(message("#include \"config.h\"\n" + alike) == nil)
    let layout = try Layout(body)
    #expect(layout.size == 4 && layout.undefined == ["HAVE_WIDE"])
    #expect(layout.description.hasSuffix("\ntaken as undefined: HAVE_WIDE"))
    let guarded = try Layout("#ifndef S_H\n#define S_H\nstruct s { int a; };\n#endif")
    #expect(guarded.undefined.isEmpty)
  }

  @Test(
    "a word that may be a macro is an error that names it",
    arguments: [
      ("struct s { char a; int b; } __pack;", "__pack"), ("struct s { int a; } PACKED;", "PACKED"),
      ("struct EXPORT s { int a; };", "EXPORT"),
      ("typedef struct PACKED { int a; } cell;", "PACKED"),
      ("struct s { int a NONNULL; };", "NONNULL"), ("struct s { int a; } PACKED s1;", "PACKED"),
      ("enum EXPORT e { A }; struct s { int a; };", "EXPORT"),
      ("struct s { struct { char c; int i; } __packing; };", "__packing"),
    ])
  func macros(text: String, word: String) {
    #expect(
      message(text)
        == "'\(word)' is unknown: a macro? #define it, or define = { \(word) = \"\" }")
    #expect(message(text) { $0.define = [(word, "")] } == nil)
  }

  @Test(
    "names that are none stay what they are",
    arguments: [
      "struct s { int a; } first;", "struct s { int a; } TABLE[3];",
      "static struct s { int a; } S0;",
      "extern struct s { int a; } S0;", "typedef struct _CELL { int a; } CELL, *PCELL;",
      "typedef struct NODE { struct NODE *next; } item;",
      "typedef struct LINK { int a; } LinkData;",
    ])
  func names(text: String) { #expect(message(text) == nil) }

  @Test("all that is unknown is told at once")
  func together() {
    #expect(
      message("struct s { foo_t a; bar_t *b; int c[COUNT]; foo_t d; };")
        == "unknown type names 'foo_t', 'bar_t', unknown constant 'COUNT'")
    #expect(
      message("struct s { BOOL a; foo_t b; BOOL c; char d[COUNT]; };")
        == "unknown type name 'foo_t', unknown constant 'COUNT'; BOOL has 4 bytes on Windows "
        + "(typedef int BOOL;) and 1 in X11 (typedef unsigned char BOOL;): declare it")
    #expect(message("BOOL f(BOOL x);\nBOOL WINAPI g(void);\nstruct s { int a; };") == nil)
    #expect(
      message(
        """
        #include "config.h"
        DECLARE_THING(a, 3);
        #if LEVEL > 2
        struct EXPORT a { int x; };
        #elif SECOND
        struct b { int x; };
        #endif
        typedef struct PACKED { foo_t a; int b MARK(4);
        #ifdef HAVE_WIDE
          int c;
        #endif
        } cell;
        struct d { struct { char c; } __packing; FIELDS(int) } ALIGN(8) e, f;
        """)
        == "unknown type name 'foo_t'; 'DECLARE_THING', 'MARK', '__packing', 'FIELDS', 'ALIGN', "
        + "'PACKED' are unknown: macros? #define them, or define = { DECLARE_THING = \"\", MARK = \"\", "
        + "__packing = \"\", FIELDS = \"\", ALIGN = \"\", PACKED = \"\" }; 'LEVEL', 'SECOND' are "
        + "numbers here and nobody defines them: define = { LEVEL = …, SECOND = … }; does HAVE_WIDE "
        + "hold? The headers are not here: define = { HAVE_WIDE = true } or false")
    #expect(message("static_assert(sizeof(foo_t) == 4, \"\"); struct s { int a; };") == nil)
    #expect(message("struct s { int a; int b MARK(4); };")?.hasPrefix("'MARK' is unknown") == true)
    #expect(message("static_assert(LIMIT > 4, \"\"); struct s { int a; };") == nil)
    #expect(
      message("static_assert(sizeof(int) > 4, \"wide\"); struct s { int a; };")
        == "the static assertion is false: \"wide\"")
  }

  @Test("a known header's structure can be the whole")
  func known() throws {
    #expect(try Layout("#include <time.h>\nstruct s { int a; };", type: "timespec").size == 16)
    let text = "struct s { int a; };"
    #expect(try Layout(text, abi: .windows, type: "RECT").offset(of: "right") == 8)
  }

  @Test("BOOL is Windows' there, and needs a declaration on Linux")
  func bool() throws {
    #expect(message("struct s { BOOL b; };")?.hasPrefix("BOOL has 4 bytes on Windows") == true)
    #expect(message("typedef unsigned char BOOL; struct s { BOOL b; };") == nil)
    #expect(try Layout("struct s { BOOL b; };", abi: .windows).size == 4)
  }

  @Test("a class with virtual functions is refused where it is used")
  func virtual() throws {
    let text = "struct v { virtual void f(); int a; }; struct s { int a; };"
    #expect(try Layout(text).size == 4)
    for use in ["struct u { v x; };", "struct u : v { int b; };", "struct u { v x[2]; };"] {
      #expect(
        message(text + use)?.hasPrefix("a virtual function: the object holds an address") == true)
    }
  }
}
