extension Layout {
  /// C declarations that leave nothing to a compiler: packed structs, explicit padding, and types
  /// that have the same size everywhere. Read with `abi = "linux"` they give this layout. Constants
  /// come first.
  package var explicitDeclarations: String {
    var writer = ExplicitWriter(self)
    return writer.text()
  }
}

private struct ExplicitWriter {
  private let layout: Layout
  private let types: LayoutTypes
  private var lines: [String] = []
  private var pads = 0
  private var enums: [Range<Int>: String] = [:]
  /// Tags that are written already, and names that a `#define` would replace.
  private var taken: Set<String> = []
  private var depth = 1

  init(_ layout: Layout) {
    self.layout = layout
    types = layout.types
  }

  mutating func text() -> String {
    var head: [String] = []
    var tail: [String] = []
    let enumerators = Set(types.enumerators.map(\.name))
    let members = Set(types.fields.map(\.name))
    let root = types[layout.root]
    for constant in layout.orderedConstants where !enumerators.contains(constant.name) {
      if constant.name.contains(":") { continue }
      let text = "#define \(constant.name) \(number(constant.value))"
      // One of a member's name comes behind the members, as it does in the header.
      if members.contains(constant.name) || constant.name == identifier(root.name) {
        tail.append(text)
      } else {
        head.append(text)
        taken.insert(constant.name)
      }
    }
    taken.insert(identifier(root.name))
    guard root.kind == .record || root.kind == .union else {
      lines = ["struct explicit {"]
      field(LayoutField(name: "value", type: layout.root), at: 0)
      close(root.alignment)
      return (head + lines + tail).joined(separator: "\n")
    }
    lines.append("\(keyword(root)) \(root.name.isEmpty ? "explicit" : identifier(root.name)) {")
    body(layout.root)
    close(root.alignment)
    return (head + lines + tail).joined(separator: "\n")
  }

  private func number(_ value: Int64) -> String {
    value == .min ? "(-9223372036854775807 - 1)" : "\(value)"
  }

  private func number(_ value: Int64, _ type: LayoutType) -> String {
    type.isUnsigned && value < 0 ? "\(UInt64(bitPattern: value))u" : number(value)
  }

  private func identifier(_ name: String) -> String {
    String(name.map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "_" })
  }

  private func keyword(_ type: LayoutType) -> String { type.kind == .union ? "union" : "struct" }

  private var indentation: String { String(repeating: "  ", count: depth) }

  private mutating func close(_ wanted: UInt64) {
    // Microsoft's packed types may be no multiple of their alignment, which nothing else can say.
    var alignment = wanted
    while alignment > 1, types[layout.root].size % alignment != 0 { alignment /= 2 }
    lines.append("} __attribute__((packed, aligned(\(alignment))));")
  }

  /// The members of a struct or union, and the padding between them.
  private mutating func body(_ id: LayoutTypeID) {
    let type = types[id]
    var flat: [(field: LayoutField, bit: UInt64)] = []
    collect(id, 0, &flat)
    if type.kind == .union {
      for item in flat { alternative(item.field, item.bit) }
      fill(alternativeTo: type)
      return
    }
    var end: UInt64 = 0
    for (field, bit) in flat.sorted(by: { $0.bit < $1.bit }) {
      pad(from: end, to: bit)
      self.field(field, at: bit)
      end = max(end, bit + (field.width ?? types[field.type].size * 8))
    }
    let isFlexible = flat.last.map {
      types[$0.field.type].kind == .array && !types[$0.field.type].isComplete
    }
    if isFlexible != true { pad(from: end, to: type.size * 8) }
  }

  /// Derived members may lie in a base class's padding, so a base's members count as the struct's
  /// own.
  private func collect(
    _ id: LayoutTypeID, _ base: UInt64, _ flat: inout [(field: LayoutField, bit: UInt64)]
  ) {
    for field in types.fields[types[id].fields] {
      let isStruct = types[field.type].kind == .record && types[id].kind == .record
      if field.name.isEmpty && isStruct {
        collect(field.type, base + field.bit, &flat)
      } else {
        flat.append((field, base + field.bit))
      }
    }
  }

  /// A union's member begins at 0; one that does not is put into a struct of its own.
  private mutating func alternative(_ field: LayoutField, _ bit: UInt64) {
    if bit == 0 { return self.field(field, at: 0) }
    lines.append(indentation + "struct {")
    depth += 1
    pad(from: 0, to: bit)
    self.field(field, at: bit)
    depth -= 1
    lines.append(indentation + "} __attribute__((packed));")
  }

  private mutating func fill(alternativeTo type: LayoutType) {
    pads += 1
    lines.append(indentation + "char _fill\(pads)[\(type.size)];")
  }

  private mutating func pad(from: UInt64, to: UInt64) {
    var at = from
    while at < to {
      let rest = min(to - at, (8 - at % 8) % 8 == 0 ? to - at : 8 - at % 8)
      if rest >= 8 && at % 8 == 0 {
        pads += 1
        lines.append(indentation + "char _pad\(pads)[\(rest / 8)];")
        at += rest / 8 * 8
      } else {
        lines.append(indentation + "uint8_t : \(rest);")
        at += rest
      }
    }
  }

  private mutating func field(_ field: LayoutField, at bit: UInt64) {
    var suffix = ""
    var type = types[field.type]
    var id = field.type
    while type.kind == .array {
      suffix += type.isComplete ? "[\(type.count)]" : "[]"
      id = type.element
      type = types[id]
    }
    let note = field.name.isEmpty ? "" : "  /* \(bit / 8) */"
    guard type.kind == .record || type.kind == .union else {
      let bits = field.width.map { " : \($0)" } ?? ""
      lines.append(
        "\(indentation)\(scalar(type)) \(field.name)\(suffix)\(extra(type))\(bits);\(note)")
      return
    }
    lines.append("\(indentation)\(keyword(type)) {\(note)")
    depth += 1
    body(id)
    depth -= 1
    let name = field.name.isEmpty ? "" : " \(field.name)\(suffix)"
    lines.append("\(indentation)} __attribute__((packed))\(name);")
  }

  /// For a type that C has not everywhere: an array of its bytes.
  private func extra(_ type: LayoutType) -> String { type.kind == .opaque ? "[\(type.size)]" : "" }

  private mutating func scalar(_ type: LayoutType) -> String {
    let bits = type.size * 8
    if type.isEnumeration, let text = enumeration(type) { return text }
    if type.isBigEndian && type.kind != .floating { return "__be\(bits)" }
    switch type.kind {
    case .boolean: return "bool"
    case .character: return "char"
    case .floating: return type.size == 4 ? "float" : "double"
    case .pointer: return "void *"
    case .wide: return type.size == 2 ? "char16_t" : "wchar_t"
    case .opaque: return "unsigned char"
    case .signed: return "int\(bits)_t"
    default: return "uint\(bits)_t"
    }
  }

  private mutating func enumeration(_ type: LayoutType) -> String? {
    if type.enumerators.isEmpty || type.isBigEndian { return nil }
    if let known = enums[type.enumerators] { return "enum \(known)" }
    let own = identifier(type.name)
    let name = own.isEmpty || taken.contains(own) ? "enum\(enums.count + 1)" : own
    taken.insert(name)
    enums[type.enumerators] = name
    let list = types.enumerators[type.enumerators]
      .map { "\($0.name) = \(number($0.value, type))" }.joined(separator: ", ")
    return "enum \(name) : \(type.isUnsigned ? "u" : "")int\(type.size * 8)_t { \(list) }"
  }
}
