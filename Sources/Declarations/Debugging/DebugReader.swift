/// Reads `.debug_info` of DWARF 2 to 5 into a list of entries.
///
/// How the parts play together. A compiler was asked for an object file with debugging information.
/// `ObjectFile` finds its sections and applies their relocations, this type reads the entries,
/// `LineFiles` says which of them come from the user's own file, and `DebugTypes` turns the entries
/// that are asked for into the library's types.
struct DebugReader {
  private let info: [UInt8]
  private let abbreviations: [UInt8]
  private let strings: [UInt8]
  private let lineStrings: [UInt8]
  private let stringOffsets: [UInt8]
  private let lines: [UInt8]
  private(set) var entries: [DebugEntry] = []
  /// The entries' numbers by their offsets in the section.
  private(set) var numbers: [Int: Int] = [:]

  /// The numbers of the unit's own file in the line number table.
  private(set) var mainFiles: Set<UInt64> = []

  private static let mostEntries = 4_000_000
  private static let mostLevels = 200

  init(_ file: ObjectFile) throws(ObjectFault) {
    info = file[".debug_info"]
    abbreviations = file[".debug_abbrev"]
    strings = file[".debug_str"]
    lineStrings = file[".debug_line_str"]
    stringOffsets = file[".debug_str_offsets"]
    lines = file[".debug_line"]
    if info.isEmpty { throw ObjectFault("the object file has no debugging information") }
    var start = 0
    while start < info.count { start = try unit(start) }
  }

  private struct Unit {
    let start: Int
    let version: UInt64
    let offsetSize: Int
    let addressSize: Int
    /// The offset of its part of `.debug_str_offsets`.
    var stringBase: UInt64
    var lineTable: UInt64?
  }

  private struct Abbreviation {
    let tag: UInt64
    let hasChildren: Bool
    var attributes: [(name: UInt64, form: UInt64, constant: Int64)] = []
  }

  /// Reads a unit; returns the offset of the next one.
  private mutating func unit(_ start: Int) throws(ObjectFault) -> Int {
    var at = ByteCursor(info, at: start)
    var length = try at.number(4)
    var offsetSize = 4
    if length == 0xffff_ffff {
      length = try at.number(8)
      offsetSize = 8
    }
    guard length <= UInt64(info.count - at.position) else { throw .cut }
    let end = at.position + Int(length)
    let version = try at.number(2)
    guard (2...5).contains(version) else { throw ObjectFault("DWARF \(version) is not read") }
    var (kind, addressSize): (UInt64, UInt64) = (1, 8)
    if version == 5 { (kind, addressSize) = (try at.number(1), try at.number(1)) }
    let table = try at.number(offsetSize)
    if version < 5 { addressSize = try at.number(1) }
    guard (1...8).contains(addressSize) else { throw ObjectFault("a unit's head is damaged") }
    switch kind {
    case 1, 3: break
    case 4, 5: try at.skip(8)
    default: return end  // type units (by signature) are not asked for
    }
    let unit = Unit(
      start: start, version: version, offsetSize: offsetSize, addressSize: Int(addressSize),
      stringBase: offsetSize == 4 ? 8 : 16)
    let known = try abbreviations(at: table)
    try tree(&at, end, unit, known)
    return end
  }

  private func abbreviations(at table: UInt64) throws(ObjectFault) -> [UInt64: Abbreviation] {
    guard table <= UInt64(abbreviations.count) else { throw .cut }
    var at = ByteCursor(abbreviations, at: Int(table))
    var result: [UInt64: Abbreviation] = [:]
    while true {
      let code = try at.unsigned()
      if code == 0 { return result }
      var entry = Abbreviation(tag: try at.unsigned(), hasChildren: try at.number(1) != 0)
      while true {
        let (name, form) = (try at.unsigned(), try at.unsigned())
        let constant = form == 0x21 ? try at.signed() : 0
        if name == 0 && form == 0 { break }
        entry.attributes.append((name, form, constant))
      }
      result[code] = entry
    }
  }

  private mutating func tree(
    _ at: inout ByteCursor, _ end: Int, _ unit: Unit, _ known: [UInt64: Abbreviation]
  ) throws(ObjectFault) {
    var unit = unit
    var open: [Int] = []
    at = ByteCursor(info, at: at.position, limit: end)
    while !at.isAtEnd {
      let place = at.position
      let code = try at.unsigned()
      if code == 0 {
        if open.popLast() == nil || open.isEmpty { return }
        continue
      }
      guard let form = known[code] else { throw ObjectFault("an unknown abbreviation") }
      if entries.count == Self.mostEntries || open.count > Self.mostLevels {
        throw ObjectFault("there is too much debugging information")
      }
      var entry = DebugEntry(
        tag: DebugEntry.Tag(rawValue: form.tag), parent: open.last ?? -1)
      for attribute in form.attributes {
        try read(attribute, &at, &unit, into: &entry)
      }
      let number = entries.count
      numbers[place] = number
      entries.append(entry)
      if number == 0, let table = unit.lineTable {
        mainFiles = try LineFiles(lines, strings, lineStrings, at: table).named(entry.name)
      }
      if let parent = open.last { entries[parent].children.append(number) }
      if form.hasChildren { open.append(number) }
      if open.isEmpty { return }
    }
  }

  // MARK: Attributes

  private enum Value {
    case number(UInt64)
    case signed(Int64)
    case text(String)
    case place(Int)
    case block(Int, Int)
    case nothing
  }

  private mutating func read(
    _ attribute: (name: UInt64, form: UInt64, constant: Int64), _ at: inout ByteCursor,
    _ unit: inout Unit, into entry: inout DebugEntry
  ) throws(ObjectFault) {
    let name = DebugEntry.Attribute(rawValue: attribute.name)
    let value = try self.value(
      attribute.form, attribute.constant, &at, unit, isWanted: name != nil, depth: 0)
    guard let name else { return }
    switch (name, value) {
    case (.name, .text(let text)): entry.name = text
    case (.type, .place(let place)): entry.type = place
    case (.specification, .place(let place)): entry.specification = place
    case (.stringOffsets, .number(let base)): unit.stringBase = base
    case (.lineTable, .number(let place)): unit.lineTable = place
    case (.memberLocation, .block(let start, let end)): location(start, end, &entry)
    case (.upperBound, .number(let value)):
      (entry.upperBound, entry.hasBound) = (Int64(bitPattern: value), true)
    case (.upperBound, .signed(let value)): (entry.upperBound, entry.hasBound) = (value, true)
    case (.constValue, .number(let value)): entry.constValue = Int64(bitPattern: value)
    case (.constValue, .signed(let value)): entry.constValue = value
    case (_, .number(let value)): set(name, value, &entry)
    case (_, .signed(let value)) where value >= 0: set(name, UInt64(value), &entry)
    case (.memberLocation, _): entry.hasPlainLocation = false
    case (.upperBound, _), (.count, _): entry.hasBound = true
    default: break
    }
  }

  private func set(_ name: DebugEntry.Attribute, _ value: UInt64, _ entry: inout DebugEntry) {
    switch name {
    case .byteSize: entry.byteSize = value
    case .bitSize: entry.bitSize = value
    case .bitOffset: entry.bitOffset = value
    case .dataBitOffset: entry.dataBitOffset = value
    case .memberLocation: entry.memberLocation = value
    case .count: (entry.count, entry.hasBound) = (value, true)
    case .encoding: entry.encoding = value
    case .declaredFile: entry.file = value
    case .declaredLine: entry.line = value
    case .alignment: entry.alignment = value
    case .declaration: entry.isDeclaration = value != 0
    case .external: entry.isExternal = value != 0
    case .virtuality: entry.isVirtual = value != 0
    case .artificial: entry.isArtificial = value != 0
    case .endianity: entry.isBigEndian = value == 1
    case .vector: entry.isVector = value != 0
    default: break
    }
  }

  /// Reads a location that is `DW_OP_plus_uconst n` and nothing else.
  private func location(_ start: Int, _ end: Int, _ entry: inout DebugEntry) {
    var at = ByteCursor(info, at: start, limit: end)
    guard (try? at.number(1)) == 0x23, let offset = try? at.unsigned(), at.isAtEnd else {
      entry.hasPlainLocation = false
      return
    }
    entry.memberLocation = offset
  }

  private func value(
    _ form: UInt64, _ constant: Int64, _ at: inout ByteCursor, _ unit: Unit, isWanted: Bool,
    depth: Int
  ) throws(ObjectFault) -> Value {
    switch form {
    case 0x0b, 0x0c: return .number(try at.number(1))
    case 0x05: return .number(try at.number(2))
    case 0x06: return .number(try at.number(4))
    case 0x07: return .number(try at.number(8))
    case 0x0d: return .signed(try at.signed())
    case 0x0f: return .number(try at.unsigned())
    case 0x19: return .number(1)
    case 0x21: return .signed(constant)
    case 0x17: return .number(try at.number(unit.offsetSize))
    case 0x1e:
      try at.skip(16)
      return .nothing
    case 0x01: _ = try at.number(unit.addressSize)
    case 0x08: return .text(try at.text())
    case 0x0e: return try text(strings, at.number(unit.offsetSize), isWanted)
    case 0x1f: return try text(lineStrings, at.number(unit.offsetSize), isWanted)
    case 0x1a: return try indexed(at.unsigned(), unit, isWanted)
    case 0x25...0x28: return try indexed(at.number(Int(form) - 0x24), unit, isWanted)
    case 0x1b, 0x22, 0x23, 0x1f01, 0x1f02: _ = try at.unsigned()
    case 0x29...0x2c: _ = try at.number(Int(form) - 0x28)
    case 0x1c: _ = try at.number(4)
    case 0x20, 0x24: _ = try at.number(8)
    case 0x1d, 0x1f20, 0x1f21: _ = try at.number(unit.offsetSize)
    case 0x11, 0x12, 0x13, 0x14:
      return place(unit.start, try at.number(1 << (Int(form) - 0x11)))
    case 0x15: return place(unit.start, try at.unsigned())
    case 0x10:
      return place(0, try at.number(unit.version == 2 ? unit.addressSize : unit.offsetSize))
    case 0x03: return try block(&at, at.number(2))
    case 0x04: return try block(&at, at.number(4))
    case 0x0a: return try block(&at, at.number(1))
    case 0x09, 0x18: return try block(&at, at.unsigned())
    case 0x16:
      let actual = try at.unsigned()
      let constant = actual == 0x21 ? try at.signed() : 0
      if depth > 4 { throw ObjectFault("a form within a form") }
      return try value(actual, constant, &at, unit, isWanted: isWanted, depth: depth + 1)
    default: throw ObjectFault("the form \(form) is not known")
    }
    return .nothing
  }

  private func place(_ base: Int, _ offset: UInt64) -> Value {
    offset < UInt64(info.count) ? .place(base + Int(offset)) : .nothing
  }

  private func block(_ at: inout ByteCursor, _ count: UInt64) throws(ObjectFault) -> Value {
    let start = at.position
    try at.skip(count)
    return .block(start, at.position)
  }

  private func text(
    _ section: [UInt8], _ offset: UInt64, _ isWanted: Bool
  ) throws(ObjectFault) -> Value {
    if !isWanted { return .nothing }
    guard offset < UInt64(section.count) else { throw .cut }
    var at = ByteCursor(section, at: Int(offset))
    return .text(try at.text())
  }

  private func indexed(
    _ index: UInt64, _ unit: Unit, _ isWanted: Bool
  ) throws(ObjectFault) -> Value {
    if !isWanted { return .nothing }
    let (offset, overflow) = index.multipliedReportingOverflow(by: UInt64(unit.offsetSize))
    guard !overflow, unit.stringBase <= UInt64(stringOffsets.count),
      offset < UInt64(stringOffsets.count) - unit.stringBase
    else { throw .cut }
    var at = ByteCursor(stringOffsets, at: Int(unit.stringBase + offset))
    return try text(strings, at.number(unit.offsetSize), isWanted)
  }
}
