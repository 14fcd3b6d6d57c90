internal import CLuaShm

/// What a step did, in words for people.
struct Narration {
  var effect = ""
  var woken: [Int] = []
  /// A mutex was taken whose owner had died with it.
  var isAbandoned = false
  /// The word that it wrote, with the value before and after.
  var change: (object: Int, at: Int, before: UInt64, after: UInt64)?
  /// The word that it read.
  var look: (object: Int, at: Int, value: UInt64)?

  mutating func tell(
    _ model: Model, _ operation: Model.Operation, _ process: Int, _ pending: Pending,
    _ before: [[UInt8]], _ conclusion: Model.Conclusion
  ) {
    let after = model.bytes(pending.accesses)
    let op = luashm_op(pending.op)
    if op == LUASHM_OP_CELL_WAKE {
      let names = woken.map { model.outline.actors[$0].name }.joined(separator: ", ")
      effect = names.isEmpty ? "wakes nobody" : "wakes \(names)"
      return
    }
    if op == LUASHM_OP_CELL_WAIT {
      effect = conclusion == .timeout ? "times out" : "goes on"
    }
    if op == LUASHM_OP_CELL_CAS {
      effect = operation.pointee.holds ? "" : "swaps nothing"
    }
    for (index, access) in pending.accesses.enumerated() {
      guard let object = access.space.objectOfBytes else { continue }
      let (old, new) = (before[index], after[index])
      if access.writes && old.count <= 8 {
        if op != LUASHM_OP_CELL_CAS || operation.pointee.holds {
          change = (object, access.low, Self.number(old), Self.number(new))
        }
      } else if !access.writes && old.count <= 8 && change == nil {
        look = (object, access.low, Self.number(old))
      } else if old.count > 8 {
        effect = access.writes ? "writes \(old.count) bytes" : "reads \(old.count) bytes"
      }
    }
    if conclusion == .timeout { effect = "times out" }
  }

  static func number(_ bytes: [UInt8]) -> UInt64 {
    bytes.prefix(8).enumerated().reduce(0) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) }
  }
}

extension Model {
  /// The bytes that accesses mean, as they are now.
  func bytes(_ accesses: [Access]) -> [[UInt8]] {
    accesses.map { access in
      guard let object = access.space.objectOfBytes else { return [] }
      let start = heap + world.objects[object].offset + access.low
      return Array(UnsafeRawBufferPointer(start: start, count: min(access.high - access.low, 64)))
    }
  }
}
