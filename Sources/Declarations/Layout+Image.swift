internal import CShm

extension Layout {
  /// The layout as plain data for readers in C: CShmLayout.h's `struct cshm_layout` and the arrays
  /// after it. Contains only the types of which the whole consists.
  package var image: [UInt8] { LayoutImage(self).bytes }
}

/// Writes the arrays of CShmLayout.h.
private struct LayoutImage {
  private var types: [cshm_type] = []
  private var fields: [cshm_field] = []
  private var constants: [cshm_constant] = []
  private var enumerators: [cshm_constant] = []
  private var names: [UInt8] = []
  private var numbers: [LayoutTypeID: UInt32] = [:]
  private var order: [LayoutTypeID] = []
  private var known: [String: UInt32] = [:]
  private var firsts: [Range<Int>: UInt32] = [:]
  private let layout: Layout
  private(set) var bytes: [UInt8] = []

  init(_ layout: Layout) {
    self.layout = layout
    _ = number(layout.root)
    var next = 0
    while next < order.count {  // grows as types are found
      add(layout.types[order[next]])
      next += 1
    }
    for constant in layout.orderedConstants { constants.append(entry(constant)) }
    assemble()
  }

  private mutating func number(_ id: LayoutTypeID) -> UInt32 {
    if let known = numbers[id] { return known }
    let number = UInt32(order.count)
    numbers[id] = number
    order.append(id)
    return number
  }

  private mutating func add(_ type: LayoutType) {
    let name = place(type.name)
    var entry = cshm_type()
    entry.kind = type.kind.code
    entry.alignment = UInt32(type.alignment)
    entry.size = type.size
    entry.name = name.offset
    entry.name_length = name.length
    entry.flags = type.isBigEndian ? UInt32(CSHM_BIG_ENDIAN) : 0
    if type.kind == .array {
      entry.element = number(type.element)
      entry.count = type.count
    }
    if !type.enumerators.isEmpty {
      entry.element = place(type.enumerators)
      entry.enumerator_count = UInt32(type.enumerators.count)
    }
    entry.first_field = UInt32(fields.count)
    entry.field_count = UInt32(type.fields.count)
    for field in layout.types.fields[type.fields] { add(field, in: type) }
    types.append(entry)
  }

  private mutating func add(_ field: LayoutField, in record: LayoutType) {
    let name = place(field.name)
    let place = layout.types.place(field, in: record)
    var entry = cshm_field()
    entry.type = number(field.type)
    entry.bit_offset = UInt32(place.bit)
    entry.bit_width = UInt32(field.width ?? 0)
    entry.name = name.offset
    entry.name_length = name.length
    entry.offset = place.offset
    fields.append(entry)
  }

  /// Adds an enum's enumerators; an enum with several names is stored once.
  private mutating func place(_ named: Range<Int>) -> UInt32 {
    if let first = firsts[named] { return first }
    let first = UInt32(enumerators.count)
    for each in layout.types.enumerators[named] { enumerators.append(entry(each)) }
    firsts[named] = first
    return first
  }

  private mutating func entry(_ constant: (name: String, value: Int64)) -> cshm_constant {
    let name = place(constant.name)
    return cshm_constant(name: name.offset, name_length: name.length, value: constant.value)
  }

  /// Adds a name; equal names are stored once.
  private mutating func place(_ name: String) -> (offset: UInt32, length: UInt32) {
    let length = UInt32(name.utf8.count)
    if let offset = known[name] { return (offset, length) }
    let offset = UInt32(names.count)
    names += name.utf8
    known[name] = offset
    return (offset, length)
  }

  private mutating func assemble() {
    var head = cshm_layout()
    head.magic = UInt32(CSHM_LAYOUT_MAGIC)
    head.root = 0
    head.abi = layout.abi.code
    head.types = UInt32(types.count)
    head.fields = UInt32(fields.count)
    head.constants = UInt32(constants.count)
    head.enumerators = UInt32(enumerators.count)
    (head.undefined, head.undefined_length) = place(layout.undefined.joined(separator: ", "))
    head.names = UInt32(names.count)
    let length =
      MemoryLayout.stride(ofValue: head) + types.count * MemoryLayout<cshm_type>.stride
      + fields.count * MemoryLayout<cshm_field>.stride
      + (constants.count + enumerators.count) * MemoryLayout<cshm_constant>.stride + names.count
    head.length = UInt32(length)
    bytes.reserveCapacity(length)
    withUnsafeBytes(of: head) { bytes += $0 }
    types.withUnsafeBytes { bytes += $0 }
    fields.withUnsafeBytes { bytes += $0 }
    constants.withUnsafeBytes { bytes += $0 }
    enumerators.withUnsafeBytes { bytes += $0 }
    bytes += names
  }
}

// Conversions to C's numbers, so that the two lists need not have the same order.

extension LayoutKind {
  fileprivate var code: UInt32 {
    let kind =
      switch self {
      case .unsigned: CSHM_UNSIGNED
      case .signed: CSHM_SIGNED
      case .floating: CSHM_FLOATING
      case .boolean: CSHM_BOOLEAN
      case .pointer: CSHM_POINTER
      case .character: CSHM_CHARACTER
      case .wide: CSHM_WIDE
      case .opaque: CSHM_OPAQUE
      case .array: CSHM_ARRAY
      case .record: CSHM_RECORD
      case .union: CSHM_UNION
      case .void, .function: preconditionFailure("an image has none of these")
      }
    return kind.rawValue
  }
}

extension Layout.ABI {
  /// `enum cshm_abi`.
  package var code: UInt32 {
    let abi =
      switch self {
      case .linux: CSHM_LINUX
      case .windows: CSHM_WINDOWS
      case .mingw: CSHM_MINGW
      }
    return abi.rawValue
  }
}
