internal import CLuaShm
internal import Scenarios

/// A place on the path of a search, to come back to.
struct Point {
  let world: World
  fileprivate let versions: [Model.Version]
  fileprivate let undone: Int
  fileprivate let told: [UInt64]
  fileprivate let order: Model.Order
  fileprivate let failures: UInt32
  fileprivate let table: [UInt8]
}

extension Model {
  /// What is noted of the order between actors.
  struct Order: Equatable {
    let marks, returned, called: UInt64
  }

  var order: Order {
    get {
      Order(
        marks: shared.pointee.order, returned: shared.pointee.returned,
        called: shared.pointee.called)
    }
    set {
      shared.pointee.order = newValue.marks
      shared.pointee.returned = newValue.returned
      shared.pointee.called = newValue.called
    }
  }

  /// Remembers where we are; until we come back the actors' images are kept when they move.
  func mark() -> Point {
    for version in versions { version.isWanted = true }
    return Point(
      world: world, versions: versions, undone: undone.count,
      told: (0...actorCount).map { ledger.told($0) } + [ledger.memory.pointee.order],
      order: order, failures: shared.pointee.failures,
      table: [UInt8](unsafeUninitializedCapacity: luashm_table_size()) { buffer, count in
        luashm_save_table(buffer.baseAddress)
        count = buffer.count
      })
  }

  func comeBack(to point: Point) {
    for process in versions.indices where versions[process] !== point.versions[process] {
      if let image = point.versions[process].image {
        luashm_actor_put_back(actors[process], image)
      }
    }
    versions = point.versions
    world = point.world
    undo(to: point.undone)
    for part in 0...actorCount { ledger.setTold(part, point.told[part]) }
    ledger.memory.pointee.order = point.told[actorCount + 1]
    order = point.order
    shared.pointee.failures = point.failures
    point.table.withUnsafeBytes { luashm_restore_table($0.baseAddress) }
  }

  /// All that the future depends on.
  func key() -> Digest {
    var digest = Digest()
    for process in world.processes {
      if fault != .keyWithoutPhases { digest.add(UInt64(process.phase.rawValue)) }
      if fault != .keyWithoutLocals { digest.add(process.local) }
      digest.add(UInt64(bitPattern: process.deadline == .max ? -1 : process.deadline - world.time))
      digest.add(UInt64(UInt32(bitPattern: process.status)))
      if let copy = process.copy, fault != .keyWithoutCopies { copy.add(to: &digest) }
    }
    for sleeper in world.sleepers where fault != .keyWithoutSleepers {
      digest.add(sleeper.process << 32 | sleeper.object)
      digest.add(sleeper.at)
    }
    add(objectsTo: &digest)
    digest.add(UInt64(bitPattern: world.time))
    digest.add(world.kills << 32 | world.earlyTimeouts)
    digest.add(shared.pointee.failures > 0 ? 1 : 0)
    if actors[director].pointee.watches && fault != .keyWithoutVariables {
      digest.add(luashm_actor_variables(actors[director]))
    }
    if ordersMarks && fault != .keyWithoutOrder {
      for word in [order.marks, order.returned, order.called] { digest.add(word) }
    }
    return digest
  }

  private func add(objectsTo digest: inout Digest) {
    for object in world.objects {
      var handles: UInt64 = object.isLinked ? 1 : 0
      for count in object.handles { handles = handles &* 1_000_003 &+ UInt64(count) }
      digest.add(handles)
      digest.add(object.name << 32 | Int(object.depth))
      if object.kind == 0 {
        if fault == .keyWithoutMemory { continue }
        digest.add(object.size)
        digest.add(luashm_digest(heap + object.offset, object.extent, 0))
      } else {
        if fault != .keyWithoutNamed { digest.add(object.state.rawValue) }
        if fault != .keyWithoutMessages { object.records.add(to: &digest) }
      }
    }
  }
}
