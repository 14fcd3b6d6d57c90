import SharedMemory

/// Random classes of C++: what makes one no plain data, and what is derived from it.
public struct ClassMaker {
  private var dice: Dice
  private let number: Int
  private var text = ""
  private var nextName = 0
  private var helpers: [String] = []
  /// Classes without members, which share places where they can.
  private var empties: [String] = []
  /// What the last one of those demands: a class cannot ask for less than its bases.
  private var emptyAlignment = 1
  /// Special functions that the class has already: there is one constructor of each kind.
  private var used: Set<String> = []

  public static func make(_ number: Int, seed: UInt64) -> Declaration {
    var maker = ClassMaker(number, seed)
    return maker.make()
  }

  private init(_ number: Int, _ seed: UInt64) {
    self.number = number
    dice = Dice(seed &* 7_000_003 &+ UInt64(number))
  }

  private mutating func fresh(_ prefix: String) -> String {
    nextName += 1
    return "\(prefix)\(number)_\(nextName)"
  }

  private mutating func make() -> Declaration {
    let isPacked = dice.oneIn(4)
    if isPacked { text += "#pragma pack(push, \(dice.pick([1, 2, 4, 8])))\n" }
    if dice.oneIn(2) { for _ in 0..<(1 + dice.below(4)) { addEmpty() } }
    var all: [String] = []
    var base: String?
    let levels = 1 + dice.below(4)
    var alignment = 16  // never less than a base's
    for level in 1...levels {
      let isLast = level == levels
      let name = isLast ? "S\(number)" : fresh("B")
      let (body, members) = body(name)
      if dice.oneIn(4) { alignment *= 2 }
      let attribute = dice.oneIn(8) ? " alignas(\(alignment))" : ""
      var bases = base.map { [$0] } ?? []
      if let base, dice.oneIn(3) { bases.append(second(beside: base, &all)) }
      text += "struct\(attribute) \(name)\(inherits(bases)) {\n\(body)};\n"
      all += members
      base = name
      if dice.oneIn(3) && !isLast {
        helpers.append(name)
        base = dice.oneIn(2) ? base : nil
        if base == nil { all = [] }
      }
    }
    if isPacked { text += "#pragma pack(pop)\n" }
    var declaration = Declaration(name: "S\(number)")
    declaration.text = text
    declaration.members = all
    return declaration
  }

  private mutating func addEmpty() {
    let name = fresh("E")
    let isAligned = dice.oneIn(6)
    if isAligned { emptyAlignment = max(emptyAlignment, dice.pick([2, 4, 8])) }
    let attribute = isAligned ? " alignas(\(emptyAlignment))" : ""
    let body = dice.pick(["", "", "", " int : 0; ", " static int f(int x) { return x; } "])
    text += "struct\(attribute) \(name)\(inherits([])) {\(body)};\n"
    empties.append(name)
  }

  /// These and some of the empty ones, in any order.
  private mutating func inherits(_ bases: [String]) -> String {
    var bases = bases
    for empty in empties where dice.oneIn(3) {
      bases.insert(empty, at: dice.below(bases.count + 1))
    }
    return bases.isEmpty ? "" : " : " + bases.map { "public \($0)" }.joined(separator: ", ")
  }

  /// Another base class, which no other one has among its own.
  private mutating func second(beside base: String, _ all: inout [String]) -> String {
    let name = fresh("O")
    let (body, members) = body(name)
    all += members
    let whole = "struct \(name)\(inherits([])) {\n\(body)};\n"
    text += whole
    return name
  }

  private mutating func body(_ name: String) -> (String, [String]) {
    var text = ""
    var members: [String] = []
    used = []
    for _ in 0..<(1 + dice.below(5)) {
      let line = member(&members)
      text += "  \(line)\n"
      if dice.oneIn(5) { text += "  \(feature(name))\n" }
    }
    return (text, members)
  }

  private mutating func member(_ members: inout [String]) -> String {
    let name = fresh("m")
    if !empties.isEmpty && dice.oneIn(4) {
      let empty = dice.pick(empties)
      members.append(name)
      switch dice.below(4) {
      case 0: return "\(empty) \(name)[\(1 + dice.below(3))];"
      case 1: return "union { \(empty) e; char c; } \(name);"
      default: return "\(empty) \(name);"
      }
    }
    switch dice.below(12) {
    case 0: return "unsigned \(name) : \(1 + dice.below(31));"
    case 1 where dice.oneIn(3):
      return "int \(name) : 3 __attribute__((aligned(\(dice.pick([4, 8])))));"
    case 1: return "uint8_t \(name) : \(1 + dice.below(7)), : 0;"
    case 2:
      members.append(name)
      return "alignas(\(dice.pick([8, 16]))) \(scalar()) \(name);"
    case 3:
      members.append("\(name)[1]")
      return "\(scalar()) \(name)[\(2 + dice.below(3))];"
    case 4:
      if let helper = helpers.last {
        members.append(name)
        return "\(helper) \(name);"
      }
    case 5:
      members.append(name)
      return "\(scalar()) \(name) = {};"
    case 6:
      members.append(name)
      return
        "enum class \(fresh("E")) : \(dice.pick(["uint8_t", "int", "short"])) { a, b } \(name);"
    case 7:
      members.append(name)
      return "struct { \(scalar()) x; char y; } \(name);"
    default: break
    }
    members.append(name)
    return "\(scalar()) \(name);"
  }

  private mutating func scalar() -> String {
    dice.pick([
      "char", "short", "int", "long", "long long", "float", "double", "bool", "uint8_t", "uint16_t",
      "uint32_t", "uint64_t", "void *", "wchar_t", "char16_t", "unsigned char", "int64_t",
    ])
  }

  private mutating func once(_ kind: String, _ text: String) -> String {
    used.insert(kind).inserted ? "public: " + text : ""
  }

  /// A function, or a word of access.
  private mutating func feature(_ name: String) -> String {
    switch dice.below(16) {
    case 0: once("constructor", "\(name)();")
    case 1: once("constructor", "\(name)() = default;")
    case 2: once("destructor", "~\(name)();")
    case 3: once("destructor", "~\(name)() = default;")
    case 4: once("assignment", "\(name) &operator=(const \(name) &);")
    case 5: once("assignment", "\(name) &operator=(const \(name) &) = default;")
    case 6: "private:"
    case 7: "protected:"
    case 8: "public:"
    case 9:
      once("==", "bool operator==(const \(name) &other) const { return &other == this; }")
    case 10: "static int \(fresh("f"))(int x) { return x > 3 ? x : 4; }"
    case 11: "static const int \(fresh("c")) = 7;"
    case 12: once("constructor", "explicit \(name)(int) : \(name)() {}  \(name)();")
    case 13: "friend bool \(fresh("f"))(\(name) &);"
    case 14: once("int", "operator int() const { return 3; }")
    default: "const char *\(fresh("f"))() const noexcept;"
    }
  }
}
