internal import CLuaShm
internal import SharedMemory
internal import Wine

/// Events, mutexes and semaphores: making them, and whatever C's fast paths do not decide.
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
    calls.named_release = { context, key, release, count, previous, failure in
      report(failure) { () throws(SharedMemoryError) in
        previous!.pointee = try Host.from(context).release(key, release, Int(count))
      }
    }
    calls.named_owner = { context, key in Host.from(context).owner(of: key) }
  }

  // MARK: Making and closing

  private typealias OutObject = UnsafeMutablePointer<luashm_named>

  private func createNamed(
    _ name: [UInt8]?, _ options: luashm_named_options, _ out: OutObject
  ) throws(SharedMemoryError) -> Bool {
    try WineName.refuse(name ?? [], for: "create")
    let mode = UInt32(clamping: options.mode < 0 ? .max : options.mode)
    if options.mode_as_integer { try DecimalMode(value: options.mode).check(name) }
    let owner = named.owner
    let object: any Waitable
    switch ObjectKind(rawValue: UInt32(options.kind)) {
    case .event:
      object = try NamedEvent.create(
        bytes: name, manual: options.manual, set: options.set, mode: mode,
        exclusive: options.exclusive, owner: owner, in: session)
    case .mutex:
      object = try NamedMutex.create(
        bytes: name, mode: mode, exclusive: options.exclusive, owner: owner, in: session)
    default:
      object = try NamedSemaphore.create(
        bytes: name, initial: Int(options.initial), maximum: Int(options.maximum), mode: mode,
        exclusive: options.exclusive, owner: owner, in: session)
    }
    keep(object, out)
    return object.existed
  }

  private func openNamed(
    _ name: [UInt8], _ options: luashm_named_options, _ out: OutObject
  ) throws(SharedMemoryError) {
    try WineName.refuse(name, for: "open")
    let access = NamedAccess(rawValue: options.rights)
    let owner = named.owner
    switch ObjectKind(rawValue: UInt32(options.kind)) {
    case .event:
      keep(try NamedEvent.open(bytes: name, access: access, owner: owner, in: session), out)
    case .mutex:
      keep(try NamedMutex.open(bytes: name, access: access, owner: owner, in: session), out)
    default:
      keep(try NamedSemaphore.open(bytes: name, access: access, owner: owner, in: session), out)
    }
  }

  private func keep(_ object: any Waitable, _ out: OutObject) {
    out.pointee.plain = UnsafeRawPointer(object.plain)
    out.pointee.key = named.insert(object)
  }

  private func closeNamed(_ key: UInt64) throws(SharedMemoryError) {
    guard let object = named.remove(key) else { return }
    if object.isRemoved { throw Self.removed(object.name, "close") }
  }

  /// As of views: is its memory there, and its name?
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
    if keys.count == 1 && !wait.all {
      let object = try waitable(keys[0])
      let outcome = try object.wait(
        object.verb, nanoseconds: nanoseconds, until: isStopped)
      return (outcome, 0)
    }
    return try Waiting.wait(
      waitables(keys), all: wait.all, nanoseconds: nanoseconds, until: isStopped)
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
    for key in keys { objects.append(try waitable(key)) }
    return objects
  }

  private func waitable(_ key: UInt64) throws(SharedMemoryError) -> any Waitable {
    if let object = named[key] { return object }
    throw SharedMemoryError(.invalidHandle, "wait", "", "the object is not open")
  }

  private func release(
    _ key: UInt64, _ release: Int32, _ count: Int
  ) throws(SharedMemoryError) -> Int64 {
    switch named[key] {
    case let event as NamedEvent:
      if release == Int32(LUASHM_SET_EVENT.rawValue) {
        try event.set()
      } else {
        try event.reset()
      }
    case let mutex as NamedMutex: try mutex.unlock()
    case let semaphore as NamedSemaphore: return Int64(try semaphore.release(count))
    default: break
    }
    return 0
  }

  /// As `luashm_host` says.
  private func owner(of key: UInt64) -> Int64 {
    guard let mutex = named[key] as? NamedMutex, let holder = try? mutex.owner else { return -1 }
    switch holder {
    case .ourselves: return Int64(System.process)
    case .other(let process): return process.map(Int64.init) ?? 0
    case .elsewhere: return Int64(LUASHM_ELSEWHERE.rawValue)
    }
  }
}

extension Waitable {
  /// What an error says was refused.
  fileprivate var verb: String {
    switch self {
    case is NamedMutex: "lock"
    case is NamedSemaphore: "acquire"
    default: "wait"
    }
  }
}

extension WaitOutcome {
  /// `enum cshm_outcome`.
  fileprivate var code: Int32 {
    switch self {
    case .acquired: 0
    case .abandoned: 1
    case .timedOut: 2
    case .interrupted: 3
    case .removed: 7
    }
  }
}
