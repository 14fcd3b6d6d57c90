import SharedMemory
import Testing

/// `#ifndef PACKED`, `#define PACKED`: the default that is left where a header is not here.
@Suite("Layout: macros that are empty by default") struct LayoutDefaultTests {
  private func message(_ text: String, define: [(String, String?)] = []) -> String? {
    var options = Layout.Options()
    options.define = define
    do {
      _ = try Layout(text, options: options)
      return nil
    } catch {
      return error.message
    }
  }

  private let start = "#include \"machine.h\"\n#ifndef PK\n#define PK\n#endif\n"
  private let asks =
    "'PK' is empty here by default, and the headers that may define it are not here: "
    + "define = { PK = \"\" }, or what it stands for"

  @Test(
    "one that may pack a struct is an error",
    arguments: [
      "struct s { char a; int b; } PK;", "struct PK s { char a; int b; };",
      "struct s { char a; int b PK; };", "typedef struct { char a; int b; } PK s;",
      "struct o { char a; struct { int x; } PK i; };",
    ])
  func packing(_ text: String) {
    #expect(message(start + text) == asks)
    #expect(message(start + text, define: [("PK", "")]) == nil)
    #expect(message(start + text, define: [("PK", "__attribute__((packed))")]) == nil)
    #expect(message(start + text, define: [("PK", nil)]) == nil)
  }

  @Test(
    "one that is a qualifier or a function's is none",
    arguments: [
      "struct s { char PK *a; int b; };", "PK int f(int);\nstruct s { int b; };\nPK int g(int);",
      "struct s { int b; }; int f(int) PK;",
    ])
  func others(_ text: String) throws {
    #expect(message(start + text) == nil)
    #expect(try Layout(start + text).undefined == ["PK"])
  }

  @Test("one with a parameter counts as packing, and so does a name that says so")
  func aligning() {
    let macro = "#include \"machine.h\"\n#ifndef AL\n#define AL(n)\n#endif\n"
    #expect(
      message(macro + "struct s { char a; AL(8) int b; };")?.hasPrefix("'AL' is empty") == true)
    let name = "#include \"machine.h\"\n#ifndef MY_ALIGN\n#define MY_ALIGN\n#endif\n"
    #expect(
      message(name + "struct s { char a; MY_ALIGN int b; };")?.hasPrefix("'MY_ALIGN' is") == true)
  }

  @Test("where no header is missing the default is what a compiler takes")
  func whole() throws {
    let text = "#ifndef PK\n#define PK\n#endif\nstruct s { char a; int b; } PK;"
    #expect(try Layout(text).size == 8)
    #expect(try Layout("#include <stdint.h>\n" + text).size == 8)
  }

  @Test("only the struct that it stands at is lost")
  func others() throws {
    let text = start + "struct s { char a; int b; } PK; struct t { int c; };"
    #expect(try Layout(text, type: "t").size == 4)
    #expect(try Layout(text).size == 4)
  }

  @Test("headers that only the C library's own include may define what it asks for")
  func library() {
    let text =
      "#include <bits/queue.h>\nstruct s {\n#ifdef WIDE\nlong a;\n#else\nint a;\n#endif\n};"
    #expect(message(text)?.hasPrefix("does WIDE hold?") == true)
    let known =
      "#include <bits/x.h>\nstruct s {\n#ifdef __USE_ISOC99\nlong a;\n#else\nint a;\n#endif\n};"
    #expect(message(known) == nil)
  }
}
