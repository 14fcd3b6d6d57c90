extension Layout {
  /// A member that is no struct or union itself, and the path to it: `cells[].celsius`, one entry
  /// for all elements of an array.
  package struct Member: Hashable {
    package let path: String
    /// In bytes from the start of the whole; for an array's element, the first one's.
    package let offset: UInt64
    package let size: UInt64
    /// The lengths of the arrays that it is or is in, the outermost first; 0: `[]`.
    package let counts: [UInt64]
    /// A bit-field's lowest bit, else 0.
    package let bit: UInt64
    package let width: UInt64
    package let type: String
    package let kind: String
    package let isBigEndian: Bool
  }

  private static let mostMembers = 100_000

  /// All members in the order of the declaration.
  package var members: [Member] { members(whole: []) }

  /// Structs and unions with these names count as one member each.
  private func members(whole: Set<String>) -> [Member] {
    var result: [Member] = []
    collect(root, "", 0, [], whole, &result)
    return result
  }

  /// Types from the table of headers' structures: only their sizes are the header's.
  private var assumed: Set<String> {
    Set(
      (0..<types.count).lazy.map { types[$0] }
        .filter { $0.isAssumed && ($0.kind == .record || $0.kind == .union) && !$0.name.isEmpty }
        .map(\.name))
  }

  private func collect(
    _ id: LayoutTypeID, _ path: String, _ base: UInt64, _ counts: [UInt64],
    _ whole: Set<String>, _ result: inout [Member]
  ) {
    var type = types[id]
    var counts = counts
    var path = path
    while type.kind == .array {
      counts.append(type.isComplete ? type.count : 0)
      path += "[]"
      type = types[type.element]
    }
    guard type.kind == .record || type.kind == .union, !whole.contains(type.name) else {
      result.append(Self.member(path, base, counts, type))
      return
    }
    for field in types.fields[type.fields] where result.count < Self.mostMembers {
      let place = types.place(field, in: type)
      let inner = path.isEmpty || field.name.isEmpty ? path + field.name : "\(path).\(field.name)"
      if let width = field.width {
        result.append(
          Self.member(inner, base + place.offset, counts, types[field.type], place.bit, width))
      } else {
        collect(field.type, inner, base + place.offset, counts, whole, &result)
      }
    }
  }

  private static func member(
    _ path: String, _ offset: UInt64, _ counts: [UInt64], _ type: LayoutType,
    _ bit: UInt64 = 0, _ width: UInt64 = 0
  ) -> Member {
    Member(
      path: path, offset: offset, size: type.size, counts: counts, bit: bit, width: width,
      type: type.name, kind: type.kindName, isBigEndian: type.isBigEndian)
  }

  /// The same, for declarations in which only the other layout has padding written out.
  package func difference(fromPadded other: Layout) -> String? {
    if size != other.size { return "the size: \(size) and \(other.size)" }
    var known = Dictionary(other.members.map { ($0.path, $0) }) { first, _ in first }
    for member in members where member.kind == "bytes" {
      known[member.path] = known[member.path + "[]"]
    }
    for member in members {
      guard let same = known[member.path] else { return "\(member.path) is missing" }
      let isAlike =
        member.counts == same.counts && member.firstBit == same.firstBit
        && member.width == same.width && member.kind == same.kind
        && (member.width > 0 || member.size == same.size)
      // A type that C does not have is an array of its bytes there.
      if !isAlike && member.kind != "bytes" { return member.path }
    }
    return nil
  }

  /// The first member about which the two layouts disagree; nil: they agree about all memory. Names
  /// of types do not count, nor the units in which bit-fields are shown.
  package func difference(from other: Layout) -> String? {
    if size != other.size { return "the size: \(size) and \(other.size)" }
    if isAlignmentTold && other.isAlignmentTold && alignment != other.alignment {
      return "the alignment: \(alignment) and \(other.alignment)"
    }
    let whole = assumed.union(other.assumed)
    let (ours, theirs) = (members(whole: whole), other.members(whole: whole))
    for (left, right) in zip(ours, theirs) {
      if left.path != right.path { return "the members \(left.path) and \(right.path)" }
      if left.counts != right.counts {
        return "\(left.path): \(left.counts) and \(right.counts) elements"
      }
      let (first, second) = (left.firstBit, right.firstBit)
      if first != second { return "\(left.path): bit \(first) and \(second)" }
      if left.width != right.width || (left.width == 0 && left.size != right.size) {
        return "\(left.path): \(left.size) and \(right.size) bytes"
      }
      if left.isBigEndian != right.isBigEndian { return "\(left.path): the order of its bytes" }
      if left.kind != right.kind { return "\(left.path): \(left.kind) and \(right.kind)" }
    }
    return ours.count == theirs.count ? nil : "\(ours.count) and \(theirs.count) members"
  }
}

extension Layout.Member {
  /// Counted from the start of the whole, in the order of bits in memory.
  var firstBit: UInt64 {
    isBigEndian && width > 0 ? offset * 8 + size * 8 - bit - width : offset * 8 + bit
  }
}

extension LayoutType {
  fileprivate var kindName: String {
    switch kind {
    case .unsigned: "unsigned"
    case .signed: "signed"
    case .floating: "float"
    case .boolean: "bool"
    case .pointer: "pointer"
    case .character: "character"
    case .wide: "wide"
    default: "bytes"
    }
  }
}
