import SharedMemory
import Testing

@Suite struct Layouts {
  private func layout(
    _ text: String, _ abi: Layout.ABI = .linux, type: String? = nil
  ) throws -> Layout {
    try Layout(text, abi: abi, type: type)
  }

  private let link = """
    #ifndef LINK_H  // as it stands in a header
    #define LINK_H
    #include <stdint.h>
    #define NAME_LENGTH (4 * 64)
    #ifdef __cplusplus
    extern "C" {
    #endif
    struct LinkedMem {
      uint32_t version; uint32_t tick; float position[3];
      wchar_t name[NAME_LENGTH];
      struct { unsigned quiet : 1, : 3, channel : 12; } flags;
      union { int32_t code; char text[4]; };
      const char *const *lists[2];
    };
    #ifdef __cplusplus
    }
    #endif
    #endif
    """

  @Test("a header as it stands gives sizes and offsets")
  func header() throws {
    let linux = try layout(link)
    let windows = try layout(link, .windows)
    #expect(linux.size == 1072)
    #expect(windows.size == 560)
    #expect(linux.alignment == 8)
    #expect(try linux.offset(of: "position[2]") == 16)
    #expect(try linux.offset(of: "name[255]") == 1040)
    #expect(try windows.offset(of: "name[255]") == 530)
    #expect(try linux.offset(of: "text[3]") == 1051)
    #expect(try linux.size(of: "name") == 1024)
    #expect(try windows.size(of: "name") == 512)
    #expect(try linux.bits(of: "name") == nil)
    let channel = "flags.channel"
    #expect(try (linux.offset(of: channel), linux.size(of: channel)) == (1044, 4))
    let bits = try linux.bits(of: channel)
    #expect((bits?.bit, bits?.width) == (4, 12))
    #expect(linux.constants == ["NAME_LENGTH": 256])
  }

  @Test("the listing is indented and has offsets")
  func listing() throws {
    #expect(
      try layout(link).description == """
        struct LinkedMem: 1072 bytes, alignment 8
              0  uint32_t version  (4)
              4  uint32_t tick  (4)
              8  float position[3]  (12)
             20  wchar_t name[256]  (1024)
           1044  struct flags  (4)
           1044    unsigned int quiet : bits 0-0  (4)
           1044    unsigned int channel : bits 4-15  (4)
           1048  union  (4)
           1048    int32_t code  (4)
           1048    char text[4]  (4)
           1056  char ** lists[2]  (16)
        """)
  }

  @Test("the whole is the last struct of file scope, or the one that is named")
  func root() throws {
    let text = """
      struct A { char a; struct Inner { int i; } inner; };
      typedef struct { short b; } B, *PB;
      typedef B Row[7];
      """
    #expect(try layout(text).name == "B")
    #expect(try layout(text, type: "A").size == 8)
    #expect(try layout(text, type: "Inner").size == 4)
    #expect(try layout(text, type: "Row").size == 14)
    #expect(try layout(text, type: "Row").offset(of: "[6].b") == 12)
    #expect(try layout(text, type: "PB").size == 8)
  }

  @Test(
    "expressions are C's",
    arguments: [
      ("1 ? 2 : 1 / 0", 2), ("0 && 1 / 0", 0), ("1 || 1 % 0", 1), ("-7 / 2", -3), ("-7 % 3", -1),
      ("1 << 4 | 3", 19), ("~0u >> 31", 1), ("-1 < 1u", 0), ("0x7fffffff + 1u", 0x8000_0000),
      ("(unsigned char) 300", 44), ("(signed char) 200", -56), ("(INT) -1", -1),
      ("(_Bool) 7", 1), ("'A'", 65), ("'\\n'", 10), ("L'\\x263a'", 0x263a), ("'RTSS'", 0x5254_5353),
      ("sizeof(struct { char c; long l; })", 16), ("_Alignof(double)", 8), ("010 + 0b11", 11),
      ("offsetof(struct T, b[1])", 8), ("sizeof(wchar_t) == 4", 1), ("1 ?: 2", 1),
      ("1'000'000", 1_000_000), ("2 * (3 + 4) - 5 % 3 ^ 1", 13), ("!5 == 0", 1), ("1 << 31 < 0", 1),
      ("0x80000000 > 0", 1), ("2147483648 > 0", 1), ("18446744073709551615u == -1", 1),
      ("(DWORD) -1", 0xffff_ffff), ("sizeof(DWORD[3])", 12), ("sizeof(int *(*)[4])", 8),
    ] as [(String, Int64)])
  func expressions(_ expression: String, _ value: Int64) throws {
    let text = "struct T { int a; int b[2]; }; enum { V = \(expression) };"
    #expect(try layout(text).constants["V"] == value)
  }

  @Test(
    "headers' habits are understood",
    arguments: [
      ("struct S { int a; }; extern struct S s; int f(struct S *, int (*g)(void));", 4),
      ("static inline int f(int x) { if (x) { return 1; } return 0; } struct S { char c; };", 1),
      ("namespace a::b { struct S { short s = 3; float f{1.5f}; S *next; public: char c; }; }", 24),
      ("using Count = unsigned short; struct S { Count n; std::uint64_t x; };", 16),
      ("enum class E : uint8_t { A, B }; struct S { E e; char n[(int)E::B + 1]; };", 3),
      ("constexpr int N = 3; static const int M = N * 2; struct S { char a[M]; };", 6),
      ("struct S { static const int N = 4; static int count; char a[N]; };", 4),
      ("struct S { enum { N = 5 }; typedef short T; T a[N]; };", 10),
      ("typedef struct S S; struct S { S *next; S **all; };", 16),
      ("struct __attribute__((packed)) S { char c; int i; };", 5),
      ("struct S { char c; int i; } __attribute__((__packed__, aligned(2)));", 6),
      ("__declspec(align(16)) struct S { char c; };", 16),
      ("struct __declspec(align(8)) S { char c; };", 8),
      ("struct alignas(32) S { char c; };", 32),
      ("struct [[gnu::packed]] S { char c; int i; };", 5),
      ("typedef struct { char c; int i; } S __attribute__((packed));", 8),
      ("#define P __attribute__((packed))\nstruct S { char c; int i; } P;", 5),
      ("__pragma(pack(push, 1)) struct S { char c; int i; }; __pragma(pack(pop))", 5),
      ("_Pragma(\"pack(1)\") struct S { char c; int i; };", 5),
      (
        "#pragma pack(push, a, 1)\n#pragma pack(2)\n#pragma pack(pop, a)\nstruct S {char c; int i;};",
        8
      ),
      ("#pragma pack(1)\n#pragma pack()\nstruct S { char c; int i; };", 8),
      ("#define A B\n#define B A\nstruct A { char A; };", 1),
      (
        "#if defined(_WIN32) || 0\nstruct S { int i; };\n#elif __x86_64__ && !defined X\nstruct S { char c; };\n#else\n#error no\n#endif",
        1
      ),
      ("#if 0\ndon't \"look /* here\n#endif\nstruct S { char c; };", 1),
      ("str\\\nuct S { /* a\n b */ ch\\\nar c; // x \\\n int i;\n};", 1),
      ("static_assert(sizeof(long) == 8, \"\"); struct S { long l; };", 8),
      ("struct S { int (*f)(int), *p[2], (*q)[3], a, b : 3; };", 40),
      ("struct S { _Atomic int a; _Atomic(long) b; volatile const char *const volatile c; };", 24),
      ("struct S { int n; char bytes[]; };", 4),
      ("struct {} ; struct S { struct {} e; int a[0]; char c; };", 4),
      ("struct S { long long unsigned int a; short signed b; char unsigned c; };", 16),
      ("struct S { TCHAR a; WCHAR b; BYTE BYTE; HANDLE h; __int64 i; float near, far; };", 32),
      ("#define UNICODE\nstruct S { TCHAR a[2]; };", 4),
      ("struct S { struct Tag { char c; }; int i; };", 4),
      ("# 1 \"file.c\"\n#warning x\n#line 3\nstruct S { char c; };", 1),
    ] as [(String, Int)])
  func habits(_ text: String, _ size: Int) throws {
    #expect(try layout(text).size == size)
  }

  @Test("a member of a path that is not there is an error with its column")
  func paths() throws {
    let layout = try layout("struct S { int a[2]; struct { char c : 2; } b; int n[]; };")
    #expect(try layout.offset(of: "n[1000]") == 4012)
    for (path, message) in [
      ("", "line 1, column 1: a path names a member, like \"a.b[3].c\""),
      ("x", "line 1, column 1: no member 'x' in 'S'\nx\n^"),
      ("a[2]", "line 1, column 3: the index 2 is not within the array's 2\na[2]\n  ^"),
      ("a[-1]", "line 1, column 3: an index is a number from 0, like [3]\na[-1]\n  ^"),
      ("a.b", "line 1, column 3: there are no members here\na.b\n  ^"),
      ("a[0]b", "line 1, column 5: a path goes on with '.' or '['\na[0]b\n    ^"),
      ("b[0]", "line 1, column 2: this is no array\nb[0]\n ^"),
      ("b.c.d", "line 1, column 4: a bit-field has no members\nb.c.d\n   ^"),
    ] {
      let asked: [(String) throws(LayoutError) -> Any?] = [layout.offset, layout.size, layout.bits]
      for ask in asked {
        let error = #expect(throws: LayoutError.self) { _ = try ask(path) }
        #expect(error?.description == message)
      }
    }
  }
}
