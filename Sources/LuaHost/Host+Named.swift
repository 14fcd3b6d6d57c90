internal import CLuaShm
internal import SharedMemory
internal import Wine

/// Named objects that can be waited for: making them, and everything that C's fast paths do not
/// decide.
extension Host {
  static func fillNamed(_ calls: inout luashm_host) {
    calls.named_create = { context, name, options, object, existed, failure in
      report(failure) { () throws(SharedMemoryError) in
        existed!.pointee = try Host.from(context).createNamed(
          name.array, options!.pointee, object!)
      }
    }
    calls.named_open = { context, name, options, object, failure in
      report(failure) { () throws(SharedMemoryError) in
        try Host.from(context).openNamed(name.array ?? [], options!.pointee, object!)
      }
    }
    calls.named_identify = { context, handle in
      Host.from(context).identifyNamed(&handle!.pointee)
    }
    calls.named_close = { context, key, failure in
      report(failure) { () throws(SharedMemoryError) in try Host.from(context).closeNamed(key) }
    }
    calls.named_check = { context, key, failure in
      report(failure) { () throws(SharedMemoryError) in try Host.from(context).checkNamed(key) }
    }
    calls.named_wait = { context, wait, failure in
      report(failure) { () throws(SharedMemoryError) in
        let end = try Host.from(context).wait(wait!.pointee)
        wait!.pointee.outcome = end.outcome.code
        wait!.pointee.index = Int32(end.index)
      }
    }
    calls.named_ring = { context, key, call, failure in
      report(failure) { () throws(SharedMemoryError) in
        try Host.from(context).onRing(key, &call!.pointee)
      }
    }
    calls.named_act = { context, key, verb, number, result, failure in
      report(failure) { () throws(SharedMemoryError) in
        result!.pointee = try Host.from(context).act(key, String(cString: verb!), number)
      }
    }
  }

  // MARK: Making and closing

  private typealias OutObject = UnsafeMutablePointer<luashm_named>

  private func createNamed(
    _ name: [UInt8]?, _ options: luashm_named_options, _ out: OutObject
  ) throws(SharedMemoryError) -> Bool {
    try WineName.refuse(name ?? [], for: "create")
    let kind = try Self.kind(options, for: "create", name ?? [])
    let given = options.making.mode
    if given.as_integer { try DecimalMode(value: given.bits).check(name) }
    var values: [String: Int64] = [:]
    withUnsafeBytes(of: options.values) { raw in
      for (value, number) in zip(KindValues(options.kind), raw.bindMemory(to: Int64.self)) {
        values[value.name] = number
      }
    }
    let object = kind.object(
      try .create(
        kind, name, values, mode: UInt32(clamping: given.bits < 0 ? .max : given.bits),
        exclusive: options.making.exclusive, access: NamedAccess(rawValue: options.rights),
        named.owner, session))
    try begin(object, options)
    keep(object, out)
    return object.existed
  }

  private func openNamed(
    _ name: [UInt8], _ options: luashm_named_options, _ out: OutObject
  ) throws(SharedMemoryError) {
    try WineName.refuse(name, for: "open")
    let kind = try Self.kind(options, for: "open", name)
    let access = NamedAccess(rawValue: options.rights)
    let object = kind.object(try .open(kind, name, access, named.owner, session))
    try begin(object, options)
    keep(object, out)
  }

  /// Of what is followed: where this reader begins.
  private func begin(
    _ object: any Waitable, _ options: luashm_named_options
  ) throws(SharedMemoryError) {
    guard let broadcast = object.handle.broadcast else { return }
    broadcast.plain.pointee.is_strict = options.strict
    let place = ReadingPlace(options.from)
    if place != .next { try broadcast.seek(place, "open") }
  }

  /// The kind with this number; an error if it has a C file but no Swift file yet.
  private static func kind(
    _ options: luashm_named_options, for operation: String, _ name: [UInt8]
  ) throws(SharedMemoryError) -> any WaitableKind {
    if let kind = WaitableKinds.numbered(options.kind) { return kind }
    throw SharedMemoryError(
      .notSupported, operation, shown(name),
      "no WaitableKind has the number \(options.kind); add its Swift file to WaitableKinds")
  }

  private func keep(_ object: any Waitable, _ out: OutObject) {
    out.pointee.plain = UnsafeRawPointer(object.plain)
    out.pointee.key = named.insert(object)
  }

  private func identifyNamed(_ handle: inout luashm_handle) {
    guard let file = named[handle.key]?.handle.file else { return }
    (handle.device, handle.inode) = (file.device, file.inode)
  }

  private func closeNamed(_ key: UInt64) throws(SharedMemoryError) {
    var object = named.remove(key)
    guard
      let (name, isRemoved, remains) = object.map({
        ($0.name, $0.isRemoved, RingRemains($0))
      })
    else { return }
    object = nil  // and so it is closed
    if isRemoved { throw Self.removed(name, "close") }
    if let warning = remains.warning { throw warning }
  }

  /// As for views: are its memory and its name still there?
  private func checkNamed(_ key: UInt64) throws(SharedMemoryError) {
    guard let object = named[key] else { return }
    if object.isLost { throw SharedMemoryError(.swap, "check", object.name, View.lossAdvice) }
    if object.isRemoved { throw Self.removed(object.name, "check") }
  }

  // MARK: Waiting and giving up

  private func wait(
    _ wait: luashm_named_wait
  ) throws(SharedMemoryError) -> (outcome: WaitOutcome, index: Int) {
    let keys = UnsafeBufferPointer(start: wait.keys, count: Int(wait.count))
    let nanoseconds = wait.nanoseconds < 0 ? nil : wait.nanoseconds
    let isStopped: NamedSleep.Stop = { wait.should_stop(wait.waiting) }
    if keys.count == 1 && !wait.all && keys[0] != 0 {
      let object = try waitable(keys[0])
      let outcome = try object.wait(
        object.handle.rules.kind.wait, nanoseconds: nanoseconds, until: isStopped)
      return (outcome, 0)
    }
    let places = keys.prefix(Int(LUASHM_MOST_WAITED)).indices.filter { keys[$0] != 0 }
    return try Waiting.wait(
      waitables(keys), all: wait.all, places: places,
      beside: WaitConditions(
        UnsafeBufferPointer(start: wait.conditions, count: Int(wait.condition_count))),
      nanoseconds: nanoseconds, until: isStopped)
  }

  private func waitables(
    _ keys: UnsafeBufferPointer<UInt64>
  ) throws(SharedMemoryError) -> [any Waitable] {
    if keys.count > LUASHM_MOST_WAITED {
      throw SharedMemoryError(
        .invalidParameter, "wait", "",
        "\(keys.count) objects are given; wait for 1 to \(LUASHM_MOST_WAITED)")
    }
    var objects: [any Waitable] = []
    for key in keys where key != 0 { objects.append(try waitable(key)) }
    return objects
  }

  private func waitable(_ key: UInt64) throws(SharedMemoryError) -> any Waitable {
    if let object = named[key] { return object }
    throw SharedMemoryError(.invalidHandle, "wait", "", "the object is not open")
  }

  private func onRing(
    _ key: UInt64, _ call: inout luashm_ring_call
  ) throws(SharedMemoryError) {
    let nanoseconds = call.nanoseconds < 0 ? nil : call.nanoseconds
    let handle = try waitable(key).handle
    if let broadcast = handle.broadcast { return try on(broadcast, &call, nanoseconds) }
    guard let ring = handle.ring, let action = Self.action(call) else { return }
    let asked = call
    let outcome = try ring.perform(
      String(cString: call.word), action, nanoseconds: nanoseconds,
      until: { asked.should_stop(asked.waiting) })
    call.outcome = outcome.wait.code
    call.moved = outcome.count
    call.filled = UInt64(outcome.filled)
    call.too_small = outcome.isTooSmall
    call.is_cut = outcome.isCut
    call.token = outcome.token
    call.tries = UInt32(outcome.tries)
    if let failure = outcome.failure { throw failure }
  }

  private func on(
    _ broadcast: NamedBroadcast, _ call: inout luashm_ring_call, _ nanoseconds: Int64?
  ) throws(SharedMemoryError) {
    let operation = String(cString: call.word)
    let room = UnsafeMutableRawBufferPointer(start: call.room, count: Int(call.capacity))
    let asked = call
    call.outcome = WaitOutcome.acquired.code
    switch call.act {
    case .LUASHM_RING_PUBLISH:
      call.token = try broadcast.publish(
        UnsafeBufferPointer(start: call.messages, count: Int(call.count)), time: call.time,
        operation)
      call.moved = call.count
    case .LUASHM_RING_NEXT:
      let (outcome, read) = try broadcast.next(
        into: room, nanoseconds: nanoseconds, until: { asked.should_stop(asked.waiting) },
        operation)
      call.reading.pointee = read
      call.outcome = outcome.code
    case .LUASHM_RING_NEWEST:
      let read = try broadcast.newest(into: room, operation)
      read.map { call.reading.pointee = $0 }
      if read == nil { call.outcome = WaitOutcome.timedOut.code }
    default: break
    }
  }

  /// Nil: it is no act of queues' rings.
  private static func action(_ call: luashm_ring_call) -> NamedRing.Action? {
    let room = UnsafeMutableRawBufferPointer(start: call.room, count: Int(call.capacity))
    return switch call.act {
    case .LUASHM_RING_PUSH:
      .push(UnsafeBufferPointer(start: call.messages, count: Int(call.count)))
    case .LUASHM_RING_POP: .pop(room, most: call.count)
    case .LUASHM_RING_TAKE: .take(room)
    case .LUASHM_RING_PEEK: .peek(room)
    case .LUASHM_RING_DRAIN: .drain
    case .LUASHM_RING_PUBLISH, .LUASHM_RING_NEXT, .LUASHM_RING_NEWEST: nil
    }
  }

  private func act(
    _ key: UInt64, _ verb: String, _ number: Int64
  ) throws(SharedMemoryError) -> Int64 {
    guard let object = named[key] else { return 0 }
    if let perform = object.handle.rules.kind.acts.first(where: { $0.verb == verb })?.perform {
      return try perform(object, number)
    }
    throw SharedMemoryError(
      .notSupported, verb, object.name,
      "its WaitableKind does not perform it; add it to the kind's acts")
  }
}
