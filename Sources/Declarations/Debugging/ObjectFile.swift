/// The debugging sections of a relocatable object file for x86-64, with their relocations applied:
/// ELF (System V ABI, RELA) and COFF (Microsoft's "PE Format", SECREL).
struct ObjectFile {
  private(set) var sections: [String: [UInt8]] = [:]

  subscript(_ name: String) -> [UInt8] { sections[name] ?? [] }

  init(_ bytes: [UInt8]) throws(ObjectFault) {
    if bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) {
      try readELF(bytes)
    } else if bytes.starts(with: [0x64, 0x86]) {
      try readCOFF(bytes)
    } else {
      throw ObjectFault("this is no object file for x86-64, neither ELF nor COFF")
    }
  }

  /// Is the section needed?
  private static func isWanted(_ name: String) -> Bool { name.hasPrefix(".debug_") }

  private static func slice(
    _ bytes: [UInt8], _ start: UInt64, _ size: UInt64
  ) throws(ObjectFault) -> [UInt8] {
    guard start <= UInt64(bytes.count), size <= UInt64(bytes.count) - start else { throw .cut }
    return Array(bytes[Int(start)..<Int(start + size)])
  }

  /// Adds to a number in the section, or sets it; one that lies outside of the section is ignored.
  private mutating func relocate(
    _ name: String, _ offset: UInt64, _ size: Int, _ value: UInt64, isAdded: Bool
  ) {
    guard let count = sections[name]?.count, offset <= UInt64(count),
      UInt64(size) <= UInt64(count) - offset
    else { return }
    let start = Int(offset)
    var old: UInt64 = 0
    if isAdded {
      for index in stride(from: size - 1, through: 0, by: -1) {
        old = old << 8 | UInt64(sections[name]![start + index])
      }
    }
    let sum = old &+ value
    for index in 0..<size {
      sections[name]![start + index] = UInt8(truncatingIfNeeded: sum >> UInt64(8 * index))
    }
  }

  // MARK: ELF

  private struct ELFSection {
    let name: Int
    let type: UInt64
    let offset: UInt64
    let size: UInt64
    let link: Int
    let info: Int
  }

  private mutating func readELF(_ bytes: [UInt8]) throws(ObjectFault) {
    guard bytes.count >= 64, bytes[4] == 2, bytes[5] == 1, bytes[18] == 62, bytes[19] == 0 else {
      throw ObjectFault("only ELF files of 64 bits for x86-64 are read")
    }
    var head = ByteCursor(bytes, at: 40)
    let table = try head.number(8)
    head.position = 58
    let (entry, count, names) = (try head.number(2), try head.number(2), try head.number(2))
    guard entry == 64, count > 0, names < count, table <= UInt64(bytes.count) else {
      throw ObjectFault("the table of sections is damaged")
    }
    var all: [ELFSection] = []
    for index in 0..<count {
      var at = ByteCursor(bytes, at: Int(table + index * 64))
      let (name, type) = (try at.number(4), try at.number(4))
      try at.skip(16)
      let (offset, size) = (try at.number(8), try at.number(8))
      let (link, info) = (try at.number(4), try at.number(4))
      all.append(
        ELFSection(
          name: Int(name), type: type, offset: offset, size: size, link: Int(link),
          info: Int(info)))
    }
    let texts = try Self.slice(bytes, all[Int(names)].offset, all[Int(names)].size)
    var titles: [String] = []
    for section in all {
      var at = ByteCursor(texts, at: min(section.name, texts.count))
      let title = try at.text()
      titles.append(title)
      if Self.isWanted(title), section.type == 1, sections[title] == nil {
        sections[title] = try Self.slice(bytes, section.offset, section.size)
      }
    }
    for section in all where section.type == 4 && section.info < all.count {
      if sections[titles[section.info]] != nil, section.link < all.count {
        try relocateELF(bytes, section, titles[section.info], all[section.link])
      }
    }
  }

  private mutating func relocateELF(
    _ bytes: [UInt8], _ section: ELFSection, _ name: String, _ symbols: ELFSection
  ) throws(ObjectFault) {
    let entries = try Self.slice(bytes, section.offset, section.size)
    let table = try Self.slice(bytes, symbols.offset, symbols.size)
    var at = ByteCursor(entries)
    while at.position + 24 <= entries.count {
      let (offset, info, addend) = (try at.number(8), try at.number(8), try at.number(8))
      let symbol = info >> 32
      guard symbol < UInt64(table.count / 24) else { throw ObjectFault("an unknown symbol") }
      var value = ByteCursor(table, at: Int(symbol) * 24 + 8)
      let address = try value.number(8)
      switch info & 0xffff_ffff {
      case 1: relocate(name, offset, 8, address &+ addend, isAdded: false)  // R_X86_64_64
      case 10, 11: relocate(name, offset, 4, address &+ addend, isAdded: false)  // _32, _32S
      default: break
      }
    }
  }

  // MARK: COFF

  private mutating func readCOFF(_ bytes: [UInt8]) throws(ObjectFault) {
    var head = ByteCursor(bytes, at: 2)
    let count = try head.number(2)
    try head.skip(4)
    let (symbols, symbolCount) = (try head.number(4), try head.number(4))
    let optional = try head.number(2)
    try head.skip(2 + optional)
    let texts = symbols + symbolCount * 18
    for _ in 0..<count {
      let start = head.position
      let name = try Self.name(bytes, &head, texts)
      try head.skip(8)
      let (size, data) = (try head.number(4), try head.number(4))
      let relocations = try head.number(4)
      try head.skip(4)
      var relocationCount = try head.number(2)
      try head.skip(2)
      let flags = try head.number(4)
      head.position = start + 40
      guard Self.isWanted(name), sections[name] == nil else { continue }
      sections[name] = try Self.slice(bytes, data, size)
      var at = ByteCursor(bytes, at: Int(relocations))
      if relocationCount == 0xffff && flags & 0x0100_0000 != 0 {
        relocationCount = try at.number(4)
        try at.skip(6)
      }
      for _ in 0..<relocationCount {
        let (offset, symbol, type) = (try at.number(4), try at.number(4), try at.number(2))
        guard symbol < symbolCount else { throw ObjectFault("an unknown symbol") }
        var value = ByteCursor(bytes, at: Int(symbols + symbol * 18 + 8))
        let address = try value.number(4)
        switch type {
        case 1: relocate(name, offset, 8, address, isAdded: true)  // ADDR64
        case 2, 11: relocate(name, offset, 4, address, isAdded: true)  // ADDR32, SECREL
        default: break
        }
      }
    }
  }

  /// A section's name: eight bytes, or "/123", an offset in the string table behind the symbols.
  private static func name(
    _ bytes: [UInt8], _ head: inout ByteCursor, _ texts: UInt64
  ) throws(ObjectFault) -> String {
    let start = head.position
    try head.skip(8)
    let short = String(
      decoding: bytes[start..<start + 8].prefix { $0 != 0 }, as: UTF8.self)
    guard short.hasPrefix("/"), let offset = UInt64(short.dropFirst()) else { return short }
    guard texts <= UInt64(bytes.count), offset < UInt64(bytes.count) - texts else { throw .cut }
    var at = ByteCursor(bytes, at: Int(texts + offset))
    return try at.text()
  }
}
