/// Makes the library's types from DWARF's entries: those that are asked for, and all they consist
/// of.
struct DebugTypes {
  private let entries: [DebugEntry]
  private let numbers: [Int: Int]
  private(set) var types = LayoutTypes()
  private var made: [Int: LayoutTypeID] = [:]
  private var open: Set<Int> = []
  /// Complete structs by tag, for entries that only declare one.
  private let definitions: [String: Int]

  init(_ entries: [DebugEntry], _ numbers: [Int: Int]) {
    self.entries = entries
    self.numbers = numbers
    var definitions: [String: Int] = [:]
    for (number, entry) in entries.enumerated()
    where entry.isRecord && !entry.isDeclaration && !entry.name.isEmpty {
      definitions[entry.name] = number
    }
    self.definitions = definitions
  }

  /// The type of an entry. Of a pointer's target only the name is read.
  mutating func id(_ number: Int, depth: Int) throws(ObjectFault) -> LayoutTypeID {
    if let known = made[number] { return known }
    if depth > LayoutTypes.mostLevels { throw ObjectFault("nested deeper than 100 levels") }
    let id = try make(number, depth: depth + 1)
    made[number] = id
    return id
  }

  private mutating func target(
    _ entry: DebugEntry, depth: Int
  ) throws(ObjectFault) -> LayoutTypeID {
    guard let type = entry.type else { return LayoutTypes.void }
    guard let number = numbers[type] else { throw ObjectFault("a type is nowhere") }
    return try id(number, depth: depth)
  }

  /// Turns the library's own limits into this file's errors.
  private func bounded<T>(_ body: () throws(LayoutFault) -> T) throws(ObjectFault) -> T {
    do throws(LayoutFault) {
      return try body()
    } catch {
      throw ObjectFault(error.message)
    }
  }

  private mutating func add(_ type: LayoutType) throws(ObjectFault) -> LayoutTypeID {
    do throws(LayoutFault) {
      return try types.add(type, 0)
    } catch {
      throw ObjectFault(error.message)
    }
  }

  private mutating func make(_ number: Int, depth: Int) throws(ObjectFault) -> LayoutTypeID {
    let entry = entries[number]
    switch entry.tag {
    case .base: return try add(base(entry))
    case .pointer, .reference, .rvalueReference: return try pointer(entry)
    case .unspecified: return try add(LayoutBuiltins.scalar("void *", .pointer, 8))
    case .pointerToMember:
      let isFunction = entry.type.flatMap { numbers[$0] }.map { entries[$0].tag } == .subroutine
      let size: UInt64 = entry.byteSize ?? (isFunction ? 16 : 8)
      return try add(LayoutType(kind: .opaque, size: min(size, 64), alignment: 8, name: "member *"))
    case .const, .volatile, .restrict, .atomic, .immutable:
      return try target(entry, depth: depth)
    case .typedef: return try alias(entry, depth: depth)
    case .array: return try array(entry, depth: depth)
    case .enumeration: return try enumeration(entry, depth: depth)
    case .structure, .union, .classType: return try record(number, depth: depth)
    case .subroutine, .subprogram: return LayoutTypes.function
    default: throw ObjectFault("a type of a kind that is not known: '\(entry.name)'")
    }
  }

  // MARK: Scalars

  private func base(_ entry: DebugEntry) -> LayoutType {
    let size = min(entry.byteSize ?? 0, 64)
    var type: LayoutType
    let isWord = [1, 2, 4, 8].contains(size)
    switch entry.encoding {
    case 0x02 where size == 1: type = LayoutBuiltins.scalar(entry.name, .boolean, 1)
    case 0x04 where size == 4 || size == 8:
      type = LayoutBuiltins.scalar(entry.name, .floating, size)
    case 0x06 where size == 1 && entry.name == "char":
      type = LayoutBuiltins.scalar("char", .character, 1)
    case 0x05, 0x06, 0x0d:
      type = LayoutBuiltins.scalar(entry.name, isWide(entry.name) ? .wide : .signed, size)
      type.isUnsigned = false
    case 0x02, 0x07, 0x08:
      type = LayoutBuiltins.scalar(entry.name, isWide(entry.name) ? .wide : .unsigned, size)
    case 0x10: type = LayoutBuiltins.scalar(entry.name, size == 1 ? .unsigned : .wide, size)
    default: type = LayoutType(kind: .opaque, size: size, alignment: 1, name: entry.name)
    }
    if !isWord && type.kind != .opaque { type.kind = .opaque }
    if type.kind == .opaque {
      let unit = entry.encoding == 0x03 ? size / 2 : size
      type.alignment = unit > 0 && unit & (unit - 1) == 0 ? unit : 1
    }
    type.isBigEndian = entry.isBigEndian && size > 1 && type.kind != .opaque
    if type.isBigEndian && type.kind == .wide { type.kind = .unsigned }
    return type
  }

  private func isWide(_ name: String) -> Bool {
    ["wchar_t", "WCHAR", "char16_t", "char32_t", "OLECHAR"].contains(name)
  }

  private mutating func pointer(_ entry: DebugEntry) throws(ObjectFault) -> LayoutTypeID {
    var name = "void"
    if let number = entry.type.flatMap({ numbers[$0] }) {
      var at = number
      var steps = 0
      while entries[at].name.isEmpty, steps < 100, let next = entries[at].type,
        let further = numbers[next]
      {
        at = further
        steps += 1
      }
      name = entries[at].name.isEmpty ? "void" : String(entries[at].name.prefix(200))
    }
    return try add(
      LayoutType(kind: .pointer, size: 8, alignment: 8, name: name + " *", isUnsigned: true))
  }

  private mutating func alias(_ entry: DebugEntry, depth: Int) throws(ObjectFault) -> LayoutTypeID {
    let id = try target(entry, depth: depth)
    var type = types[id]
    let isScalar = type.kind.isInteger || type.kind == .floating || type.kind == .pointer
    guard
      (isScalar && !type.isEnumeration) || (type.name.isEmpty && type.kind != .array)
        || entry.alignment > 0
    else { return id }
    if type.isComplete || isScalar { type.name = entry.name }
    if isWide(entry.name) && (type.size == 2 || type.size == 4) && !type.isBigEndian {
      type.kind = .wide
    }
    if entry.alignment > 0 { type.alignment = try alignment(entry.alignment) }
    // For a compiler __be32 is a plain number; only its name tells the byte order.
    if let known = LayoutBuiltins.type(entry.name, .linux, isUnicode: false), known.isBigEndian,
      known.size == type.size
    {
      (type.isBigEndian, type.isFixedOrder) = (true, true)
    }
    return try add(type)
  }

  private func alignment(_ value: UInt64) throws(ObjectFault) -> UInt64 {
    guard value > 0, value & (value - 1) == 0, value <= 1 << 28 else {
      throw ObjectFault("an alignment is no power of two")
    }
    return value
  }

  private mutating func enumeration(
    _ entry: DebugEntry, depth: Int
  ) throws(ObjectFault) -> LayoutTypeID {
    let base = entry.type == nil ? nil : types[try target(entry, depth: depth)]
    let size = entry.byteSize ?? base?.size ?? 4
    guard [1, 2, 4, 8].contains(size) else { throw ObjectFault("an enum of \(size) bytes") }
    var named: [(name: String, value: Int64)] = []
    for child in entry.children where entries[child].tag == .enumerator {
      named.append((entries[child].name, entries[child].constValue ?? 0))
    }
    let isSigned =
      base.map { !$0.isUnsigned } ?? named.contains { $0.value < 0 }
    var type = LayoutBuiltins.scalar(entry.name, isSigned ? .signed : .unsigned, size)
    type.isEnumeration = true
    type.isBigEndian = (entry.isBigEndian || base?.isBigEndian == true) && size > 1
    type.enumerators = types.add(named)
    return try add(type)
  }

  // MARK: Arrays

  private mutating func array(_ entry: DebugEntry, depth: Int) throws(ObjectFault) -> LayoutTypeID {
    var id = try target(entry, depth: depth)
    let bounds = entry.children.filter { entries[$0].tag == .subrange }
    if bounds.count > 100 { throw ObjectFault("an array of more than 100 dimensions") }
    guard types[id].kind != .void, types[id].kind != .function, types[id].isComplete else {
      throw ObjectFault("an array of what has no size")
    }
    for bound in bounds.reversed() {
      let count = try count(entries[bound])
      do throws(LayoutFault) {
        id = try types.array(of: id, count, 0)
      } catch {
        throw ObjectFault(error.message)
      }
    }
    if bounds.isEmpty { throw ObjectFault("an array without bounds") }
    if entry.isVector {
      var vector = types[id]
      let size = vector.size
      vector.alignment = size > 0 && size & (size - 1) == 0 ? min(size, 64) : 1
      id = try add(vector)
    }
    return id
  }

  /// The number of elements; nil: `[]`.
  private func count(_ bound: DebugEntry) throws(ObjectFault) -> UInt64? {
    if let count = bound.count { return count }
    guard let upper = bound.upperBound else {
      if bound.hasBound { throw ObjectFault("an array's length is known only to its program") }
      return nil
    }
    return upper < 0 ? 0 : UInt64(upper) + 1
  }

  // MARK: Structs and unions

  private mutating func record(_ number: Int, depth: Int) throws(ObjectFault) -> LayoutTypeID {
    let entry = entries[number]
    let kind: LayoutKind = entry.tag == .union ? .union : .record
    if entry.isDeclaration {
      if let whole = definitions[entry.name], whole != number, !open.contains(whole) {
        return try id(whole, depth: depth)
      }
      return try add(LayoutType(kind: kind, name: entry.name, isComplete: false))
    }
    guard open.insert(number).inserted else { throw ObjectFault("a type is in itself") }
    defer { open.remove(number) }
    var fields: [LayoutField] = []
    var isBase: [Bool] = []
    var natural: UInt64 = 1
    var type = LayoutType(kind: kind, size: entry.byteSize ?? 0, name: entry.name)
    guard type.size <= LayoutTypes.largest else { throw ObjectFault("a type is too large") }
    for child in entry.children {
      let member = entries[child]
      switch member.tag {
      case .inheritance:
        if member.isVirtual { throw Self.virtual("a virtual base class", entry) }
        if let field = try field(member, in: type, isBase: true, depth: depth) {
          fields.append(field)
          isBase.append(true)
        }
      case .member:
        if member.isArtificial || member.name.hasPrefix("_vptr") {
          throw Self.virtual("virtual functions", entry)
        }
        if member.isExternal || member.isDeclaration || member.constValue != nil { continue }
        if let field = try field(member, in: type, isBase: false, depth: depth) {
          fields.append(field)
          isBase.append(false)
          if member.alignment > 0 { natural = max(natural, try alignment(member.alignment)) }
        }
      case .subprogram where member.isVirtual: throw Self.virtual("virtual functions", entry)
      default: break
      }
    }
    try orderBits(&fields)
    let (all, bases) = (fields, isBase)
    fields = try bounded { () throws(LayoutFault) in try types.hiding(all, isBase: bases) }
    type.isFlexible =
      fields.last.map { types[$0.type].kind == .array && !types[$0.type].isComplete } ?? false
    type.alignment = try alignment(entry, type, fields, natural)
    type.sharing = types.sharing(kind, fields)
    type.levels = 1 + (fields.map { types[$0.type].levels }.max() ?? 0)
    let finished = type
    try bounded { () throws(LayoutFault) in try types.checkReading(finished, 0) }
    do throws(LayoutFault) {
      type.fields = try types.add(fields, 0)
    } catch {
      throw ObjectFault(error.message)
    }
    return try add(type)
  }

  /// Gives bit-fields of one-byte types their byte order. gcc does not record an order for such
  /// types, but among members with the other order their bits are counted by it.
  private mutating func orderBits(_ fields: inout [LayoutField]) throws(ObjectFault) {
    let isBig = fields.contains { field in
      // A type like __be32 has its own order, whatever the struct's is.
      var type = types[field.type]
      while type.kind == .array { type = types[type.element] }
      return type.isBigEndian && !type.isFixedOrder
    }
    guard isBig else { return }
    for (index, field) in fields.enumerated() where field.width != nil {
      do throws(LayoutFault) {
        let id = try types.bigEndian(field.type, isBitField: true, 0)
        fields[index] = LayoutField(name: field.name, type: id, bit: field.bit, width: field.width)
      } catch {
        throw ObjectFault(error.message)
      }
    }
  }

  private static func virtual(_ what: String, _ entry: DebugEntry) -> ObjectFault {
    ObjectFault(
      "'\(entry.name)' has \(what): its objects hold an address of the program that made them, "
        + "so no other can use it")
  }

  /// Nil: the member takes no place.
  private mutating func field(
    _ member: DebugEntry, in record: LayoutType, isBase: Bool, depth: Int
  ) throws(ObjectFault) -> LayoutField? {
    let id = try target(member, depth: depth)
    let type = types[id]
    guard type.kind != .void, type.kind != .function, type.isComplete || type.kind == .array else {
      throw ObjectFault("the size of '\(member.name)' is not known")
    }
    if isBase && type.fields.isEmpty { return nil }
    guard member.hasPlainLocation else {
      throw ObjectFault("where '\(member.name)' is depends on the program's run")
    }
    let name = isBase ? "" : member.name
    let start = member.memberLocation ?? 0
    guard start <= LayoutTypes.largest else { throw ObjectFault("an offset is too large") }
    guard let width = member.bitSize else {
      guard start <= record.size, type.size <= record.size - start || isBase else {
        throw ObjectFault("'\(member.name)' is outside of its struct")
      }
      if name.isEmpty && type.kind != .record && type.kind != .union { return nil }
      return LayoutField(name: name, type: id, bit: start * 8)
    }
    guard type.kind.isInteger, width > 0, width <= type.size * 8 else {
      throw ObjectFault("the bits of '\(member.name)' are damaged")
    }
    let bit: UInt64
    if let high = member.bitOffset, member.dataBitOffset == nil,
      record.kind != .union || type.isBigEndian
    {
      // DWARF 3 counts from the highest bit of the unit.
      let unit = (member.byteSize ?? type.size) * 8
      guard unit <= 128, high <= unit, width <= unit - high else {
        throw ObjectFault("the bits of '\(member.name)' are damaged")
      }
      bit = start * 8 + (type.isBigEndian ? high : unit - high - width)
    } else {
      // For a union's member gcc 12 gives the offset within the unit, but counts the unit's bits
      // otherwise.
      bit = record.kind == .union ? 0 : member.dataBitOffset ?? start * 8
    }
    guard bit <= record.size * 8, width <= record.size * 8 - bit else {
      throw ObjectFault("'\(member.name)' is outside of its struct")
    }
    return name.isEmpty ? nil : LayoutField(name: name, type: id, bit: bit, width: width)
  }

  /// The record's alignment. DWARF records only one that was asked for (DW_AT_alignment); otherwise
  /// it is the largest of the members' that agrees with their offsets and with the size.
  private func alignment(
    _ entry: DebugEntry, _ record: LayoutType, _ fields: [LayoutField], _ asked: UInt64
  ) throws(ObjectFault) -> UInt64 {
    var alignment = max(asked, entry.alignment > 0 ? try self.alignment(entry.alignment) : 1)
    for field in fields {
      let wanted = types[field.type].alignment
      let isAligned = field.width != nil || field.bit % (wanted * 8) == 0
      if isAligned { alignment = max(alignment, wanted) }
    }
    while alignment > 1, record.size % alignment != 0 { alignment /= 2 }
    return alignment
  }
}
