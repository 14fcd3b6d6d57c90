/// The types that an object file describes, as layouts. Lua: `shm.layout{ file =, compiler = true
/// }`.
package struct ObjectTypes {
  private let entries: [DebugEntry]
  private let numbers: [Int: Int]
  /// The main file's numbers in the unit's table.
  private let mainFiles: Set<UInt64>
  /// Typedefs of structs without tags, by the struct's entry.
  private let aliases: [Int: String]

  /// - Throws: what is wrong with the file.
  package init(_ bytes: [UInt8]) throws(ObjectFault) {
    let reader = try DebugReader(ObjectFile(bytes))
    entries = reader.entries
    numbers = reader.numbers
    var aliases: [Int: String] = [:]
    for entry in entries where entry.tag == .typedef {
      guard let type = entry.type, let number = reader.numbers[type] else { continue }
      if entries[number].isRecord && entries[number].name.isEmpty { aliases[number] = entry.name }
    }
    self.aliases = aliases
    mainFiles = reader.mainFiles
  }

  /// Tags and typedefs of complete structs and unions in the main file, in its order.
  package var names: [String] {
    var seen: Set<String> = []
    return outermost().compactMap { number in
      let name = qualified(number)
      return !name.isEmpty && seen.insert(name).inserted ? name : nil
    }
  }

  /// The layout of the type with this name, or of the main file's last struct or union.
  ///
  /// - Parameter constants: integers from `#define`; enumerators are added.
  package func layout(
    _ name: String?, _ abi: Layout.ABI, constants: [(name: String, value: Int64)]
  ) throws(ObjectFault) -> Layout {
    guard let number = try name.map(find) ?? outermost().last else {
      throw ObjectFault("no struct or union is defined here")
    }
    var builder = DebugTypes(entries, numbers)
    let root = try builder.id(number, depth: 0)
    guard builder.types[root].isComplete, builder.types[root].kind != .void,
      builder.types[root].kind != .function
    else { throw ObjectFault("the size of '\(name ?? "")' is not known") }
    var all = enumerators()
    let known = Set(all.map(\.name))
    all += constants.filter { !known.contains($0.name) }
    if all.count > LayoutTypes.most { all.removeSubrange(LayoutTypes.most...) }
    var layout = Layout(abi: abi, builder.types, root, all, [])
    layout.isAlignmentTold = false
    return layout
  }

  /// The main file's enumerators, in the order of their enums.
  private func enumerators() -> [(name: String, value: Int64)] {
    var seen: Set<String> = []
    var result: [(name: String, value: Int64)] = []
    for entry in entries where entry.tag == .enumeration && mainFiles.contains(entry.file) {
      for child in entry.children {
        guard let value = entries[child].constValue, seen.insert(entries[child].name).inserted
        else { continue }
        result.append((entries[child].name, value))
      }
    }
    return result
  }

  /// The value of the enumerator of that name, if there is one.
  package func enumerator(_ name: String) -> Int64? {
    entries.first { $0.tag == .enumerator && $0.name == name }?.constValue
  }

  // MARK: Names

  /// How the type that `layout` takes is written in C: with its keyword, if it has a tag.
  package func spelling(of name: String?) -> String? {
    guard let number = name == nil ? outermost().last : try? find(name ?? "") else { return nil }
    let qualified = qualified(number)
    if qualified.isEmpty { return nil }
    if entries[number].name.isEmpty { return qualified }
    switch entries[number].tag {
    case .structure, .classType: return "struct \(qualified)"
    case .union: return "union \(qualified)"
    case .enumeration: return "enum \(qualified)"
    default: return qualified
    }
  }

  private func find(_ name: String) throws(ObjectFault) -> Int {
    var exact: Int?
    var ending: [Int] = []
    for (number, entry) in entries.enumerated() where entry.isNamedType && !entry.isDeclaration {
      if entry.name == name && isAtFileScope(entry) {
        exact = number
      } else if entry.name == Self.last(name), qualified(number).hasSuffix(name) {
        ending.append(number)
      }
    }
    if let exact { return exact }
    guard let only = ending.first, ending.count == 1 else {
      throw ObjectFault(
        ending.isEmpty
          ? "no type is named '\(name)'\(NearNames.text(name, among: names))"
          : "several types are named '\(name)'")
    }
    return only
  }

  private static func last(_ name: String) -> String {
    name.lastIndex(of: ":").map { String(name[name.index(after: $0)...]) } ?? name
  }

  private func isAtFileScope(_ entry: DebugEntry) -> Bool {
    entry.parent < 0 || entries[entry.parent].tag == .compileUnit
  }

  /// `outer::inner`; for a struct without a tag, its typedef's name.
  private func qualified(_ number: Int) -> String {
    var name = entries[number].name
    if name.isEmpty {
      guard let alias = aliases[number] else { return "" }
      name = alias
    }
    var parent = entries[number].parent
    while parent >= 0, entries[parent].tag != .compileUnit {
      if !entries[parent].name.isEmpty { name = entries[parent].name + "::" + name }
      parent = entries[parent].parent
    }
    return name
  }

  /// The main file's structs and unions that are not inside another one.
  private func outermost() -> [Int] {
    var inner: Set<Int> = []
    for entry in entries where entry.isRecord {
      for child in entry.children where entries[child].tag == .member {
        guard var number = entries[child].type.flatMap({ numbers[$0] }) else { continue }
        var steps = 0
        while !entries[number].isRecord, steps < 100, let next = entries[number].type,
          let target = numbers[next]
        {
          if entries[number].tag == .typedef || entries[number].tag == .pointer { break }
          number = target
          steps += 1
        }
        let type = entries[number]
        let isLater = type.line > entry.line || (type.line == entry.line && type.name.isEmpty)
        if type.isRecord && type.file == entry.file && isLater { inner.insert(number) }
      }
    }
    let all = entries.indices.filter {
      let entry = entries[$0]
      let isNested = entry.parent >= 0 && entries[entry.parent].isRecord
      return entry.isRecord && !entry.isDeclaration && !isNested && !inner.contains($0)
    }
    // A preprocessor's output belongs to no file of its own.
    let own = all.filter { mainFiles.contains(entries[$0].file) }
    return (own.isEmpty ? all : own).sorted { entries[$0].line < entries[$1].line }
  }
}

extension DebugEntry {
  var isRecord: Bool { tag == .structure || tag == .union || tag == .classType }

  var isNamedType: Bool { (isRecord || tag == .typedef || tag == .enumeration) && !name.isEmpty }
}
