/// In C++ a class's own member hides one of that name in a base, and a name that two bases have means
/// neither: such a member keeps its bytes, but no path leads to it.
extension LayoutTypes {
  /// The fields with bases (`isBase`, of each) that have only what can be named.
  mutating func hiding(
    _ fields: [LayoutField], isBase: [Bool]
  ) throws(LayoutFault) -> [LayoutField] {
    guard isBase.contains(true) else { return fields }
    var own: Set<String> = []
    var inherited: [String: Int] = [:]
    for (field, isBase) in zip(fields, isBase) {
      var names: Set<String> = field.name.isEmpty ? [] : [field.name]
      if field.name.isEmpty { addNames(of: field.type, to: &names) }
      if isBase {
        for name in names { inherited[name, default: 0] += 1 }
      } else {
        own.formUnion(names)
      }
    }
    let hidden = Set(inherited.filter { $0.value > 1 || own.contains($0.key) }.keys)
    if hidden.isEmpty { return fields }
    var result = fields
    for (index, field) in fields.enumerated() where isBase[index] {
      result[index] = LayoutField(
        name: field.name, type: try without(hidden, field.type), bit: field.bit)
    }
    return result
  }

  private func addNames(of id: LayoutTypeID, to names: inout Set<String>) {
    for field in fields[self[id].fields] {
      if field.name.isEmpty {
        addNames(of: field.type, to: &names)
      } else {
        names.insert(field.name)
      }
    }
  }

  private mutating func without(
    _ names: Set<String>, _ id: LayoutTypeID
  ) throws(LayoutFault) -> LayoutTypeID {
    var kept: [LayoutField] = []
    var isChanged = false
    for field in fields[self[id].fields] {
      if names.contains(field.name) {
        isChanged = true
        continue
      }
      let isInner = field.name.isEmpty && self[field.type].isRecordOrUnion
      let type = isInner ? try without(names, field.type) : field.type
      isChanged = isChanged || type != field.type
      kept.append(LayoutField(name: field.name, type: type, bit: field.bit, width: field.width))
    }
    if !isChanged { return id }
    var copy = self[id]
    copy.whole = copy.whole ?? id
    copy.fields = try add(kept, 0)
    return try add(copy, 0)
  }
}
