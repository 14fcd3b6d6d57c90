/// Gives the members of a struct or union their places.
extension LayoutParser {
  mutating func complete(
    _ id: LayoutTypeID, _ members: [LayoutMember], _ attributes: LayoutAttributes,
    _ packing: UInt64
  ) throws(LayoutFault) {
    let isUnion = types[id].kind == .union
    var placement = LayoutPlacement(
      isUnion: isUnion, isPacked: attributes.isPacked,
      isMicrosoft: attributes.isMicrosoft ?? (abi == .windows), alignment: attributes.ofType,
      packing: packing)
    var fields: [LayoutField] = []
    var names: Set<String> = []
    for (index, member) in members.enumerated() {
      let isLast = index == members.count - 1
      try checkNames(member, &names)
      try checkFlexible(member, id, isLast: isLast)
      let bit = try placement.place(member, types[member.type], isLast: isLast)
      if member.isBitField && member.name.isEmpty { continue }
      fields.append(
        LayoutField(name: member.name, type: member.type, bit: bit, width: member.width))
    }
    let position = members.last?.position ?? token.position
    (types[id].size, types[id].alignment) = placement.finished()
    if types[id].size > LayoutTypes.largest {
      throw LayoutFault(position, "the type is larger than 2^47 bytes")
    }
    types[id].sharing = types.sharing(types[id].kind, fields)
    types[id].levels = 1 + (fields.map { types[$0.type].levels }.max() ?? 0)
    try types.checkReading(types[id], position)
    types[id].fields = try types.add(fields, position)
    types[id].isComplete = true
  }

  /// An array without a count is a struct's last member.
  private mutating func checkFlexible(
    _ member: LayoutMember, _ id: LayoutTypeID, isLast: Bool
  ) throws(LayoutFault) {
    let type = types[member.type]
    let isFlexible = (type.kind == .array && !type.isComplete) || type.isFlexible
    guard isFlexible else { return }
    let isUnion = types[id].kind == .union
    if type.kind == .array && (isUnion || !isLast) {
      throw LayoutFault(
        member.position, "an array without a count is the last member of a struct or none")
    }
    types[id].isFlexible = true
  }

  /// Names are unique in a record together with those of its anonymous members.
  private func checkNames(
    _ member: LayoutMember, _ names: inout Set<String>
  ) throws(LayoutFault) {
    if member.name.isEmpty {
      if !member.isBitField { try checkNames(of: member.type, member.position, &names) }
    } else if !names.insert(member.name).inserted {
      throw LayoutFault(
        member.position, "'\(Self.shortened(member.name))' is declared twice")
    }
  }

  private func checkNames(
    of id: LayoutTypeID, _ position: Int, _ names: inout Set<String>
  ) throws(LayoutFault) {
    for field in types.fields[types[id].fields] {
      if field.name.isEmpty {
        try checkNames(of: field.type, position, &names)
      } else if !names.insert(field.name).inserted {
        throw LayoutFault(position, "'\(Self.shortened(field.name))' is declared twice")
      }
    }
  }
}
