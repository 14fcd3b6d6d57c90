import SharedMemory
import Testing

/// What nobody declares spoils only what is made of it; and what conditions and macros may ask.
@Suite struct LayoutPartialTexts {
  private func message(_ text: String, type: String? = nil, abi: Layout.ABI = .linux) -> String? {
    do {
      _ = try Layout(text, abi: abi, type: type)
      return nil
    } catch {
      return error.message
    }
  }

  private let text = """
    #include "project.h"
    typedef foo_t alias_t;
    enum kind { FIRST = BASE, SECOND, THIRD = 7 };
    struct a { foo_t x; int y; };
    struct b { struct a in; alias_t more[SECOND]; };
    struct c { struct elsewhere e; enum kind k; };
    class d : public Base<int> { int x; };
    struct e { char z[sizeof(struct a)]; Vector<int> v; };
    extern foo_t shared, table[ROWS];
    typedef int matrix[ROWS][2];
    struct f { matrix m; };
    foo_t *find(foo_t *, int) ATTRIBUTE(1);
    struct s { foo_t *next; const struct elsewhere *there; char n[THIRD]; };

    """

  @Test("a struct that needs nothing unknown is read")
  func known() throws {
    let layout = try Layout(text)
    #expect(layout.size == 24)
    #expect(try layout.offset(of: "n") == 16)
    #expect(layout.constants["THIRD"] == 7 && layout.constants["SECOND"] == nil)
  }

  @Test(
    "another says what it lacks",
    arguments: [
      ("a", "unknown type name 'foo_t'"),
      ("b", "unknown type name 'foo_t', unknown constant 'BASE'"),
      ("d", "'Base<…>' is a template: write the struct itself"),
      ("f", "unknown constant 'ROWS'"),
      ("e", "unknown type name 'foo_t'; 'Vector<…>' is a template: write the struct itself"),
    ])
  func lacking(type: String, expected: String) {
    let templates = "template <class T> class Base; template <class T> class Vector;\n"
    #expect(message(templates + text, type: type) == expected)
  }

  @Test("the last one tells of all that the text lacks")
  func together() {
    #expect(
      message("struct a { foo_t x; }; struct b { bar_t y[N]; }; struct s { struct t z; };")
        == "unknown type names 'foo_t', 'bar_t', unknown constant 'N'; the size of 't' is not known "
        + "here")
    #expect(message("struct s { bar_t *y; };") == "unknown type name 'bar_t'")
    #expect(message("#include \"x.h\"\nstruct s { BAR *y; };") == "unknown type name 'BAR'")
  }

  @Test("a typedef of the kernel's names keeps their order")
  func order() throws {
    let text =
      "typedef unsigned short __u16; typedef __u16 __bitwise __be16; struct s { __be16 a; };"
    #expect(try Layout(text).difference(from: Layout("struct s { __be16 a; };")) == nil)
    #expect(try Layout(text).difference(from: Layout("struct s { __le16 a; };")) != nil)
  }

  @Test(
    "what conditions may ask a compiler is answered, or an error",
    arguments: [
      ("__has_include(<stdint.h>)", 8), ("__has_include(<windows.h>)", 4),
      ("__has_include(<linux/input.h>)", 8), ("__has_builtin(__builtin_bswap32)", 8),
      ("defined(__has_feature)", 4), ("defined(__has_include) && defined(__has_attribute)", 8),
      ("__has_attribute(packed)", 8), ("0 && __has_builtin(__builtin_other)", 4),
    ])
  func questions(condition: String, size: Int) throws {
    let text = "#if \(condition)\nstruct s { long a; };\n#else\nstruct s { int a; };\n#endif"
    #expect(try Layout(text).size == size)
  }

  @Test("what nobody can answer is told")
  func unanswered() {
    func ask(_ condition: String) -> String? {
      message("#if \(condition)\nstruct s { long a; };\n#else\nstruct s { int a; };\n#endif")
    }
    #expect(
      ask("__has_include(\"config.h\")")
        == "whether there is a header \"config.h\" decides here: say its folder, include = …")
    #expect(
      ask("__has_builtin(__builtin_other)")?.hasPrefix("'__builtin_other' is a number") == true)
    #expect(
      message("#pragma ms_struct on\nstruct s { int a; };")
        == "#pragma ms_struct is obeyed by clang and not by gcc: write __attribute__((ms_struct))")
    #expect(message("#pragma ms_struct off\nstruct s { int a; };") == nil)
    let body = "struct s {\n#ifdef HAVE_WIDE\nlong a;\n#else\nint a;\n#endif\n};"
    #expect(message("#include <asm/kvm.h>\n" + body)?.hasPrefix("does HAVE_WIDE hold?") == true)
  }

  @Test("the machine's own words are known where its headers define them")
  func machine() throws {
    let text = "struct s {\n#ifdef _AMD64_\nchar p[8];\n#else\nchar p[4];\n#endif\n};"
    #expect(try Layout(text, abi: .windows).size == 8)
    #expect(try Layout(text).size == 4)
  }

  @Test("__VA_OPT__ is what is there if there are further arguments")
  func optional() throws {
    let macro = "#define FIELDS(first, ...) int first __VA_OPT__(, __VA_ARGS__)\n"
    #expect(try Layout(macro + "struct s { FIELDS(a); };").size == 4)
    #expect(try Layout(macro + "struct s { FIELDS(a, b, c); };").size == 12)
    #expect(
      message("#define F(a, ...) a ## __VA_OPT__(b)\nstruct s { int F(x, y); };")
        == "'#' and '##' beside __VA_OPT__ are not supported")
  }

  @Test("what only macros lack is not told")
  func macros() {
    let text = """
      #include "x.h"
      #define LOG (LEVEL + 1)
      #define UNUSED __attribute__((unused))
      #define KIND __typeof__(int)
      struct s { foo_t a; char b[N]; };
      """
    #expect(message(text) == "unknown type name 'foo_t', unknown constant 'N'")
  }

  @Test("a word behind a prototype is an attribute")
  func attributes() throws {
    let text = "int f(int) WEAK_EXPORT;\nextern void (*g)(int) WEAK_EXPORT;\nstruct s { int a; };"
    #expect(try Layout(text).size == 4)
  }

  @Test(
    "base classes follow each other, the second in the first one's padding if it is no plain data")
  func bases() throws {
    let text =
      "struct a { int x; private: char c; }; struct b { char d; public: char e; };"
      + "struct s : public a, public b { char f; };"
    let layout = try Layout(text)
    #expect(layout.size == 8)
    #expect(try ["x", "c", "d", "e", "f"].map { try layout.offset(of: $0) } == [0, 4, 5, 6, 7])
    let windows = try Layout(text, abi: .windows)
    #expect(windows.size == 12)
    #expect(try windows.offset(of: "f") == 10)
  }
}
