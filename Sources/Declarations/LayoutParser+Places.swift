/// Gives the members of a struct or union their places.
extension LayoutParser {
  mutating func complete(
    _ id: LayoutTypeID, _ members: [LayoutMember], _ attributes: LayoutAttributes,
    _ packing: UInt64
  ) throws(LayoutFault) {
    let isUnion = types[id].kind == .union
    var placement = placement(isUnion: isUnion, attributes, packing)
    var fields: [LayoutField] = []
    var names: Set<String> = []
    for (index, member) in members.enumerated() {
      let isLast = index == members.count - 1
      try checkNames(member, &names)
      try checkFlexible(member, id, isLast: isLast)
      if member.isBase { try checkBase(members) }
      let bit = try placement.place(member, types[member.type], isLast: isLast)
      if member.isBitField && member.name.isEmpty { continue }
      let type =
        attributes.isBigEndian == true
        ? try types.bigEndian(member.type, isBitField: member.isBitField, member.position)
        : member.type
      fields.append(LayoutField(name: member.name, type: type, bit: bit, width: member.width))
      if !types[member.type].isPlain || member.isBase { types[id].isPlain = false }
    }
    let position = members.last?.position ?? token.position
    types[id].baseSize = placement.baseSize
    types[id].isEmpty =
      options.isCPlusPlus
      && members.allSatisfy {
        $0.width == 0 || ($0.isBase && types[$0.type].isEmpty)
      }
    (types[id].size, types[id].alignment) = placement.finished()
    types[id].requiredAlignment = placement.requiredAlignment
    types[id].isAlignmentAsked = attributes.ofMember > 0
    if types[id].isPlain && !types[id].isEmpty && abi != .windows {
      types[id].baseSize = types[id].size
    }
    if types[id].size > LayoutTypes.largest {
      throw LayoutFault(position, "the type is larger than 2^47 bytes")
    }
    types[id].sharing = types.sharing(types[id].kind, fields)
    types[id].levels = 1 + (fields.map { types[$0.type].levels }.max() ?? 0)
    try types.checkReading(types[id], position)
    types[id].fields = try types.add(fields, position)
    types[id].isComplete = true
  }

  private func placement(
    isUnion: Bool, _ attributes: LayoutAttributes, _ packing: UInt64
  ) -> any LayoutPlacing {
    if abi == .windows {
      return MicrosoftPlacement(
        isUnion: isUnion, isPacked: attributes.isPacked, isCPlusPlus: options.isCPlusPlus,
        alignment: attributes.ofMember, packing: packing)
    }
    return LayoutPlacement(
      isUnion: isUnion, isPacked: attributes.isPacked,
      isMicrosoft: attributes.isMicrosoft ?? (abi == .mingw), alignment: attributes.ofType,
      packing: packing, leastSize: options.isCPlusPlus ? 1 : 0)
  }

  /// An empty base class shares its place with the first member, unless that has its type: then
  /// compilers move one of them.
  private func checkBase(_ members: [LayoutMember]) throws(LayoutFault) {
    guard types[members[0].type].isEmpty else { return }
    for member in members.dropFirst() where holdsEmpty(member.type) {
      throw LayoutFault(
        member.position,
        "an empty class beside an empty base class is not supported: moonpool layout asks a compiler"
      )
    }
  }

  private func holdsEmpty(_ id: LayoutTypeID) -> Bool {
    var type = types[id]
    while type.kind == .array { type = types[type.element] }
    if type.isEmpty { return true }
    guard type.kind == .record || type.kind == .union else { return false }
    return types.fields[type.fields].contains { holdsEmpty($0.type) }
  }

  /// An array without a count must be a struct's last member (C11, 6.7.2.1p18).
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

  /// Names must be unique in a record, including those in its anonymous members.
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
