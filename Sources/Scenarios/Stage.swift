internal import CLuaShm
internal import CShm
internal import Glibc

/// The memory that the conductor shares with the processes of a play (`CLuaShmPlay.h`).
///
/// A file without a name, so that nobody has it but the processes that are forked, or that exec
/// with its descriptor. One for a command: each run begins with `reset`.
final class Stage {
  let memory: UnsafeMutablePointer<luashm_play>
  /// Rung by a part that stands.
  let doorbell: Int32

  struct NotMade: Error {
    let reason: String
  }

  let descriptor: Int32

  /// memfd_create(2), mmap(2), eventfd(2).
  convenience init() throws(NotMade) {
    let descriptor = cshm_memfd("moonpool play")
    if descriptor < 0 || ftruncate(descriptor, luashm_play_size()) != 0 { throw Self.failure }
    try self.init(descriptor, doorbell: cshm_doorbell())
  }

  /// In a process that was exec'ed to play a part: what `Process` gave it.
  static func inherited() throws(NotMade) -> Stage {
    try Stage(Int32(LUASHM_MEMORY), doorbell: Int32(LUASHM_DOORBELL))
  }

  private init(_ descriptor: Int32, doorbell: Int32) throws(NotMade) {
    self.descriptor = descriptor
    self.doorbell = doorbell
    let size = luashm_play_size()
    let mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let mapped, mapped != MAP_FAILED, doorbell >= 0 else { throw Self.failure }
    memory = mapped.bindMemory(to: luashm_play.self, capacity: 1)
  }

  private static var failure: NotMade { NotMade(reason: String(cString: strerror(errno))) }

  deinit {
    munmap(memory, luashm_play_size())
    close(doorbell)
    close(descriptor)
  }

  /// As before the first run, but for what the caller fills in.
  func reset(seed: Int64, run: Int, wanted: Int, sweeps: Bool, reads: Bool) {
    let (traces, isShared) = (memory.pointee.traces, memory.pointee.is_shared)
    let stays = memory.pointee.stays
    memset(memory, 0, MemoryLayout<luashm_play>.size)
    memory.pointee.seed = seed
    memory.pointee.run = UInt64(run)
    memory.pointee.wanted = UInt32(wanted)
    memory.pointee.sweeps = sweeps ? 1 : 0
    memory.pointee.reads = reads ? 1 : 0
    (memory.pointee.traces, memory.pointee.is_shared) = (traces, isShared)
    memory.pointee.stays = stays
  }

  /// Do processes play their parts again and again?
  var stays: Bool {
    get { memory.pointee.stays != 0 }
    set { memory.pointee.stays = newValue ? 1 : 0 }
  }

  /// The part's process, which stays, plays once more.
  func call(_ number: Int) {
    cshm_store32(&part(number).pointee.called, 1)
    cshm_futex_wake(&part(number).pointee.called, 1)
  }

  /// What stays from run to run: is each operation told, and is `/dev/shm` the machine's?
  func set(traces: Bool, isShared: Bool) {
    memory.pointee.traces = traces ? 1 : 0
    memory.pointee.is_shared = isShared ? 1 : 0
  }

  /// Without a director all begin when all are ready.
  func setUndirected(_ undirected: Bool) { memory.pointee.is_undirected = undirected ? 1 : 0 }

  func beginIfReady() {
    if hasStarted || cshm_load32(&memory.pointee.ready) < memory.pointee.wanted { return }
    cshm_store32(&memory.pointee.started, 1)
    cshm_futex_wake(&memory.pointee.started, .max)
  }

  func part(_ number: Int) -> UnsafeMutablePointer<luashm_part> {
    withUnsafeMutablePointer(to: &memory.pointee.parts) {
      UnsafeMutableRawPointer($0).assumingMemoryBound(to: luashm_part.self) + number
    }
  }

  /// Why the part stands; 0: it does not.
  func standing(_ number: Int) -> UInt32 { cshm_load32(&part(number).pointee.standing) }

  /// The fault is done: the part goes on.
  func letGo(_ number: Int) {
    cshm_store32(&part(number).pointee.standing, 0)
    cshm_futex_wake(&part(number).pointee.standing, 1)
  }

  func setAlive(_ number: Int, _ alive: Bool) {
    cshm_store32(&part(number).pointee.alive, alive ? 1 : 0)
  }

  /// All actors have ended: the director goes on.
  func finish() {
    cshm_store32(&memory.pointee.finished, 1)
    cshm_futex_wake(&memory.pointee.finished, 1)
    wakeWatcher()
  }

  var hasStarted: Bool { cshm_load32(&memory.pointee.started) != 0 }

  func phase(_ number: Int) -> luashm_phase {
    luashm_phase(cshm_load32(&part(number).pointee.phase))
  }

  func operations(_ number: Int) -> Int { Int(cshm_load64(&part(number).pointee.operations)) }

  /// `file:line` of the part's last operation; empty: it had none.
  func place(_ number: Int) -> String {
    withUnsafeBytes(of: &part(number).pointee.place) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// Is the part in an operation?
  func isInside(_ number: Int) -> Bool { cshm_load32(&part(number).pointee.inside) != 0 }

  // MARK: Logs

  /// What a part told: texts, the first of which says what it is.
  struct Record {
    let part: Int
    let order: UInt64
    /// Nanoseconds of the monotonic clock.
    let time: Int64
    let fields: [[UInt8]]

    func text(_ index: Int) -> String {
      index < fields.count ? String(decoding: fields[index], as: UTF8.self) : ""
    }
    var kind: String { text(0) }
  }

  /// All records of all parts, in their order. Lengths are checked before they are believed.
  func records(upTo parts: Int) -> [Record] {
    var records: [Record] = []
    for number in 0..<parts { read(number, into: &records) }
    return records.sorted { $0.order < $1.order }
  }

  /// Whether a part's log had no room for a record.
  func hasLost(upTo parts: Int) -> Bool {
    (0..<parts).contains { part($0).pointee.untold > 0 }
  }

  private func read(_ number: Int, into records: inout [Record]) {
    let told = min(Int(cshm_load64(&part(number).pointee.told)), Int(LUASHM_LOG))
    let log = UnsafeRawBufferPointer(start: luashm_log(memory, Int32(number)), count: told)
    let headSize = MemoryLayout<luashm_log_head>.size
    var at = 0
    while at + headSize <= told {
      let head = log.loadUnaligned(fromByteOffset: at, as: luashm_log_head.self)
      let end = at + headSize + Int(head.size)
      guard end <= told else { return }
      records.append(
        Record(
          part: number, order: head.order, time: head.time,
          fields: Self.fields(log[(at + headSize)..<end], Int(head.fields))))
      at = end
    }
  }

  private static func fields(_ bytes: Slice<UnsafeRawBufferPointer>, _ count: Int) -> [[UInt8]] {
    var fields: [[UInt8]] = []
    var rest = bytes
    while fields.count < count, rest.count >= 4 {
      let length = Int(UnsafeRawBufferPointer(rebasing: rest).loadUnaligned(as: UInt32.self))
      guard length <= rest.count - 4 else { break }
      let text = rest.dropFirst(4).prefix(length)
      fields.append(Array(text))
      rest = rest.dropFirst(4 + length)
    }
    return fields
  }
}
