import Glibc
import TestSupport
import Testing

/// A program in C and a script, each in a process of its own, with the same declarations: what one
/// writes the other reads, each kind of field.
@Suite(.enabled(if: access("/usr/bin/gcc", X_OK) == 0, "gcc is not installed"))
struct LayoutTests {
  private static let declarations = #"""
    #define ROWS (1 + 2)
    enum state { IDLE = 1, BUSY, GONE = -7 };
    typedef struct { float x, y, z; } Vec;
    #pragma pack(push, 1)
    struct tight { uint8_t kind; uint64_t big; unsigned a : 3; unsigned long long b : 61; double d; };
    #pragma pack(pop)
    struct all {
      uint8_t u8; int8_t i8; uint16_t u16; int16_t i16; uint32_t u32; int32_t i32;
      uint64_t u64; int64_t i64; long l; unsigned char byte; signed char small; char letter;
      float f32; double f64; bool yes; void *pointer; enum state state;
      unsigned low : 3; int middle : 7; unsigned long long high : 40; bool bit : 1;
      Vec at, path[ROWS];
      union { uint32_t whole; struct { uint16_t first, second; }; } u;
      union { int same; float as_float; };
      struct tight tight __attribute__((aligned(16)));
      char name[8], names[2][4];
      wchar_t wide[6];
      char16_t half[6];
      int grid[2][3];
      short tail[];
    };
    """#

  /// `field = value` of each field: as a line for C, and a line for Lua, and what both print.
  private static let program = #"""
    #include <fcntl.h>
    #include <stdbool.h>
    #include <stdint.h>
    #include <stdio.h>
    #include <string.h>
    #include <sys/mman.h>
    #include <uchar.h>
    #include <wchar.h>
    DECLARATIONS
    static void fill(struct all *a) {
      a->u8 = 255; a->i8 = -128; a->u16 = 65535; a->i16 = -32768; a->u32 = 4294967295u;
      a->i32 = -2147483647; a->u64 = UINT64_MAX; a->i64 = INT64_MIN; a->l = -5; a->byte = 200;
      a->small = -2; a->letter = 'M'; a->f32 = 0.5f; a->f64 = -1e300; a->yes = true;
      a->pointer = (void *)0x7fff12345678; a->state = GONE; a->low = 5; a->middle = -64;
      a->high = 0xFEDCBA9876; a->bit = 1; a->at.y = 2.25f; a->path[2].z = -3;
      a->u.second = 513; a->as_float = 1; a->tight.kind = 7; a->tight.big = 0x1122334455667788;
      a->tight.a = 6; a->tight.b = 0x123456789ABCDEF; a->tight.d = 0.125;
      strcpy(a->name, "moon"); memcpy(a->names[1], "pool", 4); wcscpy(a->wide, L"aß€\U0001F311");
      memcpy(a->half, u"aß€\U0001F311", 12); a->grid[1][2] = 99; a->tail[3] = -9;
    }
    static void print(const struct all *a) {
      printf("%d %d %d %d %u %d %lld %lld %ld %d %d %d\n", a->u8, a->i8, a->u16, a->i16, a->u32,
             a->i32, (long long)a->u64, (long long)a->i64, a->l, a->byte, a->small, a->letter);
      printf("%g %g %d %lld %d\n", a->f32, a->f64, a->yes, (long long)a->pointer, a->state);
      printf("%d %d %llu %d\n", a->low, a->middle, (unsigned long long)a->high, a->bit);
      printf("%g %g %d %d %d\n", a->at.y, a->path[2].z, a->u.whole, a->u.first, a->same);
      printf("%d %llu %d %llu %g\n", a->tight.kind, (unsigned long long)a->tight.big, a->tight.a,
             (unsigned long long)a->tight.b, a->tight.d);
      printf("%s %.4s %d %d %d %d\n", a->name, a->names[1], (int)a->wide[3], a->half[3],
             a->half[4], a->half[5]);
      printf("%d %d %zu\n", a->grid[1][2], a->tail[3], sizeof *a);
    }
    int main(int count, char **words) {
      int file = open(words[2], O_RDWR);
      struct all *a = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
      if (count != 3 || a == MAP_FAILED)
        return 1;
      if (strcmp(words[1], "fill") == 0)
        fill(a);
      else
        print(a);
      return 0;
    }
    """#

  private static let printed = """
    255 -128 65535 -32768 4294967295 -2147483647 -1 -9223372036854775808 -5 200 -2 77
    0.5 -1e+300 1 140733498807928 -7
    5 -64 1094624909430 1
    2.25 -3 33619968 0 1065353216
    7 1234605616436508552 6 81985529216486895 0.125
    moon pool 127761 55356 57105 0
    99 -9 SIZE

    """

  private static let script = #"""
    local T = shm.layout(DECLARATIONS)
    local view <close> = assert(shm.create("all", 4096))
    local a = view:as(T)
    local program, order = ...
    local function run(word) -- what C prints goes to our standard output
      io.stdout:flush()
      assert(os.execute(("'%s' %s '%s'"):format(program, word, shm.path("all"))))
    end
    local function print_all(a)
      io.write(("%d %d %d %d %d %d %d %d %d %d %d %d\n"):format(a.u8, a.i8, a.u16, a.i16, a.u32,
        a.i32, a.u64, a.i64, a.l, a.byte, a.small, a.letter))
      io.write(("%g %g %d %d %d\n"):format(a.f32, a.f64, a.yes and 1 or 0, a.pointer, a.state))
      io.write(("%d %d %d %d\n"):format(a.low, a.middle, a.high, a.bit and 1 or 0))
      io.write(("%g %g %d %d %d\n"):format(a.at.y, a.path[2].z, a.u.whole, a.u.first, a.same))
      io.write(("%d %d %d %d %g\n"):format(a.tight.kind, a.tight.big, a.tight.a, a.tight.b,
        a.tight.d))
      assert(a.wide == "aß€\u{1F311}" and a.half == "aß€\u{1F311}")
      local units = { string.unpack("<I2I2I2", view:read(6, T:offset("half") + 6)) }
      io.write(("%s %s %d %d %d %d\n"):format(a.name, a.names[1], utf8.codepoint(a.wide, -4),
        table.unpack(units, 1, 3)))
      io.write(("%d %d %d\n"):format(a.grid[1][2], a.tail[3], T:size()))
    end
    local function fill()
      a.u8, a.i8, a.u16, a.i16, a.u32, a.i32 = 255, -128, 65535, -32768, 4294967295, -2147483647
      a.u64, a.i64, a.l, a.byte, a.small, a.letter = -1, math.mininteger, -5, 200, -2, "M"
      a.f32, a.f64, a.yes, a.pointer, a.state = 0.5, -1e300, true, 0x7fff12345678, -7
      a.low, a.middle, a.high, a.bit = 5, -64, 0xFEDCBA9876, true
      a.at.y, a.path[2].z, a.u.second, a.as_float = 2.25, -3, 513, 1
      a.tight = { kind = 7, big = 0x1122334455667788, a = 6, b = 0x123456789ABCDEF, d = 0.125 }
      a:write { name = "moon", names = { "", "pool" }, wide = "aß€\u{1F311}",
        half = "aß€\u{1F311}", grid = { {}, { 0, 0, 99 } }, tail = { [0] = 0, 0, 0, -9 } }
    end
    if order == "C writes" then run("fill") else fill() end
    if order == "C reads" then run("print") end
    if order == "C writes" then
      print_all(a)
      print_all(a:read())
    end
    """#

  /// A folder of our own with the compiled program.
  private final class Compiled {
    let folder: String
    var program: String { "\(folder)/program" }

    init() throws {
      var template = Array("/tmp/moonpool-layout-XXXXXX".utf8CString)
      folder = try #require(mkdtemp(&template).map { String(cString: $0) })
      let source = LayoutTests.program.replacing("DECLARATIONS", with: LayoutTests.declarations)
      let outcome = run(
        "/usr/bin/gcc", ["-x", "c", "-", "-Wno-overflow", "-o", program], input: .text(source))
      try #require(outcome.status == 0, "\(outcome.errors)")
    }

    deinit { _ = run("/bin/rm", ["-r", folder]) }
  }

  private func script(_ order: String, _ compiled: Compiled) -> Outcome {
    let text = Self.script.replacing("DECLARATIONS", with: "[[\(Self.declarations)]]")
    return moonpool("-", compiled.program, order, session: Places.unique(), input: .text(text))
  }

  /// The size is what C says, which prints it; the rest is known.
  private func expected(_ output: String) throws -> String {
    let size = try #require(output.split(separator: "\n").last?.split(separator: " ").last)
    #expect(Int(size)! > 200)
    return Self.printed.replacing("SIZE", with: size)
  }

  @Test func cReadsWhatLuaWrites() throws {
    let outcome = try script("C reads", Compiled())
    #expect(outcome.errors == "")
    #expect(try outcome.output == expected(outcome.output))
  }

  @Test func luaReadsWhatCWrites() throws {
    let compiled = try Compiled()
    let outcome = script("C writes", compiled)
    let ofC = script("C reads", compiled).output
    #expect(outcome.errors == "")
    #expect(outcome.output == ofC + ofC)
    #expect(try outcome.output.hasPrefix(expected(outcome.output)))
  }
}
