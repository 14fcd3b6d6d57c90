import SharedMemory

/// A random struct or union: its text, and what a compiler and the library are asked about it.
public struct Declaration: Sendable {
  /// What stands before it and what it is.
  public var text = ""
  /// `S12`, a typedef's name.
  public let name: String
  /// Members that have an offset.
  public var members: [String] = []
  /// Bit-fields, which are asked with all their bits set.
  public var bitFields: [String] = []

  init(name: String) { self.name = name }
}

/// Makes declarations with all that a layout may have.
public struct DeclarationMaker {
  private var dice: Dice
  private let number: Int
  private var declaration: Declaration
  /// Declared before the struct that uses them.
  private var before = ""
  private var nextName = 0
  private var records: [(name: String, members: [String], bitFields: [String])] = []

  private let abi: Layout.ABI

  /// `abi`: attributes that its compiler does not know are left out.
  public static func make(_ number: Int, seed: UInt64, _ abi: Layout.ABI = .linux) -> Declaration {
    var maker = DeclarationMaker(number, seed, abi)
    return maker.make()
  }

  private init(_ number: Int, _ seed: UInt64, _ abi: Layout.ABI) {
    self.number = number
    self.abi = abi
    dice = Dice(seed &* 1_000_003 &+ UInt64(number))
    declaration = Declaration(name: "S\(number)")
  }

  private mutating func fresh(_ prefix: String) -> String {
    nextName += 1
    return "\(prefix)\(number)_\(nextName)"
  }

  private mutating func make() -> Declaration {
    let isPacked = dice.oneIn(3)
    let pack = isPacked ? "#pragma pack(push, \(dice.pick([1, 2, 4, 8, 16])))\n" : ""
    if dice.oneIn(3) { addHelper() }
    var members: [String] = []
    var bitFields: [String] = []
    let record = record(depth: 0, tag: dice.oneIn(2) ? fresh("T") : "", &members, &bitFields)
    declaration.text =
      pack + before + "typedef \(record) \(declaration.name);\n"
      + (isPacked ? "#pragma pack(pop)\n" : "")
    declaration.members = members
    declaration.bitFields = bitFields
    return declaration
  }

  /// A struct of its own that the main one uses by name.
  private mutating func addHelper() {
    let name = fresh("H")
    var members: [String] = []
    var bitFields: [String] = []
    let text = record(depth: 1, tag: name, &members, &bitFields)
    before += "\(text);\n"
    records.append(("\(text.hasPrefix("union") ? "union" : "struct") \(name)", members, bitFields))
  }

  // MARK: Records

  private mutating func record(
    depth: Int, tag: String, _ members: inout [String], _ bitFields: inout [String]
  ) -> String {
    let isUnion = dice.oneIn(4)
    let count = 1 + dice.below(depth == 0 ? 9 : 4)
    let isBits = dice.oneIn(3)
    var body = ""
    for _ in 0..<count {
      body += "  " + member(depth, isBits: isBits, &members, &bitFields) + "\n"
    }
    if depth == 0 && !isUnion && dice.oneIn(12) && body.contains("m\(number)_") {
      let name = fresh("m")
      body += "  \(scalar()) \(name)[];\n"
      members.append(name)
    }
    let keyword = isUnion ? "union" : "struct"
    let early = dice.oneIn(6) ? " " + recordAttribute() : ""
    var late = dice.oneIn(6) ? " " + recordAttribute() : ""
    if late.contains("__declspec") { late = "" }  // belongs before the tag
    return "\(keyword)\(early) \(tag) {\n\(body)}\(late)"
  }

  private mutating func recordAttribute() -> String {
    switch dice.below(6) {
    case 0, 1: "__attribute__((packed))"
    case 2: "__attribute__((aligned(\(dice.pick([1, 2, 4, 8, 16, 32])))))"
    case 3: "__attribute__((__packed__, __aligned__(\(dice.pick([1, 2, 4, 8])))))"
    case 4 where abi == .windows: "__declspec(align(\(dice.pick([1, 2, 4, 8, 16]))))"
    case 4: "__attribute__((\(dice.pick(["ms_struct", "gcc_struct"]))))"
    default: "__attribute__((aligned))"
    }
  }

  private mutating func member(
    _ depth: Int, isBits: Bool, _ members: inout [String], _ bitFields: inout [String]
  ) -> String {
    if isBits && !dice.oneIn(4) { return bitField(&bitFields) }
    switch dice.below(16) {
    case 0, 1: return bitField(&bitFields)
    case 2 where depth < 3: return anonymous(depth, &members, &bitFields)
    case 3, 4: if depth < 3 { return nested(depth, &members, &bitFields) }
    case 5: if let known = useHelper(&members, &bitFields) { return known }
    default: break
    }
    return plain(&members)
  }

  private mutating func anonymous(
    _ depth: Int, _ members: inout [String], _ bitFields: inout [String]
  ) -> String {
    record(depth: depth + 1, tag: "", &members, &bitFields) + ";"
  }

  private mutating func nested(
    _ depth: Int, _ members: inout [String], _ bitFields: inout [String]
  ) -> String {
    var inner: [String] = []
    var innerBits: [String] = []
    let text = record(
      depth: depth + 1, tag: dice.oneIn(2) ? fresh("T") : "", &inner, &innerBits)
    return use(text, inner, innerBits, &members, &bitFields)
  }

  private mutating func useHelper(
    _ members: inout [String], _ bitFields: inout [String]
  ) -> String? {
    guard let known = records.first else { return nil }
    return use(known.name, known.members, known.bitFields, &members, &bitFields)
  }

  private mutating func use(
    _ type: String, _ inner: [String], _ innerBits: [String],
    _ members: inout [String], _ bitFields: inout [String]
  ) -> String {
    let name = fresh("m")
    let count = dice.oneIn(3) ? 1 + dice.below(3) : 0
    let path = count > 0 ? "\(name)[\(count - 1)]" : name
    members.append(path)
    members += inner.map { "\(path).\($0)" }
    bitFields += innerBits.map { "\(path).\($0)" }
    return "\(type) \(name)\(count > 0 ? "[\(count)]" : "")\(memberAttribute());"
  }

  // MARK: Members

  private mutating func memberAttribute() -> String {
    switch dice.below(24) {
    case 0: " __attribute__((packed))"
    case 1: " __attribute__((aligned(\(dice.pick([1, 2, 4, 8, 16])))))"
    case 2: " __attribute__((packed, aligned(\(dice.pick([1, 2, 4])))))"
    default: ""
    }
  }

  private mutating func plain(_ members: inout [String]) -> String {
    let name = fresh("m")
    switch dice.below(12) {
    case 0:
      members.append(name)
      return "void (*\(name))(int, struct Unknown *)\(memberAttribute());"
    case 1:
      members.append(name)
      return "const char *volatile \(name)\(memberAttribute());"
    case 2:
      members.append(name)
      return "_Alignas(\(dice.pick([16, 32, 64]))) \(scalar()) \(name);"
    case 3:
      members.append(name)
      return "\(alignedName()) \(name)\(memberAttribute());"
    case 4:
      let other = fresh("m")
      members += ["\(name)[1]", other]
      return "\(scalar()) \(name)[2], *\(other)\(memberAttribute());"
    case 5, 6:
      let (bounds, last) = bounds()
      members.append(name + last)
      return "\(scalar()) \(name)\(bounds)\(memberAttribute());"
    case 7:
      members.append(name)
      return "\(enumeration()) \(name)\(memberAttribute());"
    default:
      members.append(name)
      return "\(scalar()) \(name)\(memberAttribute());"
    }
  }

  private mutating func bounds() -> (String, last: String) {
    switch dice.below(6) {
    case 0: ("[3]", "[2]")
    case 1: ("[2][3]", "[1][2]")
    case 2: ("[sizeof(short) * 2 + 1]", "[4]")
    case 3: ("[(1 << 3) - (5 > 3 ? 2 : 0x7)]", "[5]")
    case 4: ("[010 / 2 | 1]", "[4]")
    default: ("[2][1][2]", "[1][0][1]")
    }
  }

  private mutating func scalar() -> String {
    let name = dice.pick([
      "char", "signed char", "unsigned char", "short", "unsigned short int", "int", "unsigned",
      "long", "unsigned long", "long long", "unsigned long long int", "float", "double",
      "long double", "_Bool", "wchar_t", "uint8_t", "int8_t", "uint16_t", "int16_t", "uint32_t",
      "int32_t", "uint64_t", "int64_t", "size_t", "uintptr_t", "char16_t", "char32_t", "__int128",
      "DWORD", "WORD", "BYTE", "BOOL", "WCHAR", "LONGLONG", "FLOAT", "HANDLE", "volatile int",
    ])
    // Of Linux' BOOLs there are two.
    return name == "BOOL" && abi == .linux ? "int" : name
  }

  /// A scalar's typedef with an alignment of its own.
  private mutating func alignedName() -> String {
    let name = fresh("A")
    before +=
      "typedef \(scalar()) \(name) __attribute__((aligned(\(dice.pick([1, 2, 4, 8, 16, 32])))));\n"
    return name
  }

  private mutating func enumeration() -> String {
    let values = dice.pick([
      "0, 1", "1 << 4, 3", "-1, 5", "127, 128", "0x7fffffff", "0xffffffff", "-1, 0x80000000",
      "1LL << 40", "~0ULL", "-129, 3", "0xffff, 0",
    ]).split(separator: ",")
    let list = values.map { "\(fresh("E")) = \($0)" }.joined(separator: ", ")
    let packed = dice.oneIn(4) ? " __attribute__((packed))" : ""
    return "enum\(dice.oneIn(2) ? packed : "") { \(list) }\(packed)"
  }

  private mutating func bitField(_ bitFields: inout [String]) -> String {
    let (type, width) = dice.pick([
      ("char", 8), ("signed char", 8), ("uint8_t", 8), ("short", 16), ("uint16_t", 16),
      ("int", 32), ("unsigned", 32), ("long", 32), ("uint64_t", 64), ("long long", 64),
      ("_Bool", 1), ("enum { \(fresh("E")) }", 32), ("DWORD", 32), ("wchar_t", 16),
      ("unsigned", 32), ("int", 32),
    ])
    if dice.oneIn(8) { return "\(type) : \(dice.oneIn(2) ? 0 : 1 + dice.below(width));" }
    let name = fresh("b")
    bitFields.append(name)
    let bits = dice.oneIn(6) ? width : 1 + dice.below(width)
    let base =
      dice.oneIn(16) && !type.hasPrefix("enum") && type != "_Bool" ? alignedBits(type) : type
    return "\(base) \(name) : \(bits)\(memberAttribute());"
  }

  private mutating func alignedBits(_ type: String) -> String {
    let name = fresh("A")
    before += "typedef \(type) \(name) __attribute__((aligned(\(dice.pick([1, 2, 4, 8])))));\n"
    return name
  }
}
