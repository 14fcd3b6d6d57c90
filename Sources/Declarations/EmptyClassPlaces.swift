/// Where empty classes lie in one class of C++. Two objects of one type never have one address, so
/// that a base or member whose empty part would meet another one moves on (Itanium C++ ABI, 2.4).
struct EmptyClassPlaces {
  private var places: [UInt64: Set<LayoutTypeID>] = [:]
  private var last: UInt64 = 0
  private var steps = 0

  /// Of one class: hostile declarations nest empty ones without end.
  static let mostSteps = 4096

  /// Would an empty class of this type come to lie on another one of its own type?
  mutating func meets(
    _ id: LayoutTypeID, at offset: UInt64, _ types: LayoutTypes, _ position: Int
  ) throws(LayoutFault) -> Bool {
    if places.isEmpty { return false }
    var isMet = false
    try walk(id, offset, until: last, types, position) { empty, place, known in
      isMet = isMet || known[place]?.contains(empty) == true
    }
    return isMet
  }

  mutating func add(
    _ id: LayoutTypeID, at offset: UInt64, isEmptyBase: Bool, _ types: LayoutTypes,
    _ position: Int
  ) throws(LayoutFault) {
    // What follows goes to the end, or is an empty base at 0, which reaches no further than this.
    let end = isEmptyBase ? UInt64.max : types.largestEmptyClass
    var furthest = last
    try walk(id, offset, until: end, types, position) { empty, place, known in
      known[place, default: []].insert(empty)
      furthest = max(furthest, place)
    }
    last = furthest
  }

  /// Goes through the empty classes in a type, the type itself included.
  private mutating func walk(
    _ id: LayoutTypeID, _ offset: UInt64, until end: UInt64, _ types: LayoutTypes,
    _ position: Int, _ visit: (LayoutTypeID, UInt64, inout [UInt64: Set<LayoutTypeID>]) -> Void
  ) throws(LayoutFault) {
    let id = types[id].whole ?? id
    let type = types[id]
    if !type.holdsEmptyClass || offset > end { return }
    steps += 1
    if steps > Self.mostSteps {
      throw LayoutFault(position, "too many empty classes are in each other here")
    }
    if type.kind == .array {
      let size = types[type.element].size
      for index in 0..<type.count {
        let place = offset + index * size
        if place > end { return }
        try walk(type.element, place, until: end, types, position, visit)
      }
      return
    }
    if type.isEmpty { visit(id, offset, &places) }
    for field in types.fields[type.fields] {
      try walk(field.type, offset + field.bit / 8, until: end, types, position, visit)
    }
  }
}
