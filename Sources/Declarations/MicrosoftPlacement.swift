/// Places the members of one struct or union as Microsoft's compiler for x64 does (clang's
/// RecordLayoutBuilder.cpp describes the rules). All in bytes.
///
/// A bit-field takes a whole unit of its type; the following ones share it if their types have the
/// same size and there is room. `#pragma pack` lowers types' own alignments, but never what
/// `aligned`, `alignas` or `__declspec(align)` demand. A base class keeps its padding.
struct MicrosoftPlacement: LayoutPlacing {
  private let isUnion: Bool
  private let isCPlusPlus: Bool
  /// The largest alignment that a type gets by itself; 0: no limit.
  private let most: UInt64
  private let own: UInt64
  private var size: UInt64 = 0
  private var alignment: UInt64 = 1
  private var requiredAlignment: UInt64 = 1
  /// The unit that the last bit-field left open: its size, and how many bits are free.
  private var unit: (size: UInt64, free: UInt64)?
  /// `__declspec(empty_bases)`: empty ones all lie at 0.
  private let hasEmptyBases: Bool
  private var bases = 0
  private var leadsWithEmptyBase = false
  /// Is the last class that was placed, base or member, one without size or with such an end?
  private var endsWithEmptyClass = false

  /// `alignment`: what the record itself demands; 0: nothing.
  init(
    isUnion: Bool, isPacked: Bool, isCPlusPlus: Bool, alignment: UInt64, packing: UInt64,
    hasEmptyBases: Bool
  ) {
    self.isUnion = isUnion
    self.hasEmptyBases = hasEmptyBases
    self.isCPlusPlus = isCPlusPlus
    own = alignment
    most = isPacked ? 1 : packing > 8 ? 0 : packing
  }

  mutating func place(
    _ member: LayoutMember, _ types: LayoutTypes, isLast: Bool
  ) throws(LayoutFault) -> UInt64 {
    let type = types[member.type]
    let innermost = types.innermost(member.type)
    if !member.isBase && !member.isBitField && types[innermost].isRecordOrUnion {
      endsWithEmptyClass = types[innermost].endsWithEmptyClass
    }
    let bit =
      member.isBase
      ? placeBase(type)
      : member.width.map { placeBits(member, type, $0) } ?? placeWhole(member, type)
    if size > LayoutTypes.largest {
      throw LayoutFault(member.position, "the type is larger than 2^47 bytes")
    }
    return bit
  }

  private func bounded(_ alignment: UInt64) -> UInt64 {
    most == 0 ? alignment : min(alignment, most)
  }

  /// The alignment of a member in its place. Also raises what the record requires.
  private mutating func alignment(of member: LayoutMember, _ type: LayoutType) -> UInt64 {
    var wanted = type.naturalAlignment == 0 ? type.alignment : type.naturalAlignment
    let demanded = max(
      member.alignment, type.requiredAlignment, type.isAlignmentAsked ? type.alignment : 0)
    if member.isBitField {
      wanted = max(wanted, demanded)
    } else {
      requiredAlignment = max(requiredAlignment, demanded)
    }
    wanted = bounded(wanted)
    if member.isPacked { wanted = 1 }
    return max(wanted, demanded)
  }

  private mutating func placeWhole(_ member: LayoutMember, _ type: LayoutType) -> UInt64 {
    unit = nil
    let wanted = alignment(of: member, type)
    alignment = max(alignment, wanted)
    let start = isUnion ? 0 : Self.roundUp(size, wanted)
    size = max(size, start + type.size)
    return start * 8
  }

  private mutating func placeBits(
    _ member: LayoutMember, _ type: LayoutType, _ width: UInt64
  ) -> UInt64 {
    if width == 0 { return endUnit(member, type) }
    if !isUnion, let open = unit, open.size == type.size, width <= open.free {
      unit = (open.size, open.free - width)
      return size * 8 - open.free
    }
    let wanted = alignment(of: member, type)
    unit = (type.size, type.size * 8 - width)
    if isUnion {
      size = max(size, type.size)
      return 0
    }
    let start = Self.roundUp(size, wanted)
    alignment = max(alignment, wanted)
    size = start + type.size
    return start * 8
  }

  /// A width of 0 only has an effect after a bit-field.
  private mutating func endUnit(_ member: LayoutMember, _ type: LayoutType) -> UInt64 {
    guard unit != nil else { return isUnion ? 0 : size * 8 }
    unit = nil
    let wanted = alignment(of: member, type)
    if isUnion {
      size = max(size, type.size)
      return 0
    }
    alignment = max(alignment, wanted)
    size = Self.roundUp(size, wanted)
    return size * 8
  }

  /// Behind the one before; a byte keeps two empty ones apart.
  private mutating func placeBase(_ type: LayoutType) -> UInt64 {
    let isApart = bases > 0 && endsWithEmptyClass && type.leadsWithEmptyBase
    if isApart && !hasEmptyBases { size += 1 }
    if bases == 0 { leadsWithEmptyBase = type.leadsWithEmptyBase }
    endsWithEmptyClass = type.endsWithEmptyClass
    bases += 1
    alignment = max(alignment, bounded(type.alignment))
    requiredAlignment = max(requiredAlignment, type.requiredAlignment)
    if hasEmptyBases && type.isEmpty && type.baseSize == 0 { return 0 }
    let start = Self.roundUp(size, max(bounded(type.alignment), type.requiredAlignment))
    size = start + type.baseSize
    return start * 8
  }

  /// As a base class: rounded to what the members want, not to what the record demands.
  private var baseSize: UInt64 { Self.roundUp(size, bounded(alignment)) }

  mutating func finish(_ type: inout LayoutType) {
    type.baseSize = baseSize
    // C rounds to what bit-fields demand, too, which no packing bounds.
    size = isCPlusPlus ? baseSize : Self.roundUp(size, alignment)
    requiredAlignment = max(requiredAlignment, own)
    alignment = max(alignment, requiredAlignment)
    size = Self.roundUp(size, max(bounded(alignment), requiredAlignment))
    if size == 0 {
      if !hasEmptyBases || !type.isEmpty { (leadsWithEmptyBase, endsWithEmptyClass) = (true, true) }
      let least: UInt64 = isCPlusPlus ? 1 : 4
      size = requiredAlignment >= least ? alignment : least
    }
    (type.size, type.alignment) = (size, alignment)
    type.requiredAlignment = requiredAlignment
    type.leadsWithEmptyBase = leadsWithEmptyBase
    type.endsWithEmptyClass = endsWithEmptyClass
  }

  private static func roundUp(_ value: UInt64, _ alignment: UInt64) -> UInt64 {
    (value + alignment - 1) & ~(alignment - 1)
  }
}
