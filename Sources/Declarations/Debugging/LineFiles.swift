/// The files of a unit, from the header of its line number table (DWARF 5, 6.2.4).
struct LineFiles {
  private var folders: [String] = []
  /// By number. Version 5 counts from 0, older versions from 1.
  private var files: [(number: UInt64, name: String, folder: Int)] = []

  private static let most: UInt64 = 100_000

  init(
    _ lines: [UInt8], _ strings: [UInt8], _ lineStrings: [UInt8], at start: UInt64
  ) throws(ObjectFault) {
    guard start < UInt64(lines.count) else { throw .cut }
    var at = ByteCursor(lines, at: Int(start))
    var offsetSize = 4
    if try at.number(4) == 0xffff_ffff {
      _ = try at.number(8)
      offsetSize = 8
    }
    let version = try at.number(2)
    if version == 5 { try at.skip(2) }
    _ = try at.number(offsetSize)
    try at.skip(version >= 4 ? 5 : 4)  // instruction lengths, the base of lines
    let operations = try at.number(1)
    try at.skip(operations > 0 ? operations - 1 : 0)
    if version != 5 {
      try readOld(&at)
      return
    }
    for (name, _) in try list(&at, strings, lineStrings, offsetSize) { folders.append(name) }
    for (number, file) in try list(&at, strings, lineStrings, offsetSize).enumerated() {
      files.append((UInt64(number), file.name, file.folder))
    }
  }

  private mutating func readOld(_ at: inout ByteCursor) throws(ObjectFault) {
    folders = [""]
    while case let folder = try at.text(), !folder.isEmpty { folders.append(folder) }
    while case let name = try at.text(), !name.isEmpty {
      let folder = try at.unsigned()
      _ = (try at.unsigned(), try at.unsigned())
      files.append((UInt64(files.count + 1), name, Int(min(folder, Self.most))))
    }
  }

  private func list(
    _ at: inout ByteCursor, _ strings: [UInt8], _ lineStrings: [UInt8], _ offsetSize: Int
  ) throws(ObjectFault) -> [(name: String, folder: Int)] {
    var formats: [(content: UInt64, form: UInt64)] = []
    for _ in 0..<(try at.number(1)) { formats.append((try at.unsigned(), try at.unsigned())) }
    let count = try at.unsigned()
    guard count <= Self.most, count == 0 || !formats.isEmpty else {
      throw ObjectFault("the list of files is damaged")
    }
    var result: [(name: String, folder: Int)] = []
    for _ in 0..<count {
      var entry = (name: "", folder: 0)
      for (content, form) in formats {
        var number: UInt64 = 0
        switch form {
        case 0x08: entry.name = try at.text()
        case 0x0e, 0x1f:
          let section = form == 0x0e ? strings : lineStrings
          let place = try at.number(offsetSize)
          guard place < UInt64(section.count) else { throw .cut }
          var text = ByteCursor(section, at: Int(place))
          if content == 1 { entry.name = try text.text() }
        case 0x0b: number = try at.number(1)
        case 0x05: number = try at.number(2)
        case 0x06: number = try at.number(4)
        case 0x0f: number = try at.unsigned()
        case 0x1e: try at.skip(16)
        case 0x09: try at.skip(try at.unsigned())
        default: throw ObjectFault("the list of files is damaged")
        }
        if content == 2 { entry.folder = Int(min(number, Self.most)) }
      }
      result.append(entry)
    }
    return result
  }

  /// The numbers of the file that the unit names: those whose path is that name, or ends with it.
  func named(_ name: String) -> Set<UInt64> {
    let wanted = Self.last(name)
    let main = files.first { $0.name == name } ?? files.first { Self.last($0.name) == wanted }
    guard let main else { return [] }
    return Set(
      files.filter { $0.name == main.name && folder($0.folder) == folder(main.folder) }
        .map(\.number))
  }

  private func folder(_ number: Int) -> String {
    folders.indices.contains(number) ? folders[number] : ""
  }

  private static func last(_ path: String) -> Substring {
    path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
  }
}
