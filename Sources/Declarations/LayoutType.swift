/// The number of a type in `LayoutTypes`.
package typealias LayoutTypeID = Int

/// What the parser knows about a type; the raw values are those of `enum cshm_type_kind`.
package enum LayoutKind: UInt32, Sendable {
  case unsigned, signed, floating, boolean, pointer, character, wide, opaque, array, record, union
  /// Never in an image.
  case void = 100
  case function

  package var isInteger: Bool {
    switch self {
    case .unsigned, .signed, .boolean, .character, .wide: true
    default: false
    }
  }
}

package struct LayoutType: Sendable {
  package var kind: LayoutKind
  package var size: UInt64 = 0
  /// In bytes.
  var alignment: UInt64 = 1
  var name = ""
  package var element: LayoutTypeID = 0
  var count: UInt64 = 0
  var fields: Range<Int> = 0..<0
  /// False: only the tag of a struct, union or enum is known, or an array has no count.
  var isComplete = true
  /// A struct whose last member is an array without a count.
  var isFlexible = false
  /// For integers; plain `char` counts as signed.
  package var isUnsigned = false
  var isEnumeration = false
  /// A scalar whose most significant byte comes first.
  package var isBigEndian = false
  /// A scalar such as `__le32`, whose order no `scalar_storage_order` changes.
  var isFixedOrder = false
  /// The alignment before a typedef's `aligned(n)`, in bytes; 0: the same.
  var naturalAlignment: UInt64 = 0
  /// Microsoft's rules: what `aligned(n)` and `alignas` demand, which no packing lowers; 0:
  /// nothing.
  var requiredAlignment: UInt64 = 0
  /// A struct or union for which an alignment was asked: as a member, all of that is required.
  var isAlignmentAsked = false
  /// A struct as a base class: how many bytes derived members leave alone. 0: none of its own.
  var baseSize: UInt64 = 0
  /// C++98's plain old data: derived members stay out of its padding (Itanium C++ ABI, 2.4).
  var isPlain = true
  /// A class without members but empty bases, at least 1 byte in C++.
  var isEmpty = false
  /// It is such a class, or has one among its bases, members and elements.
  var holdsEmptyClass = false
  /// Of a base class some of whose members are hidden: the class itself.
  var whole: LayoutTypeID?
  /// Microsoft's: what a derived class must know to keep two empty ones apart.
  var leadsWithEmptyBase = false
  var endsWithEmptyClass = false
  /// Why no memory can be seen as it, and where that is written: a class with virtual functions.
  var refusal: String?
  var refusalPosition = 0
  /// The undeclared names that decide its size; memory cannot be seen as this type either.
  var lacks: LayoutUnknown?
  /// It came from a table of headers' structures, so the text may still define its own.
  var isAssumed = false
  /// An enum's part of `LayoutTypes.enumerators`.
  var enumerators: Range<Int> = 0..<0
  /// To how many values one of its bytes can belong when it is read.
  var sharing: UInt64 = 1
  /// How deep structs, unions and arrays are nested in it.
  var levels = 0

  var isRecordOrUnion: Bool { kind == .record || kind == .union }
}

/// A member of a struct or union that has been placed.
struct LayoutField: Sendable {
  let name: String
  let type: LayoutTypeID
  /// Counted from the record's start.
  var bit: UInt64 = 0
  /// Nil: not a bit-field.
  var width: UInt64?
}

/// The types and fields of one text.
package struct LayoutTypes: Sendable {
  static let void: LayoutTypeID = 0
  static let function: LayoutTypeID = 1
  /// The largest type, in bytes; its bits then fit into 64 bits with room to spare.
  static let largest: UInt64 = 1 << 47
  static let most = 65_536
  /// To how many values one byte may belong. Each level of nested unions may double them: thirty
  /// levels of four bytes would be read as a table of 2^30 values.
  static let mostSharing: UInt64 = 1024
  static let mostLevels = 100

  var count: Int { all.count }

  private(set) var all = [
    LayoutType(kind: .void, name: "void"), LayoutType(kind: .function, name: "function"),
  ]
  private(set) var fields: [LayoutField] = []
  private(set) var enumerators: [(name: String, value: Int64)] = []
  /// Bytes of the largest class without members so far.
  var largestEmptyClass: UInt64 = 0
  private var pointers: [LayoutTypeID: LayoutTypeID] = [:]
  private var arrays: [ArrayKey: LayoutTypeID] = [:]
  private var builtins: [String: LayoutTypeID] = [:]
  private var bigEndian: [LayoutTypeID: LayoutTypeID] = [:]
  private var bigEndianBits: [LayoutTypeID: LayoutTypeID] = [:]

  private struct ArrayKey: Hashable {
    let element: LayoutTypeID
    let count: UInt64?
  }

  package subscript(_ id: LayoutTypeID) -> LayoutType {
    get { all[id] }
    set { all[id] = newValue }
  }

  /// Of an array, and of arrays in it, the elements' type.
  func innermost(_ id: LayoutTypeID) -> LayoutTypeID {
    var id = id
    while all[id].kind == .array { id = all[id].element }
    return id
  }

  mutating func add(_ type: LayoutType, _ position: Int) throws(LayoutFault) -> LayoutTypeID {
    if all.count == Self.most { throw LayoutFault(position, "more than \(Self.most) types") }
    all.append(type)
    return all.count - 1
  }

  mutating func add(
    _ members: [LayoutField], _ position: Int
  ) throws(LayoutFault) -> Range<Int> {
    if fields.count + members.count > Self.most {
      throw LayoutFault(position, "more than \(Self.most) fields")
    }
    let first = fields.count
    fields += members
    return first..<fields.count
  }

  mutating func add(_ members: [(name: String, value: Int64)]) -> Range<Int> {
    let first = enumerators.count
    enumerators += members
    return first..<enumerators.count
  }

  mutating func builtin(
    _ type: LayoutType, _ position: Int
  ) throws(LayoutFault) -> LayoutTypeID {
    if let known = builtins[type.name] { return known }
    let id = try add(type, position)
    builtins[type.name] = id
    return id
  }

  mutating func pointer(
    to target: LayoutTypeID, _ position: Int
  ) throws(LayoutFault) -> LayoutTypeID {
    if let known = pointers[target] { return known }
    var name = all[target].name
    if name.isEmpty { name = all[target].kind == .union ? "union" : "struct" }
    name = name.utf8.count > 200 ? "pointer" : name + (name.hasSuffix("*") ? "*" : " *")
    var type = LayoutType(kind: .pointer, size: 8, alignment: 8, name: name, isUnsigned: true)
    type.element = target
    let id = try add(type, position)
    pointers[target] = id
    return id
  }

  /// The same type with the most significant byte first. Applies to scalars and arrays of them;
  /// structs and unions have an order of their own. Wide characters become numbers. In a byte the
  /// highest bits then come first (`isBitField`); otherwise a byte has no order.
  mutating func bigEndian(
    _ id: LayoutTypeID, isBitField: Bool = false, _ position: Int
  ) throws(LayoutFault) -> LayoutTypeID {
    var type = all[id]
    if type.isBigEndian || type.isFixedOrder { return id }
    if let known = bigEndian[id] { return known }
    let result: LayoutTypeID
    switch type.kind {
    case .record, .union, .void, .function, .opaque: return id
    case .array:
      let element = try bigEndian(type.element, position)
      if element == type.element { return id }
      result = try array(of: element, type.isComplete ? type.count : nil, position)
    default:
      if type.size == 1 {
        if !isBitField { return id }
        if let known = bigEndianBits[id] { return known }
        type.isBigEndian = true
        let bits = try add(type, position)
        bigEndianBits[id] = bits
        return bits
      }
      type.isBigEndian = true
      if type.kind == .wide { type.kind = .unsigned }
      if !type.name.isEmpty { type.name = "big-endian " + type.name }
      result = try add(type, position)
    }
    bigEndian[id] = result
    return result
  }

  /// For a struct or union with these fields.
  func sharing(_ kind: LayoutKind, _ fields: [LayoutField]) -> UInt64 {
    var together: UInt64 = 0
    var beside: UInt64 = 0
    for field in fields.lazy.map({ all[$0.type] }) {
      if kind == .union || field.size == 0 {
        together += field.sharing
      } else {
        beside = max(beside, field.sharing)
      }
    }
    return max(together + beside, 1)
  }

  /// Readers recurse level by level and return each value.
  func checkReading(_ type: LayoutType, _ position: Int) throws(LayoutFault) {
    if type.levels > Self.mostLevels { throw LayoutFault.tooDeep(position) }
    if type.sharing > Self.mostSharing {
      throw LayoutFault(
        position,
        "one place holds more than \(Self.mostSharing) values, as unions in unions do")
    }
  }

  /// `count` nil: `[]`.
  mutating func array(
    of element: LayoutTypeID, _ count: UInt64?, _ position: Int
  ) throws(LayoutFault) -> LayoutTypeID {
    let key = ArrayKey(element: element, count: count)
    if let known = arrays[key] { return known }
    let type = all[element]
    let (size, overflow) = type.size.multipliedReportingOverflow(by: count ?? 0)
    if overflow || size > Self.largest || (count ?? 0) > Self.largest {
      throw LayoutFault(position, "the array is larger than 2^47 bytes")
    }
    var array = LayoutType(
      kind: .array, size: size, alignment: type.alignment, element: element, count: count ?? 0,
      isComplete: count != nil)
    array.sharing = type.sharing * (type.size == 0 ? max(array.count, 1) : 1)
    array.levels = type.levels + 1
    array.naturalAlignment = type.alignment
    array.requiredAlignment = type.requiredAlignment
    array.isAlignmentAsked = type.isAlignmentAsked
    array.isPlain = type.isPlain
    array.holdsEmptyClass = type.holdsEmptyClass
    array.lacks = type.lacks
    try checkReading(array, position)
    let id = try add(array, position)
    arrays[key] = id
    return id
  }
}
