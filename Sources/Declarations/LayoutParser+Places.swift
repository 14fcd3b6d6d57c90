/// Gives the members of a struct or union their places.
extension LayoutParser {
  mutating func complete(
    _ id: LayoutTypeID, _ members: [LayoutMember], _ attributes: LayoutAttributes,
    _ packing: UInt64
  ) throws(LayoutFault) {
    let isUnion = types[id].kind == .union
    var placement = placement(isUnion: isUnion, attributes, packing)
    var fields: [LayoutField] = []
    var isBase: [Bool] = []
    var names: Set<String> = []
    for (index, member) in members.enumerated() {
      let isLast = index == members.count - 1
      if !member.isBase { try checkNames(member, &names) }
      try checkFlexible(member, id, isLast: isLast)
      let bit = try placement.place(member, types, isLast: isLast)
      if member.isBitField && member.name.isEmpty { continue }
      let type =
        attributes.isBigEndian == true
        ? try types.bigEndian(member.type, isBitField: member.isBitField, member.position)
        : member.type
      fields.append(LayoutField(name: member.name, type: type, bit: bit, width: member.width))
      isBase.append(member.isBase)
      if !types[member.type].isPlain || member.isBase { types[id].isPlain = false }
      if types[member.type].holdsEmptyClass { types[id].holdsEmptyClass = true }
    }
    let position = members.last?.position ?? token.position
    fields = try types.hiding(fields, isBase: isBase)
    types[id].isEmpty =
      options.isCPlusPlus
      && members.allSatisfy {
        $0.width == 0 || ($0.isBase && types[$0.type].isEmpty)
      }
    placement.finish(&types[id])
    types[id].isAlignmentAsked = attributes.ofMember > 0
    if types[id].isEmpty {
      types[id].holdsEmptyClass = true
      types.largestEmptyClass = max(types.largestEmptyClass, types[id].size)
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
        alignment: attributes.ofMember, packing: packing,
        hasEmptyBases: attributes.hasEmptyBases)
    }
    return LayoutPlacement(
      isUnion: isUnion, isPacked: attributes.isPacked,
      isMicrosoft: attributes.isMicrosoft ?? (abi == .mingw), alignment: attributes.ofType,
      packing: packing, leastSize: options.isCPlusPlus ? 1 : 0)
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
