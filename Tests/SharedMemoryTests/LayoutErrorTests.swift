import Testing

@testable import SharedMemory

/// Each kind of mistake with its exact text.
@Suite struct LayoutErrors {
  private func refusal(_ text: String) -> LayoutError? {
    do {
      _ = try Layout(text)
      return nil
    } catch {
      return error
    }
  }

  @Test("a mistake is told with its place", arguments: mistakes)
  func mistake(text: String, message: String) throws {
    let error = try #require(refusal(text))
    #expect(error.description.split(separator: "\n")[0] == message)
  }

  private static let mistakes: [(String, String)] = [
    ("struct S { foo x; };", "line 1, column 12: unknown type name 'foo'"),
    ("struct S { int a; }", "line 1, column 20: expected ';' before the end of the text"),
    ("struct S { int a[-1]; };", "line 1, column 18: an array's count is not negative: -1"),
    ("struct S { int a[0x]; };", "line 1, column 18: '0x' is not an integer"),
    ("struct S { int a[1.5]; };", "line 1, column 18: an integer is needed, not '1.5'"),
    ("struct S { int a[09]; };", "line 1, column 18: '09' is not an integer"),
    (
      "struct S { int a[99999999999999999999]; };",
      "line 1, column 18: '99999999999999999999' does not fit into 64 bits"
    ),
    (
      "struct S { int a[1 << 32]; };",
      "line 1, column 20: shift by a negative count or past the type's width in the constant expression"
    ),
    (
      "struct S { int a[2147483647 + 1]; };",
      "line 1, column 29: integer overflow in the constant expression"
    ),
    (
      "struct S { int a[1 / 0]; };",
      "line 1, column 20: division by zero in the constant expression"
    ),
    ("struct S { int a[N]; };", "line 1, column 18: unknown constant 'N'"),
    (
      "struct S { int a[]; int b; };",
      "line 1, column 16: an array without a count is the last member of a struct or none"
    ),
    (
      "union S { int a[]; };",
      "line 1, column 15: an array without a count is the last member of a struct or none"
    ),
    ("struct S { long a[1ull << 60]; };", "line 1, column 18: the array is larger than 2^47 bytes"),
    (
      "struct S { char a[1ull << 46], b[1ull << 47]; };",
      "line 1, column 32: the type is larger than 2^47 bytes"
    ),
    ("struct S { struct T t; };", "line 1, column 21: the size of 'T' is not known here"),
    ("struct S { struct S s; };", "line 1, column 21: the size of 'S' is not known here"),
    ("struct S { void v; };", "line 1, column 17: a member cannot be void"),
    ("struct S { void v[3]; };", "line 1, column 18: an array of voids does not exist"),
    ("struct S { int; };", "line 1, column 15: the member has no name"),
    (
      "struct S { int a; virtual void f(); };",
      "line 1, column 19: a virtual function: the object holds an address of the program that made it, so no other can use it"
    ),
    ("struct S : T { int a; };", "line 1, column 12: unknown type name 'T'"),
    ("struct S { int a : 33; };", "line 1, column 20: the width 33 is not within 0 and 32"),
    ("struct S { int a : -1; };", "line 1, column 20: the width -1 is not within 0 and 32"),
    ("struct S { _Bool a : 2; };", "line 1, column 22: the width 2 is not within 0 and 1"),
    ("struct S { int a : 0; };", "line 1, column 20: a bit-field with a name is at least 1 wide"),
    ("struct S { float a : 3; };", "line 1, column 18: a bit-field needs an integer type"),
    ("struct S { int a; char a; };", "line 1, column 24: 'a' is declared twice"),
    ("struct S { int a; union { char b; char a; }; };", "line 1, column 19: 'a' is declared twice"),
    ("struct S { int a; }; struct S { int b; };", "line 1, column 29: 'S' is defined twice"),
    ("struct S { int a; }; union S u;", "line 1, column 28: 'S' is another kind of tag"),
    ("enum E { A }; struct S { int a[A; };", "line 1, column 33: expected ']' before ';'"),
    ("enum E { A, A = 3 };", "line 1, column 13: 'A' is declared twice"),
    (
      "enum E { A = 18446744073709551615u, B };",
      "line 1, column 37: the enumerator's value does not fit into 64 bits"
    ),
    (
      "enum E { A = -1, B = 18446744073709551615u };",
      "line 1, column 18: no integer type has room for all enumerators"
    ),
    ("enum E : uint8_t { A = 256 };", "line 1, column 20: 256 does not fit into the enum's type"),
    ("enum E : float { A };", "line 1, column 10: an enum needs an integer type"),
    ("typedef int T; typedef char T;", "line 1, column 29: 'T' is declared twice"),
    ("typedef int T;", "line 1, column 15: no struct or union is defined here"),
    (
      "struct { long short x; };",
      "line 1, column 15: 'short' does not go with the words before it"
    ),
    ("struct { unsigned float x; };", "line 1, column 10: these words make no type together"),
    (
      "struct { int x __attribute__((aligned(3))); };",
      "line 1, column 39: an alignment is a power of two, not 3"
    ),
    (
      "struct { int x __attribute__((aligned(0x40000000))); };",
      "line 1, column 39: an alignment is at most 268435456"
    ),
    ("struct { alignas(2) int x; };", "line 1, column 25: alignas(2) is less than the type's 4"),
    ("struct { alignas(8) int x : 3; };", "line 1, column 25: alignas does not go with bit-fields"),
    ("struct { int x __attribute__ packed; };", "line 1, column 30: expected '((' before 'packed'"),
    (
      "typedef int T __attribute__((aligned(8))); struct { T x[2]; };",
      "line 1, column 56: elements of 4 bytes cannot be aligned to 8"
    ),
    ("struct { int x[sizeof(int)(]; };", "line 1, column 27: expected ']' before '('"),
    ("struct { int x[sizeof y]; };", "line 1, column 23: unknown constant 'y'"),
    ("struct { int x[(float) 3]; };", "line 1, column 16: a constant is cast to integers only"),
    ("struct { int x['']; };", "line 1, column 16: '''' is not a character of C"),
    (
      "struct { int x[1 << 32u]; };",
      "line 1, column 18: shift by a negative count or past the type's width in the constant expression"
    ),
    ("struct { int x; @ };", "line 1, column 17: '@' does not belong to C"),
    ("struct { char x = 'a; };", "line 1, column 19: the quote is not closed in its line"),
    ("struct { /* int x; };", "line 1, column 10: the comment is not closed"),
    (
      "static_assert(sizeof(int) == 3, \"int is 3\"); struct { int x; };",
      "line 1, column 1: the static assertion is false: \"int is 3\""
    ),
    (
      "template <class T> struct S { T x; }; struct R { S<int> s; };",
      "line 1, column 50: 'S<…>' is a template: write the struct itself"
    ),
    (
      "struct T { int a; }; struct { int x[offsetof(struct T, b)]; };",
      "line 1, column 56: there is no member 'b'"
    ),
    ("struct { int x", "line 1, column 15: expected ';' before the end of the text"),
    ("void f(void) { if (1) {", "line 1, column 14: '{' is not closed"),
    ("#pragma pack(3)", "line 1, column 14: #pragma pack needs 1, 2, 4, 8 or 16"),
    ("#pragma pack(pop)", "line 1, column 9: #pragma pack(pop) without a push"),
    ("#pragma pack(push, pop)", "line 1, column 24: no struct or union is defined here"),
    ("#pragma pack 1", "line 1, column 9: #pragma pack needs a value in parentheses"),
    (
      "#pragma scalar_storage_order big",
      "line 1, column 30: scalar_storage_order is big-endian or little-endian"
    ),
    ("#if 1", "line 1, column 1: this condition has no #endif"),
    ("#endif", "line 1, column 1: #endif without #if"),
    ("#else", "line 1, column 1: #else without #if"),
    ("#if 1 +", "line 1, column 8: expected a constant expression before the end of the text"),
    ("#if (1", "line 1, column 7: expected ')' before the end of the text"),
    ("#if defined", "line 1, column 5: 'defined' without a macro's name"),
    ("#define 3", "line 1, column 9: expected a macro's name"),
    ("#define defined", "line 1, column 9: 'defined' cannot be a macro's name"),
    (
      "#define F(x) x\nstruct { int a[F(3, 4)]; };",
      "line 2, column 16: the macro 'F' takes 1 arguments, not 2"
    ),
    ("#error use the other header", "line 1, column 1: #error: use the other header"),
    ("#include <x>", "line 1, column 13: no struct or union is defined here"),
    ("#frobnicate", "line 1, column 2: unknown directive '#frobnicate'"),
    ("#ifdef A\n#else\n#else\n#endif", "line 3, column 1: #else without #if"),
  ]

  @Test("the caret stands below the place, whatever is in the line")
  func caret() {
    #expect(
      refusal("int a;\nstruct S {\n  foo bar;\n};")?.description
        == "line 3, column 3: unknown type name 'foo'\n  foo bar;\n  ^")
    #expect(
      refusal("struct { int x; \tfoo\ty; };")?.description
        == "line 1, column 18: unknown type name 'foo'\nstruct { int x;  foo y; };\n"
        + String(repeating: " ", count: 17) + "^")
    #expect(
      refusal("struct { int é, \u{1}; }; foo x;\r\n")?.description
        == "line 1, column 17: '\\x01' does not belong to C\nstruct { int é, \u{fffd}; }; foo x;\n"
        + String(repeating: " ", count: 16) + "^")
  }

  @Test("of a long line only what is around the place is shown")
  func longLine() throws {
    let blanks = String(repeating: " ", count: 1000)
    let error = try #require(refusal("struct {\(blanks)foo x;\(blanks)};"))
    #expect(error.column == 1009)
    #expect(error.source.utf8.count == 120)
    #expect(error.description.split(separator: "\n")[2].utf8.count == 71)
  }

  @Test(
    "what is nested deeply is an error and no crash",
    arguments: [
      "(", "- ", "sizeof(struct{int a[", "1?", "1||1&&1|1^1&1==1<1<<1+1*(", "(int)", "~!",
    ])
  func deepExpression(piece: String) throws {
    let text = "struct S { int a[" + String(repeating: piece, count: 200_000) + "1]; };"
    #expect(try #require(refusal(text)).message == "nested deeper than 100 levels")
  }

  @Test(
    "so are declarations",
    arguments: [
      "struct {", "union A {", "int (", "int (*", "namespace x {", "extern \"C\" {",
      "struct S { _Atomic(", "_Alignas(struct {",
    ])
  func deepDeclaration(piece: String) throws {
    let error = try #require(refusal(String(repeating: piece, count: 100_000)))
    #expect(error.line == 1)
  }

  /// Types that are each made of the one before: `$n` is its number, `$o` that of the one before.
  private func chain(_ levels: Int, _ level: String) -> String {
    (1...levels).reduce("union U0 { int a; float b; };\n") { text, number in
      text
        + level.replacing("$n", with: "\(number)").replacing("$o", with: "\(number - 1)") + "\n"
    }
  }

  @Test("unions in unions have a bound, as each level doubles the values")
  func sharing() throws {
    let union = "union U$n { union U$o a, b; };"
    #expect(refusal(chain(9, union)) == nil)
    let error = try #require(refusal(chain(30, union)))
    #expect(error.message == "one place holds more than 1024 values, as unions in unions do")
    #expect((error.line, error.column) == (11, 25))
    let array = "union U$n { union U$o a[3]; struct { int c; union U$o b; } d; };"
    #expect(refusal(chain(30, array))?.message == error.message)
    let record = "struct U$n { struct U$o a, b; };"
    #expect(refusal(chain(40, record).replacing("union U0", with: "struct U0")) == nil)
    #expect(refusal("struct S { int a; struct {} b[1025]; };")?.message == error.message)
    #expect(refusal("struct S { int a; struct {} b[16][1025]; };")?.message == error.message)
    #expect(refusal("struct S { int a; struct {} b[500][2]; };") == nil)
    #expect(refusal("struct S { int a; struct { char c; } b[65536][65536]; };") == nil)
  }

  @Test("structs in structs have a bound, as each level is a reader's")
  func levels() throws {
    let text = chain(99, "struct S$n { struct S$o a; };")
      .replacing("struct S0 a", with: "union U0 a")
    #expect(refusal(text) == nil)
    let deeper = text + "struct S100 { struct S99 a; };"
    #expect(refusal(deeper)?.message == "nested deeper than 100 levels")
    #expect(refusal(text + "struct S { struct S99 *a; };") == nil)
  }

  @Test("what is too large is an error")
  func bounds() throws {
    let pointers = String(repeating: "*", count: 200)
    #expect(
      refusal("struct { int \(pointers)p; };")?.message
        == "more than 100 levels of pointers, arrays and functions")
    let fields = (0...65_536).map { "int a\($0);" }.joined()
    #expect(refusal("struct { \(fields) };")?.message == "more than 65536 fields")
    let records = (0...65_536).map { "struct S\($0) { int a; };" }.joined()
    #expect(refusal(records)?.message == "more than 65536 types")
    let name = String(repeating: "x", count: 1001)
    #expect(refusal("struct { int \(name); };")?.message == "the name is too long")
    var laughs = "#define A0 1 + 1\n"
    for level in 1...40 { laughs += "#define A\(level) A\(level - 1) + A\(level - 1)\n" }
    #expect(
      refusal(laughs + "struct { int a[A40]; };")?.message
        == "the macros expand to more than 1048576 tokens")
  }

  @Test("bytes that are no UTF-8 are fine in comments and nowhere else")
  func notUTF8() {
    let text = Array("struct S { int a; /* ? */ };".utf8)
    let inComment = text.map { $0 == UInt8(ascii: "?") ? 0xff : $0 }
    let inName = text.map { $0 == UInt8(ascii: "a") ? 0xff : $0 }
    #expect(throws: Never.self) { try Layout(bytes: inComment, abi: .linux, type: nil) }
    #expect {
      try Layout(bytes: inName, abi: .linux, type: nil)
    } throws: {
      "\($0)" == "line 1, column 16: the name is not UTF-8\nstruct S { int \u{fffd}; /* ? */ };\n"
        + String(repeating: " ", count: 15) + "^"
    }
  }

  @Test("a type that is asked for must be there and complete")
  func type() {
    for (name, message) in [
      ("None", "no type is named 'None'; it has: S"), ("Open", "the size of 'Open' is not known"),
    ] {
      #expect {
        try Layout("struct Open; struct S { int a; };", type: name)
      } throws: {
        ($0 as? LayoutError)?.message == message
      }
    }
  }
}
