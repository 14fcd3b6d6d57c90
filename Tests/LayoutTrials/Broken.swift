import SharedMemory

/// Random texts for the parser: declarations with damage, random words, random bytes. Each gives a
/// layout or an error, and whatever gives a layout can be shown, copied and asked.
public struct Broken {
  private var dice: Dice
  private var pool: [[UInt8]]
  /// How many texts gave a layout.
  public private(set) var accepted = 0

  public init(seed: UInt64) {
    dice = Dice(seed)
    pool = Self.headers.map { Array($0.utf8) }
    pool += (0..<40).map { Array(DeclarationMaker.make($0, seed: seed).text.utf8) }
  }

  public mutating func run(_ count: Int, report: (Int) -> Void = { _ in }) {
    for number in 0..<count {
      let text = next()
      let abi: Layout.ABI = dice.oneIn(2) ? .linux : .windows
      if let layout = try? Layout(bytes: text, abi: abi, type: dice.oneIn(9) ? "Point" : nil) {
        accepted += 1
        use(layout)
      }
      if number % 100_000 == 99_999 { report(number + 1) }
    }
  }

  /// Everything that a layout answers; the image's numbers stay inside of it.
  private mutating func use(_ layout: Layout) {
    let image = layout.image
    precondition(image.count >= 32 && layout.size >= 0 && layout.alignment > 0)
    if dice.oneIn(4) {
      let lines = layout.description.split(separator: "\n")
      precondition(!lines.isEmpty)
      let path = dice.pick(["x", "a.b[3].c", "m[0]", "[1]", "position[2]", "flags", "a..b", ""])
      _ = try? layout.offset(of: path)
    }
  }

  mutating func next() -> [UInt8] {
    switch dice.below(8) {
    case 0: (0..<dice.below(60)).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
    case 1, 2: Array(words(dice.below(40)).utf8)
    default: damaged()
    }
  }

  private mutating func words(_ count: Int) -> String {
    var text = ""
    for _ in 0..<count { text += dice.pick(Self.words) + (dice.oneIn(8) ? "\n" : " ") }
    return text
  }

  private mutating func damaged() -> [UInt8] {
    var text = dice.pick(pool)
    for _ in 0..<dice.pick([0, 1, 1, 1, 2, 4]) { damage(&text) }
    return text
  }

  private mutating func damage(_ text: inout [UInt8]) {
    if text.isEmpty { return }
    let start = dice.below(text.count)
    let end = min(text.count, start + dice.below(20))
    switch dice.below(8) {
    case 0: text.removeSubrange(start..<end)
    case 1: text.insert(contentsOf: text[start..<end], at: dice.below(text.count))
    case 2: text[start] = UInt8(truncatingIfNeeded: dice.next())
    case 3: text[start] ^= 1 << UInt8(dice.below(7))
    case 4: text.replaceSubrange(start..<end, with: Array(words(1 + dice.below(3)).utf8))
    case 5: text.removeSubrange(start...)
    case 6:
      let other = dice.pick(pool)
      let from = dice.below(other.count)
      text.insert(contentsOf: other[from...].prefix(dice.below(80)), at: start)
    default: text.insert(contentsOf: Array(" \(dice.pick(Self.words)) ".utf8), at: start)
    }
  }

  private static let words = [
    "struct", "union", "enum", "typedef", "int", "unsigned", "long", "short", "char", "double",
    "_Bool", "wchar_t", "uint32_t", "DWORD", "const", "static", "sizeof", "offsetof", "alignas(8)",
    "__attribute__((packed))", "__attribute__((aligned(", "__declspec(align(16))",
    "[[gnu::packed]]",
    "{", "}", "(", ")", "[", "]", ";", ",", ":", "::", "?", "*", "&", "=", "+", "-", "<<", ">>",
    "&&", "||", "/", "%", "~", "!", "==", "<", "...", "\\\n", "/*", "*/", "//", "\"", "'", "'AB'",
    "0", "1", "3", "-1", "0x7fffffff", "0xffffffffffffffff", "9223372036854775807", "64", "1e5",
    "X", "Point", "x", "y", "flags", "N", "#define N", "#define X X", "#define A B\n#define B A A",
    "#if", "#ifdef X\n", "#ifndef X\n", "#else\n", "#elif 1\n", "#endif\n", "#undef N\n",
    "#pragma pack(push, 1)\n", "#pragma pack(pop)\n", "#pragma pack(", "#include <x>\n",
    "#error x\n",
    "defined", "__pragma(pack(1))", "_Pragma(\"pack(2)\")", "using", "static_assert", "namespace",
    "extern \"C\" {", "template", "class", "public:", "virtual", "(int)", "sizeof(struct Point)",
    "[1 << 40]", "[0]", "[]", ": 3", ": 0", "\0", "\u{e9}", "@", "`", "$",
  ]

  /// What people paste.
  public static let headers = [
    """
    #ifndef POINT_H
    #define POINT_H
    #include <stdint.h>
    #define COUNT (4 * sizeof(uint32_t))
    struct Point { float x, y; uint32_t flags : 3, : 5, more : 24; char name[COUNT]; };
    #endif
    """,
    """
    #pragma pack(push, 1)
    typedef struct _Cell { BYTE kind; union { DWORD value; struct { WORD low, high; }; }; } Cell;
    typedef struct { Cell cells[3][2]; void (*callback)(int, void *); wchar_t text[260]; } Table;
    #pragma pack(pop)
    """,
    """
    enum Color : uint8_t { RED, GREEN = 1 << 3, BLUE = GREEN + 2 };
    static const int N = 4;
    #if defined(_WIN32) && !defined(X)
    #define EXTRA 1
    #else
    #define EXTRA 0
    #endif
    static_assert(sizeof(int) == 4, "int");
    struct __attribute__((aligned(16))) Wide { enum Color color[N + EXTRA]; alignas(8) char c; \\
      long double d; struct Wide *next; int tail[]; } __attribute__((packed));
    """,
    """
    #ifdef __cplusplus
    extern "C" {
    #endif
    struct Link { uint32_t version; unsigned long tick; float position[3]; wchar_t name[256];
      struct { unsigned char length; const char *const *bytes; } context; };
    int open_link(struct Link *link, const char *name);
    static inline int twice(int x) { return x * 2; }
    #ifdef __cplusplus
    }
    #endif
    """,
  ]
}
