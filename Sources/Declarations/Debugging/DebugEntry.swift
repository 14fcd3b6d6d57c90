/// An entry of DWARF's tree, with the attributes that describe memory. DWARF 5, chapter 7.
struct DebugEntry {
  enum Tag: UInt64 {
    case array = 0x01
    case classType = 0x02
    case enumeration = 0x04
    case member = 0x0d
    case pointer = 0x0f
    case reference = 0x10
    case compileUnit = 0x11
    case structure = 0x13
    case subroutine = 0x15
    case typedef = 0x16
    case union = 0x17
    case inheritance = 0x1c
    case pointerToMember = 0x1f
    case subrange = 0x21
    case base = 0x24
    case const = 0x26
    case enumerator = 0x28
    case subprogram = 0x2e
    case variable = 0x34
    case volatile = 0x35
    case restrict = 0x37
    case namespace = 0x39
    case unspecified = 0x3b
    case rvalueReference = 0x42
    case atomic = 0x47
    case immutable = 0x4b
  }

  enum Attribute: UInt64 {
    case name = 0x03
    case byteSize = 0x0b
    case bitOffset = 0x0c
    case bitSize = 0x0d
    case constValue = 0x1c
    case upperBound = 0x2f
    case count = 0x37
    case memberLocation = 0x38
    case declaredFile = 0x3a
    case declaredLine = 0x3b
    case declaration = 0x3c
    case encoding = 0x3e
    case external = 0x3f
    case specification = 0x47
    case type = 0x49
    case virtuality = 0x4c
    case artificial = 0x34
    case endianity = 0x65
    case dataBitOffset = 0x6b
    case alignment = 0x88
    case stringOffsets = 0x72
    case lineTable = 0x10
    case vector = 0x2107
  }

  let tag: Tag?
  /// The number of the entry that contains it; -1: a unit.
  let parent: Int
  var name = ""
  /// The offset of the type's entry in `.debug_info`.
  var type: Int?
  var specification: Int?
  var byteSize: UInt64?
  var bitSize: UInt64?
  var bitOffset: UInt64?
  var dataBitOffset: UInt64?
  var memberLocation: UInt64?
  /// False: the member's location is an expression that is not constant.
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
