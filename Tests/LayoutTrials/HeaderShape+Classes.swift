extension HeaderShape {
  /// C++: classes, their bases, scoped names.
  static let ofClasses = [
    HeaderShape(
      .windows, .cPlusPlus,
      """
      236: id 0, pos.x 4, pos.y 12, pos.z 20, name[0] 28, wheel[0].travel 92, \
      wheel[0].surface 100, wheel[0].terrain[0] 101, wheel[0].wear 120, wheel[0].flat 124
      """,
      #"""
      #pragma pack(push, 4)
      struct Vect3 { double x, y, z; };
      struct Wheel { double travel; unsigned char surface; char terrain[16]; float wear; bool flat; };
      struct Car { long id; Vect3 pos; char name[64]; Wheel wheel[4]; };
      #pragma pack(pop)
      """#),
    HeaderShape(
      .linux, .cPlusPlus,
      "8: x 0, c 4, d 5, e 6",
      #"""
      struct base { int x; char c; private: char d; };
      struct s : public base { char e; };
      """#),
    HeaderShape(
      .windows, .cPlusPlus,
      "12: x 0, c 4, d 5, e 8",
      #"""
      struct base { int x; char c; private: char d; };
      struct s : public base { char e; };
      """#),
    HeaderShape(
      .mingw, .cPlusPlus,
      "8: x 0, c 4, d 5, e 6",
      #"""
      struct base { int x; char c; private: char d; };
      struct s : public base { char e; };
      """#),
    HeaderShape(
      .linux, .cPlusPlus,
      "12: x 0, c 4, e 8",
      #"""
      struct plain { int x; char c; };
      struct s : plain { char e; };
      """#),
    HeaderShape(
      .linux, .cPlusPlus,
      "8: x 0, c 4, e 5, f 6",
      #"""
      struct made { int x; char c; made() : x(0), c(1) {} };
      struct s : made { char e; short f; };
      """#),
    HeaderShape(
      .linux, .cPlusPlus,
      "8: x 0, c 4, e 5",
      #"""
      struct set { int x; char c = 3; };
      struct s : set { char e; };
      """#),
    HeaderShape(
      .linux, .cPlusPlus,
      "24: at.v[0] 0, kind 12, valid 13, time 16",
      #"""
      namespace vr { struct Vec { float v[3]; }; enum class Kind : unsigned char { None, Hmd }; struct Pose { Vec at; Kind kind; bool valid; double time; }; }
      """#),
    HeaderShape(
      .linux, .cPlusPlus,
      "8: value 0, flag 4",
      #"""
      class Cell { public: int get() const { return value; } void set(int v) { value = v; } private: int value; public: char flag; };
      """#),
    HeaderShape(
      .linux, .cPlusPlus,
      "20: id.high 0, id.low 4, name[0] 8",
      #"""
      #include <cstdint>
      struct Id { std::uint32_t high; std::uint16_t low; bool operator==(const Id &o) const { return high == o.high; } static Id none(); };
      struct Entry { Id id; static const int Max = 12; char name[Max]; };
      """#),
    HeaderShape(
      .linux, .cPlusPlus,
      "12: h.x 4, d.c 8",
      #"""
      struct empty {}; struct holder { empty e; int x; };
      struct derived : empty { char c; };
      struct both { holder h; derived d; };
      """#),
    HeaderShape(
      .linux, .cPlusPlus,
      "48: items[0].s 0, o.items[0].c 8, o.items[0].d 16, o.rest[0] 40",
      #"""
      struct outer { struct Item { char c; double d; }; Item items[2]; enum { Count = 3 }; short rest[Count]; };
      struct other { struct Item { short s; }; Item items[3]; outer o; };
      """#),
    HeaderShape(
      .linux, .cPlusPlus,
      "8: a 0, b 4",
      #"""
      template <class T> struct list { T *first; };
      inline int twice(int x) { return 2 * x; }
      struct leaf { int a; friend bool same(leaf &, leaf &); explicit leaf(int); ~leaf(); char b; };
      """#),
    HeaderShape(
      .linux, .cPlusPlus,
      "36: n 0, rate[0] 4",
      #"""
      using Count = unsigned short; struct Rates { Count n; constexpr static int Size = sizeof(Count) * 4; float rate[Size]; };
      """#),
    HeaderShape(
      .linux, .cPlusPlus,
      "16: d 0, c 8, e 9, s 10, f 12",
      #"""
      struct b0 { double d; char c; b0(); }; struct b1 : b0 { char e; }; struct b2 : b1 { short s; char f; };
      """#),
    HeaderShape(
      .windows, .cPlusPlus,
      "32: d 0, c 8, e 16, s 24, f 26",
      #"""
      struct b0 { double d; char c; b0(); }; struct b1 : b0 { char e; }; struct b2 : b1 { short s; char f; };
      """#),
    HeaderShape(
      .linux, .cPlusPlus,
      "128: c 0, rows[0].v[0] 32, s 96",
      #"""
      struct alignas(32) row { float v[3]; }; struct table { char c; row rows[2]; alignas(16) short s; };
      """#),
    HeaderShape(
      .windows, .cPlusPlus,
      "128: c 0, rows[0].v[0] 32, s 96",
      #"""
      struct alignas(32) row { float v[3]; }; struct table { char c; row rows[2]; alignas(16) short s; };
      """#),
  ]
}
