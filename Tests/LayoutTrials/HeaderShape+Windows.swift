extension HeaderShape {
  /// C on Windows, of Microsoft's compiler and of mingw's: sims, hardware monitors.
  static let ofWindows = [
    HeaderShape(
      .windows, nil,
      "96: packetId 0, gas 4, brake 8, accG[0] 12, car[0] 24, flags 92",
      #"""
      #pragma pack(push, 4)
      struct SPagePhys { int packetId; float gas, brake; float accG[3]; wchar_t car[33]; int flags; };
      #pragma pack(pop)
      """#),
    HeaderShape(
      .windows, nil,
      "76: ver 0, status 4, rate 8, bufs[0].tick 12, bufs[0].offset 16, bufs[0].pad[0] 20",
      #"""
      struct telemetry_head { int ver; int status; int rate; struct { int tick; int offset; int pad[2]; } bufs[4]; };
      """#),
    HeaderShape(
      .windows, nil,
      "48: packet 0, session 4, time[0] 8, done 40, fuel 44",
      #"""
      typedef enum Session { SESSION_UNKNOWN = -1, SESSION_PRACTICE, SESSION_RACE } Session;
      struct graphics { int packet; Session session; wchar_t time[15]; int done; float fuel; };
      """#),
    HeaderShape(
      .windows, nil,
      "40: size 0, on 4, valid 8, tune[0] 12, level 28, owner 32",
      #"""
      struct radio { DWORD size; BYTE on; BOOL valid; WCHAR tune[8]; FLOAT level; HANDLE owner; };
      """#),
    HeaderShape(
      .windows, nil,
      """
      40: type 0, id 4, label[0] 8, value 24, when.LowPart 32, when.HighPart 36, \
      when.QuadPart 32
      """,
      #"""
      #pragma pack(1)
      typedef struct _SENSOR { DWORD type; DWORD id; CHAR label[16]; double value; LARGE_INTEGER when; } SENSOR, *PSENSOR;
      #pragma pack()
      """#),
    HeaderShape(
      .windows, nil,
      "60: local 0, file 16, id 24, where 40, w 56",
      #"""
      typedef struct _CLOCK { SYSTEMTIME local; FILETIME file; GUID id; RECT where; WORD w; } CLOCK;
      """#),
    HeaderShape(
      .windows, nil,
      "64: kind 0, lanes[0].x 16, width 48",
      #"""
      struct __declspec(align(16)) lane { float x; }; struct road { char kind; struct lane lanes[2]; long double width; };
      """#),
    HeaderShape(
      .windows, nil,
      "16: c 0, h.c 8, h.i 9",
      #"""
      #pragma pack(push, 1)
      struct __declspec(align(8)) head { char c; int i; };
      struct body { char c; struct head h; };
      #pragma pack(pop)
      """#),
    HeaderShape(
      .windows, nil,
      "12: a 0b4, b 32b4, c 64b3, d 72b6",
      #"""
      struct bits { unsigned short a : 4; unsigned int b : 4; unsigned char c : 3, d : 6; };
      """#),
    HeaderShape(
      .mingw, nil,
      "12: a 0b4, b 32b4, c 64b3, d 72b6",
      #"""
      struct bits { unsigned short a : 4; unsigned int b : 4; unsigned char c : 3, d : 6; };
      """#),
    HeaderShape(
      .windows, nil,
      "24: c 0, d 8, l 16, w 20",
      #"""
      struct wide { char c; long double d; long l; wchar_t w; };
      """#),
    HeaderShape(
      .mingw, nil,
      "48: c 0, d 16, l 32, w 36",
      #"""
      struct wide { char c; long double d; long l; wchar_t w; };
      """#),
    HeaderShape(
      .mingw, nil,
      "56: part[0].tag 0, part[0].d 8, part[0].lo 8, part[0].hi 10, n 48",
      #"""
      typedef struct { struct { char tag; union { double d; struct { short lo, hi; }; }; } part[3]; long n; } nest;
      """#),
    HeaderShape(
      .windows, nil,
      "152: when 0, last[0] 8, ids[0] 136",
      #"""
      #include "plugins.hpp"
      class Plugin : public PluginBase { Engine<int> engine; virtual void tick(); };
      struct Text { char body[128]; };
      struct State { double when; char last[sizeof(decltype(Text::body))]; static constexpr int kMost = static_cast<int>(4); int ids[kMost]; };
      """#),
  ]
}
