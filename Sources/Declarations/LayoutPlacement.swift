/// Places the members of one struct or union as gcc does (stor-layout.cc). Positions and alignments
/// are in bits.
struct LayoutPlacement: LayoutPlacing {
  let isUnion: Bool
  let isPacked: Bool
  /// Bit-fields by Microsoft's rules: the default on Windows, or by an attribute.
  let isMicrosoft: Bool
  /// `#pragma pack`; 0: none.
  let packing: UInt64
  /// In bytes; 1 in C++.
  let leastSize: UInt64
  private(set) var recordAlignment: UInt64
  /// In a struct, where the next member may begin; in a union, the largest member's size.
  private var end: UInt64 = 0
  private var run = Run()
  /// In bytes, how far the empty base classes reach, in whose places others may lie.
  private var reach: UInt64 = 0
  private var empties = EmptyClassPlaces()

  /// Microsoft's rule: adjacent bit-fields of one size share a unit.
  private struct Run {
    /// The last bit-field, which the run continues; one with `width` 0 has ended it.
    var previous: (typeSize: UInt64, width: UInt64)?
    /// How many bits of the unit are free.
    var remaining: UInt64 = 0
  }

  /// `alignment`: the record's own `aligned(n)`; `packing`: of `#pragma pack`; both in bytes.
  init(
    isUnion: Bool, isPacked: Bool, isMicrosoft: Bool, alignment: UInt64, packing: UInt64,
    leastSize: UInt64
  ) {
    self.leastSize = leastSize
    self.isUnion = isUnion
    self.isPacked = isPacked
    self.isMicrosoft = isMicrosoft
    self.packing = packing * 8
    recordAlignment = max(8, alignment * 8)
  }

  /// What the rules need to know about a member.
  private struct Needs {
    let size: UInt64
    let typeSize: UInt64
    let typeAlignment: UInt64
    let isBitField: Bool
    let isNamed: Bool
    let isPacked: Bool
    let isZeroWidth: Bool
    var alignment: UInt64
    /// A bit-field that gcc treats like an ordinary integer in its place.
    var isWhole = false
  }

  mutating func place(
    _ member: LayoutMember, _ types: LayoutTypes, isLast: Bool
  ) throws(LayoutFault) -> UInt64 {
    let type = types[member.type]
    if !type.holdsEmptyClass || member.isBitField {
      return try place(member, type, isLast: isLast)
    }
    let isEmptyBase = member.isBase && type.isEmpty
    let bit =
      try isEmptyBase
      ? placeEmptyBase(member, types) : placeApart(member, types, isLast: isLast)
    try empties.add(
      member.type, at: bit / 8, isEmptyBase: isEmptyBase, types, member.position)
    return bit
  }

  /// As often as an empty class in it would lie on another one of its type it moves on.
  private mutating func placeApart(
    _ member: LayoutMember, _ types: LayoutTypes, isLast: Bool
  ) throws(LayoutFault) -> UInt64 {
    while true {
      var tried = self
      let bit = try tried.place(member, types[member.type], isLast: isLast)
      if isUnion {
        self = tried
        return bit
      }
      let meets = try empties.meets(member.type, at: bit / 8, types, member.position)
      tried.empties = empties
      if !meets {
        self = tried
        return bit
      }
      end += types[member.type].alignment * 8
    }
  }

  /// At 0, where others may lie, or else behind what there is so far.
  private mutating func placeEmptyBase(
    _ member: LayoutMember, _ types: LayoutTypes
  ) throws(LayoutFault) -> UInt64 {
    let type = types[member.type]
    var offset: UInt64 = 0
    if try empties.meets(member.type, at: 0, types, member.position) {
      offset = Self.roundUp((end + 7) / 8, type.alignment)
      while try empties.meets(member.type, at: offset, types, member.position) {
        offset += type.alignment
      }
    }
    recordAlignment = max(recordAlignment, type.alignment * 8)
    reach = max(reach, offset + type.size)
    return offset * 8
  }

  /// The bit at which the member begins.
  private mutating func place(
    _ member: LayoutMember, _ type: LayoutType, isLast: Bool
  ) throws(LayoutFault) -> UInt64 {
    if member.isBase { return placeBase(type) }
    let known = end == 0 || isUnion ? 0 : end & (~end &+ 1)
    let needs = self.needs(member, type, known)
    raiseRecordAlignment(needs)
    if isUnion {
      end = max(end, (needs.size + 7) / 8 * 8)
      return 0
    }
    let isMisaligned = known != 0 && known < needs.alignment
    if isMisaligned && run.previous == nil { end = Self.roundUp(end, needs.alignment) }
    if isMicrosoft {
      continueRun(needs, isMisaligned)
    } else if needs.isBitField && !needs.isWhole && !needs.isPacked && packing == 0
      && !needs.isZeroWidth && spansTooFar(needs)
    {
      end = Self.roundUp(end, needs.typeAlignment)
    }
    let start = end
    end += needs.size
    if isMicrosoft && needs.isBitField {
      if run.previous == nil { run.previous = (needs.typeSize, needs.size) }
      if isLast && !needs.isZeroWidth { end += run.remaining }
    }
    if end > LayoutTypes.largest * 8 {
      throw LayoutFault(member.position, "the type is larger than 2^47 bytes")
    }
    return start
  }

  func finish(_ type: inout LayoutType) {
    let taken = max((end + 7) / 8, reach)
    type.alignment = recordAlignment / 8
    type.size = Self.roundUp(max(taken, leastSize), type.alignment)
    type.baseSize = type.isPlain && !type.isEmpty ? type.size : taken
  }

  /// Base classes come first, without the padding at their ends if they are no plain data.
  private mutating func placeBase(_ type: LayoutType) -> UInt64 {
    let alignment = packing != 0 ? min(type.alignment * 8, packing) : type.alignment * 8
    recordAlignment = max(recordAlignment, isPacked ? 8 : alignment)
    let start = Self.roundUp(end, isPacked ? 8 : alignment)
    end = start + type.baseSize * 8
    return start
  }

  // MARK: Alignment

  private func needs(_ member: LayoutMember, _ type: LayoutType, _ known: UInt64) -> Needs {
    let isZero = member.width == 0
    let typeAlignment = type.alignment * 8
    // One byte needs no packing, so "packed" has no meaning there.
    let isPacked =
      (member.isPacked || isPacked) && (member.isBitField || typeAlignment > 8)
    var needs = Needs(
      size: member.width ?? type.size * 8, typeSize: type.size * 8, typeAlignment: typeAlignment,
      isBitField: member.isBitField, isNamed: !member.name.isEmpty, isPacked: isPacked,
      isZeroWidth: isZero, alignment: max(1, member.alignment * 8))
    let hasOwn = member.alignment > 0
    let isFree = isZero && !isMicrosoft  // no packing applies to it
    if member.isBitField {
      if isFree { needs.alignment = max(needs.alignment, typeAlignment) }
      let isByteSized = [8, 16, 32, 64].contains(needs.size)
      if isByteSized && !(needs.size > 8 && isPacked) && (known == 0 || known >= needs.size) {
        needs.alignment = max(needs.alignment, needs.size)
        needs.isWhole = true
      }
    } else if !(isPacked && hasOwn) {
      needs.alignment = max(needs.alignment, typeAlignment)
    }
    if isPacked && !hasOwn && !isFree { needs.alignment = min(needs.alignment, 8) }
    if packing != 0 && !isFree { needs.alignment = min(needs.alignment, packing) }
    return needs
  }

  private mutating func raiseRecordAlignment(_ needs: Needs) {
    if isMicrosoft {
      raiseMicrosoft(needs)
    } else if !needs.isBitField {
      recordAlignment = max(recordAlignment, needs.alignment)
    } else if needs.isNamed {
      var alignment = needs.typeAlignment
      if packing != 0 {
        alignment = min(alignment, packing)
      } else if needs.isPacked {
        alignment = min(alignment, 8)
      }
      recordAlignment = max(recordAlignment, needs.alignment, alignment)
    }
  }

  /// A bit-field's type aligns the record; a width of 0 does so only after another bit-field.
  private mutating func raiseMicrosoft(_ needs: Needs) {
    let endsRun = (run.previous?.width ?? 0) != 0
    if needs.isBitField && !(needs.isZeroWidth ? endsRun : !needs.isPacked) { return }
    let isOwn = !needs.isBitField && needs.isPacked
    var alignment = isOwn ? needs.alignment : max(needs.typeAlignment, needs.alignment)
    if packing != 0 { alignment = min(alignment, packing) }
    recordAlignment = max(recordAlignment, alignment)
  }

  // MARK: Bit-fields

  /// System V ABI, 3.1.2: a bit-field must not cross more units of its type than the type itself
  /// has.
  private func spansTooFar(_ needs: Needs) -> Bool {
    let align = needs.typeAlignment
    let units = (end % align + needs.size + align - 1) / align
    return units > needs.typeSize / align
  }

  private mutating func continueRun(_ needs: Needs, _ isMisaligned: Bool) {
    var before = run.previous
    if let previous = run.previous {
      var realigns = isMisaligned
      if needs.isBitField && !needs.isZeroWidth && previous.width != 0
        && needs.typeSize == previous.typeSize
      {
        realigns = takeFromUnit(needs) && realigns
      } else {
        if previous.width != 0 { end += run.remaining } else { before = nil }
        if !needs.isBitField || needs.isZeroWidth { run.previous = nil }
      }
      if realigns { end = Self.roundUp(end, needs.alignment) }
    }
    let beginsRun =
      before.map { needs.typeSize != $0.typeSize } ?? !needs.isZeroWidth
    if !needs.isBitField || beginsRun { beginRun(needs) }
  }

  /// True: the unit had no room, so another one begins.
  private mutating func takeFromUnit(_ needs: Needs) -> Bool {
    if run.remaining >= needs.size {
      run.remaining -= needs.size
      return false
    }
    end += run.remaining
    run.previous = (needs.typeSize, needs.size)
    run.remaining = needs.typeSize - needs.size
    return true
  }

  private mutating func beginRun(_ needs: Needs) {
    run.remaining = needs.typeSize - min(needs.typeSize, needs.size)
    var alignment = needs.isPacked ? 8 : needs.typeAlignment
    if packing != 0 { alignment = min(alignment, packing) }
    end = Self.roundUp(end, alignment)
    run.previous = nil
  }

  private static func roundUp(_ value: UInt64, _ alignment: UInt64) -> UInt64 {
    (value + alignment - 1) & ~(alignment - 1)
  }
}
