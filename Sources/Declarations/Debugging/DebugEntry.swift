/// An entry of DWARF's tree, with the attributes that tell of memory. DWARF 5, chapter 7.
struct DebugEntry {
  enum Tag: UInt64 {
    case array = 0x01, classType = 0x02, enumeration = 0x04, member = 0x0d, pointer = 0x0f
    case reference = 0x10, compileUnit = 0x11, structure = 0x13, subroutine = 0x15, typedef = 0x16
    case union = 0x17, inheritance = 0x1c, pointerToMember = 0x1f, subrange = 0x21, base = 0x24
    case const = 0x26, enumerator = 0x28, subprogram = 0x2e, variable = 0x34, volatile = 0x35
    case restrict = 0x37, namespace = 0x39, unspecified = 0x3b, rvalueReference = 0x42
    case atomic = 0x47, immutable = 0x4b
  }

  enum Attribute: UInt64 {
    case name = 0x03, byteSize = 0x0b, bitOffset = 0x0c, bitSize = 0x0d, constValue = 0x1c
    case upperBound = 0x2f, count = 0x37, memberLocation = 0x38, declaredFile = 0x3a
    case declaredLine = 0x3b, declaration = 0x3c, encoding = 0x3e, external = 0x3f
    case specification = 0x47, type = 0x49, virtuality = 0x4c, artificial = 0x34
    case endianity = 0x65, dataBitOffset = 0x6b, alignment = 0x88, stringOffsets = 0x72
    case language = 0x13, vector = 0x2107
  }

  let tag: Tag?
  /// The number of the entry that it is in; -1: a unit.
  let parent: Int
  var name = ""
  /// A place in `.debug_info`, which is an entry's.
  var type: Int?
  var specification: Int?
  var byteSize: UInt64?
  var bitSize: UInt64?
  var bitOffset: UInt64?
  var dataBitOffset: UInt64?
  var memberLocation: UInt64?
  /// False: the place is an expression that is no constant.
  var hasPlainLocation = true
  var constValue: Int64?
  var upperBound: Int64?
  var hasBound = false
  var count: UInt64?
  var encoding: UInt64 = 0
  var file: UInt64 = 0
  var line: UInt64 = 0
  var alignment: UInt64 = 0
  var isDeclaration = false
  var isExternal = false
  var isVirtual = false
  var isArtificial = false
  var isBigEndian = false
  var isVector = false
  var children: [Int] = []
}
