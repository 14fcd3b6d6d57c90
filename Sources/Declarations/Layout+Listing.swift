extension Layout: CustomStringConvertible {
  /// An indented listing with one member per line: offset, type, name, size; all in bytes.
  ///
  ///     struct Point: 12 bytes, alignment 4
  ///           0  float x  (4)
  ///           4  float y  (4)
  ///           8  uint32_t flags : bits 0-2  (4)
  public var description: String {
    var lines: [String] = []
    let type = types[root]
    lines.append("\(Self.title(type)): \(type.size) bytes, alignment \(type.alignment)")
    list(root, at: 0, depth: 1, &lines)
    if !undefined.isEmpty {
      lines.append("taken as undefined: " + undefined.joined(separator: ", "))
    }
    return lines.joined(separator: "\n")
  }

  private static func title(_ type: LayoutType) -> String {
    let keyword = type.kind == .record ? "struct" : type.kind == .union ? "union" : ""
    return [keyword, type.name].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// The most lines: nobody reads a longer text to its end.
  private static let mostLines = 10_000

  private func list(
    _ id: LayoutTypeID, at base: UInt64, depth: Int, _ lines: inout [String]
  ) {
    let record = types[id]
    for field in types.fields[record.fields] where lines.count < Self.mostLines {
      let place = types.place(field, in: record)
      let offset = base + place.offset
      lines.append(line(field, offset, place.bit, depth))
      var inner = types[field.type]
      var innerID = field.type
      while inner.kind == .array {
        innerID = inner.element
        inner = types[innerID]
      }
      if inner.kind == .record || inner.kind == .union {
        list(innerID, at: offset, depth: depth + 1, &lines)
      }
    }
  }

  private func line(
    _ field: LayoutField, _ offset: UInt64, _ bit: UInt64, _ depth: Int
  ) -> String {
    let number = String(offset)
    let padding = String(repeating: " ", count: max(0, 7 - number.utf8.count))
    let indentation = String(repeating: "  ", count: depth)
    var (type, suffix) = (types[field.type], "")
    let size = type.size
    while type.kind == .array {
      suffix += type.isComplete ? "[\(type.count)]" : "[]"
      type = types[type.element]
    }
    let words = [Self.title(type), field.name + suffix].filter { !$0.isEmpty }
    let bits = field.width.map { " : bits \(bit)-\(bit + $0 - 1)" } ?? ""
    return "\(padding)\(number)\(indentation)\(words.joined(separator: " "))\(bits)  (\(size))"
  }
}
