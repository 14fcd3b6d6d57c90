import SharedMemory
import Testing

/// Empty classes among bases and members: they share places where their types are unlike. All
/// numbers are g++'s and those of clang for Microsoft's ABI; `layout-fuzz compare` asks for more.
@Suite("Layout: empty base classes") struct LayoutBaseTests {
  private static let empties = """
    struct E {}; struct F {}; struct N { int n; }; struct D : E {}; struct H { E e; };
    struct EF : E, F {}; struct alignas(8) A {}; struct P { P(); int i; char c; };

    """

  private func size(_ declaration: String, _ abi: Layout.ABI) throws -> Int {
    var options = Layout.Options(abi: abi)
    options.language = .cPlusPlus
    return try Layout(Self.empties + "struct S \(declaration);", options: options).size
  }

  @Test(
    "they have the compilers' sizes",
    arguments: [
      (": E { E e; char c; }", 3, 2), (": E, F { int x; }", 4, 8), (": N, E { char c; }", 8, 8),
      (": E, N { char c; }", 8, 8), (": E, D { char c; }", 2, 2), (": D, E { char c; }", 2, 2),
      (": E, F { char c; }", 1, 2), (": E { D d; char c; }", 3, 2),
      (": E { E e[3]; char c; }", 5, 4), (": E, H { char c; }", 3, 2), (": E { N n; E e; }", 8, 8),
      (": E { union { E e; char k; } u; char c; }", 3, 2), (": N, E, F { }", 4, 8),
      (": E, N, F { E e; }", 8, 8), (": E, A { char c; }", 8, 16), (": A, E { char c; }", 8, 8),
      (": E, F {}", 1, 1), (": EF, N { char q; }", 8, 12), (": EF, E { char q; }", 2, 3),
      (": P, E { char q; }", 8, 12), (": P, E, D { char q; }", 8, 12),
    ])
  func sizes(_ declaration: String, linux: Int, windows: Int) throws {
    #expect(try size(declaration, .linux) == linux)
    #expect(try size(declaration, .mingw) == linux)
    #expect(try size(declaration, .windows) == windows)
  }

  @Test("a member moves on from an empty base of its own type, and no other one does")
  func members() throws {
    let text = Self.empties + "struct S : E, F { E e; F f; N n; };"
    let layout = try Layout(text)
    #expect(try ["e", "f", "n"].map { try layout.offset(of: $0) } == [1, 2, 4])
    let windows = try Layout(text, abi: .windows)
    #expect(try ["e", "f", "n"].map { try windows.offset(of: $0) } == [1, 2, 4])
  }

  @Test("__declspec(empty_bases) puts Microsoft's all at 0")
  func declspec() throws {
    for (declaration, bytes) in [
      (": E, F { int x; }", 4), (": E, D { char c; }", 1), (": N, E, F { char c; }", 8),
      (": E, F {}", 1),
    ] {
      var options = Layout.Options(abi: .windows)
      options.language = .cPlusPlus
      let text = Self.empties + "struct __declspec(empty_bases) S \(declaration);"
      #expect(try Layout(text, options: options).size == bytes, "\(declaration)")
    }
  }

  @Test("empty classes in each other without end are an error, and take no time")
  func hostile() {
    var text = "struct E0 {};\n"
    for level in 1...40 { text += "struct E\(level) { E\(level - 1) a[2]; };\n" }
    text += "struct alignas(65536) B { }; struct S : B { E40 last; };"
    var options = Layout.Options(type: "S")
    options.language = .cPlusPlus
    #expect(throws: LayoutError.self) { try Layout(text, options: options) }
  }
}

/// A derived class's member hides the base's of its name, as in C++.
@Suite("Layout: names of base classes") struct LayoutHiddenNames {
  private let text = """
    struct B { int x; int y; }; struct C { double z; int y; };
    struct S : B { char x; }; struct T : B, C { int w; }; struct U : S { struct { int y; }; };

    """

  @Test("the class's own member is meant, and of two bases' neither") func hidden() throws {
    let own = try Layout(text, type: "S")
    #expect(own.members.map(\.path) == ["y", "x"])
    #expect(try own.offset(of: "x") == 8 && own.size == 12)
    let two = try Layout(text, type: "T")
    #expect(two.members.map(\.path) == ["x", "z", "w"])
    #expect(throws: LayoutError.self) { try two.offset(of: "y") }
    let inner = try Layout(text, type: "U")
    #expect(inner.members.map { "\($0.path) \($0.offset)" } == ["x 8", "y 12"])
  }
}
