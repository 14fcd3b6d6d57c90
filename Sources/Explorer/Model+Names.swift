internal import CLuaShm
internal import CShm
internal import LuaHost
internal import SharedMemory

/// Names, with the outcomes of the lifetime's protocol: made, existed, nobody's, and gone with the
/// last handle.
extension Model {
  private func bytes(_ text: luashm_bytes) -> [UInt8] {
    text.data.map { Array(UnsafeRawBufferPointer(start: $0, count: text.length)) } ?? []
  }

  /// The number of a name; it is the same for all ways to write it.
  private func number(_ name: ObjectName) -> Int {
    if let index = names.firstIndex(where: { $0.place == name.place && $0.bytes == name.bytes }) {
      return index
    }
    names.append(name)
    return names.count - 1
  }

  func nameAccesses(_ operation: Operation) -> [Access] {
    let text = bytes(operation.pointee.text)
    guard !text.isEmpty, let name = try? ObjectName(text, for: "open") else { return [] }
    let number = number(name)
    var accesses = [Access(.name(number), writes: true)]
    if let object = linked(number) { accesses.append(Access(.holders(object), writes: true)) }
    return accesses
  }

  private func linked(_ name: Int) -> Int? {
    world.objects.firstIndex { $0.isLinked && $0.name == name }
  }

  /// Whether nobody holds an object of the name.
  func isGone(_ text: [UInt8]) -> Bool {
    guard let name = try? ObjectName(text, for: "open") else { return true }
    return linked(number(name)) == nil
  }

  func performOnName(_ operation: Operation, _ op: luashm_op, _ process: Int) {
    switch op {
    case LUASHM_OP_CLOSE, LUASHM_OP_CLOSE_NAMED: close(operation, process)
    case LUASHM_OP_MAP: map(operation, process)
    case LUASHM_OP_CHECK, LUASHM_OP_CHECK_NAMED:
      if object(operation.pointee.object) == nil {
        operation.pointee.answer = LUASHM_ANSWER_CLOSED
      }
    default:
      do throws(SharedMemoryError) {
        try acquire(operation, op, process)
      } catch {
        fail(operation, error)
      }
    }
  }

  // MARK: - Making and opening

  private func acquire(
    _ operation: Operation, _ op: luashm_op, _ process: Int
  ) throws(SharedMemoryError) {
    let text = bytes(operation.pointee.text)
    if text.starts(with: "Wine\\".utf8) {
      refuse(operation, process, "a name under Wine")
      return
    }
    switch op {
    case LUASHM_OP_UNLINK: try unlink(text)
    case LUASHM_OP_OPEN, LUASHM_OP_OPEN_NAMED: try open(operation, text, process)
    default: try create(operation, text, process)
    }
  }

  private func unlink(_ text: [UInt8]) throws(SharedMemoryError) {
    let name = try ObjectName(text, for: "unlink")
    guard name.place == .raw else {
      throw SharedMemoryError(
        .invalidParameter, "unlink", name.text,
        "only POSIX names (/name) are removed; this one goes with its last handle")
    }
    guard let object = linked(number(name)) else {
      throw SharedMemoryError(
        .fileNotFound, errno: .notFound, "unlink", name.text, "there is no such name")
    }
    world.objects[object].isLinked = false
  }

  private func kind(_ operation: Operation) -> UInt32 {
    operation.pointee.named?.pointee.kind ?? 0
  }

  private func open(
    _ operation: Operation, _ text: [UInt8], _ process: Int
  ) throws(SharedMemoryError) {
    if text.isEmpty {
      throw SharedMemoryError(
        .invalidHandle, "open", "", "an object without a name cannot be opened; give its name")
    }
    let name = try ObjectName(text, for: "open")
    guard let object = linked(number(name)) else {
      throw SharedMemoryError(
        .fileNotFound, "open", name.text,
        "no process holds an object of this name; start the one that creates it first")
    }
    try check(object, kind(operation), "open", name)
    take(operation, object, process)
  }

  private func check(
    _ object: Int, _ kind: UInt32, _ verb: String, _ name: ObjectName
  ) throws(SharedMemoryError) {
    if world.objects[object].kind == kind { return }
    func one(_ kind: UInt32) -> (name: String, one: String) {
      WaitableKinds.numbered(kind).map { ($0.name, $0.one) } ?? ("mapping", "a mapping")
    }
    let found = one(world.objects[object].kind)
    throw SharedMemoryError(
      .invalidHandle, verb, name.text,
      "the name belongs to another type (\(found.name)), not \(one(kind).one); open it as "
        + "\(found.one), or look at it with 'moonpool stat'")
  }

  private func create(
    _ operation: Operation, _ text: [UInt8], _ process: Int
  ) throws(SharedMemoryError) {
    let kind = kind(operation)
    if let rules = WaitableKinds.numbered(kind), !Self.isModelled(rules) {
      refuse(operation, process, String(cString: luashm_verb(operation)))
      return
    }
    let isExclusive =
      operation.pointee.options?.pointee.making.exclusive
      ?? operation.pointee.named?.pointee.making.exclusive ?? false
    let size = Int(Int64(bitPattern: operation.pointee.length))
    if kind == 0 && size <= 0 {
      throw SharedMemoryError(
        .invalidParameter, "create", shown(text), "the size must be at least 1 byte")
    }
    let beginning = try beginning(operation, kind, text)
    operation.pointee.holds = false
    var number = -1
    var isRaw = false
    if !text.isEmpty {
      let name = try ObjectName(text, for: "create")
      if name.place == .raw && kind != 0 {
        throw SharedMemoryError(
          .invalidName, "create", name.text,
          "POSIX names (/name) are for mappings; this needs a name in Local\\ or Global\\")
      }
      number = self.number(name)
      isRaw = name.place == .raw
      if let object = linked(number) {
        try check(object, kind, "create", name)
        if isExclusive {
          throw SharedMemoryError(
            .alreadyExists, "create", name.text,
            "an object of this name exists; open it, or choose another")
        }
        operation.pointee.holds = true
        take(operation, object, process)
        narrate { $0.effect = "existed" }
        return
      }
    }
    make(operation, kind, size, number, isRaw, beginning, process)
  }

  /// Whether all that is done with the kind has a model.
  private static func isModelled(_ kind: any WaitableKind) -> Bool {
    let acts = kind.acts.filter { $0.perform != nil }
    return !acts.isEmpty && acts.allSatisfy { $0.modelled != nil || $0.onRing != nil }
  }

  private func beginning(
    _ operation: Operation, _ kind: UInt32, _ text: [UInt8]
  ) throws(SharedMemoryError) -> WaitableBeginning? {
    guard kind != 0, let named = operation.pointee.named,
      let rules = WaitableKinds.numbered(kind)
    else { return nil }
    var values: [String: Int64] = [:]
    withUnsafeBytes(of: named.pointee.values) { raw in
      for (value, number) in zip(KindValues(kind), raw.bindMemory(to: Int64.self)) {
        values[value.name] = number
      }
    }
    return try rules.beginning(WaitableRequest(name: shown(text), values: values))
  }

  private func make(
    _ operation: Operation, _ kind: UInt32, _ size: Int, _ name: Int, _ isRaw: Bool,
    _ beginning: WaitableBeginning?, _ process: Int
  ) {
    let room = kind == 0 ? (size + 63) & ~63 : 0
    guard world.heapUsed + room <= Self.heapSize, world.objects.count < Self.mostObjects else {
      refuse(operation, process, "more than 64 MiB of objects")
      return
    }
    var object = World.Object(
      kind: kind, name: name, isRaw: isRaw, isLinked: name >= 0, offset: world.heapUsed,
      size: kind == 0 ? size : Int(CSHM_NAMED_SIZE),
      handles: Array(repeating: 0, count: actorCount + 1))
    world.heapUsed += room
    if let beginning {
      object.state = beginning.state
      object.limit = beginning.limit
      switch WaitableKinds.numbered(kind)?.ring {
      case .popped: object.records = .popped(RingModel(bytes: beginning.limit))
      case .followed: object.records = .followed(BroadcastModel(bytes: beginning.limit))
      case nil: break
      }
    } else {
      // A schedule that was taken back may have used these bytes.
      UnsafeMutableRawBufferPointer(start: heap + object.offset, count: room)
        .initializeMemory(as: UInt8.self, repeating: 0)
    }
    world.objects.append(object)
    take(operation, world.objects.count - 1, process)
    narrate { $0.effect = "made" }
  }

  /// Gives the process a handle, and the entry of its userdata what it needs.
  private func take(_ operation: Operation, _ object: Int, _ process: Int) {
    if world.objects[object].kind == 0 {
      let options = operation.pointee.options?.pointee
      if !window(operation, object, options, of: nil, process) { return }
    } else {
      let rights = operation.pointee.named?.pointee.rights ?? 3
      show(operation, object, rights: rights)
      if world.objects[object].records != .none && !showRing(operation, object, process) { return }
    }
    world.objects[object].handles[process] += 1
    learn(process, UInt64(object + 1))
    touch(.holders(object), writes: true)
  }

  /// A window on memory; false: it was refused.
  private func window(
    _ operation: Operation, _ object: Int, _ options: luashm_options?,
    of parent: luashm_handle?, _ process: Int
  ) -> Bool {
    let size = world.objects[object].size
    let offset = Int(options?.offset ?? 0)
    let length = options.map { $0.length == 0 ? size - offset : Int($0.length) } ?? size
    let access = (options?.access).flatMap { $0 < 0 ? nil : $0 } ?? parent?.access ?? 0
    let copies = access == Int64(LUASHM_COPY.rawValue)
    if copies || offset < 0 || length <= 0 || offset > size || length > size - offset {
      refuse(operation, process, copies ? "access \"copy\"" : "a window outside of its object")
      return false
    }
    let entry = luashm_model_handle(operation.pointee.made)!
    entry.pointee.base = (heap + world.objects[object].offset + offset)
      .assumingMemoryBound(to: UInt8.self)
    entry.pointee.size = length
    entry.pointee.access = access
    entry.pointee.guard = UnsafeRawPointer(guardian)
    entry.pointee.place = UInt64(offset)
    entry.pointee.key = UInt64(object + 1)
    (entry.pointee.device, entry.pointee.inode) = (1, UInt64(object + 1))
    return true
  }

  private func map(_ operation: Operation, _ process: Int) {
    guard let object = object(operation.pointee.object) else {
      operation.pointee.answer = LUASHM_ANSWER_CLOSED
      return
    }
    let parent = luashm_model_handle(operation.pointee.object)!.pointee
    if window(operation, object, operation.pointee.options?.pointee, of: parent, process) {
      world.objects[object].handles[process] += 1
      learn(process, UInt64(object + 1))
    }
  }

  private func show(_ operation: Operation, _ object: Int, rights: UInt32) {
    var named = cshm_named()
    named.words = UnsafeMutableRawPointer(claim)
    named.guard = UnsafePointer(guardian)
    named.claim = claim
    named.kind = world.objects[object].kind
    named.rights = rights
    named.limit = world.objects[object].limit
    plain[object] = named
    let entry = luashm_model_handle(operation.pointee.made)!
    entry.pointee.host = operation.pointee.host
    entry.pointee.world = operation.pointee.host.pointee.world
    entry.pointee.key = UInt64(object + 1)
    entry.pointee.base = UnsafeMutableRawPointer(plain + object)
      .assumingMemoryBound(to: UInt8.self)
    entry.pointee.access = 0
    entry.pointee.place = UInt64(rights)
  }

  // MARK: - Closing

  private func close(_ operation: Operation, _ process: Int) {
    guard let object = object(operation.pointee.object) else {
      operation.pointee.answer = LUASHM_ANSWER_CLOSED
      return
    }
    if world.objects[object].records != .none { closeRing(operation, object, process) }
    luashm_model_close_handle(operation.pointee.object)
    world.objects[object].handles[process] -= 1
    touch(.holders(object), writes: true)
    if world.objects[object].handles[process] == 0 { released(object, process) }
    if world.objects[object].handles.allSatisfy({ $0 == 0 }), let warning = remains(object) {
      fail(operation, warning)
    }
  }

  /// The process has no handle to the object any more: what it holds is abandoned, and the last of
  /// all takes the name with it.
  ///
  /// In which order two give up their handles cannot be told apart, as long as nobody looks between: so
  /// neither counts as a change for the other, and only the last one touches the name, which whoever
  /// opens or makes touches, too.
  func released(_ object: Int, _ process: Int) {
    touch(.holders(object), writes: false)
    leaveRing(object, process)
    let state = world.objects[object].state
    if world.objects[object].depth > 0 && state.mark == mark(of: process),
      let kind = WaitableKinds.numbered(world.objects[object].kind),
      let change = kind.abandoned(state, by: mark(of: process))
    {
      world.objects[object].state =
        fault == .neverAbandons ? NamedState(rawValue: 0) : change.state
      world.objects[object].depth = 0
      world.objects[object].left = process
      touch(.word(object), writes: true)
    }
    if !world.objects[object].isAlive && !world.objects[object].isRaw {
      world.objects[object].isLinked = false
      if world.objects[object].name >= 0 { touch(.name(world.objects[object].name), writes: true) }
    }
  }
}
