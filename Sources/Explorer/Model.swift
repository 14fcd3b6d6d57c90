internal import CLuaShm
internal import CShm
internal import Glibc
internal import LuaHost
internal import Scenarios
internal import SharedMemory

/// The processes of a scenario inside of this one, and the world that they share.
///
/// An actor runs on its own C stack until it stands before something that others can see; here, on
/// the stack of whoever explores, that is performed, and the actor goes on to the next. `World` is
/// plain values, the bytes of memory are in `heap` with a log of what was overwritten, and the actors
/// are images (`CLuaShmModel.h`): so a search comes back to wherever it has been on its path.
final class Model {
  /// Why there is nothing to explore.
  enum Refusal: Error {
    /// The file is not to be explored as it is: the line that says why.
    case misuse(String)
    /// No scenario is declared.
    case nothing
  }

  let ledger: Ledger
  private(set) var outline: Outline!
  let options: Options
  let shared: UnsafeMutablePointer<luashm_ensemble>
  /// The actors by number; the director is the last.
  private(set) var actors: [UnsafeMutablePointer<luashm_actor>] = []
  var director: Int { actors.count - 1 }
  var actorCount: Int { actors.count - 1 }

  var world: World
  let heap: UnsafeMutableRawPointer
  static let heapSize = 64 << 20
  /// Named objects as the Lua side shows them; one for each object.
  let plain: UnsafeMutablePointer<cshm_named>
  static let mostObjects = 4096
  let claim: UnsafeMutablePointer<cshm_claim>
  /// Names in the order in which they were met: place and bytes.
  var names: [ObjectName] = []
  /// What steps overwrote: offset in the heap, length, and the bytes.
  var undone: [UInt8] = []

  /// What the step that is performed touched.
  var touched: [Access] = []
  /// What the running step did, in words; only while a report is made.
  var narrates = false
  var narration = Narration()
  /// Everything that `always` has read.
  var visible: [Access] = []
  /// A copy of more than one word was one step, or went only one of its ways, and somebody else could
  /// have come between.
  var isFolded = false
  /// A loop that allocates was taken for a wait.
  var isAssumed = false

  /// What was one step, and is several of a real process: it is said with what else is assumed.
  struct Shortcuts: OptionSet {
    let rawValue: Int
    /// A wait for all takes the objects one by one, and a process can be killed between.
    static let takesAllAtOnce = Shortcuts(rawValue: 1)
    /// What starts behind others loads the file beside whoever is left.
    static let startsAtOnce = Shortcuts(rawValue: 2)
  }
  var shortcuts: Shortcuts = []

  /// How much may happen on a path.
  var limits = Options()
  /// Whether the order of marks, or of the calls of a history, decides anything.
  var ordersMarks = false
  /// Of each actor the first that it equals; see `Symmetry.swift`.
  var equals: [Int] = []
  /// Whether equal actors start in their order only.
  var usesSymmetry = true

  struct Options {
    var kills = 1
    var earlyTimeouts = 1
    var seed: Int64 = 0
  }

  private static nonisolated(unsafe) let neverLost: UnsafeMutablePointer<cshm_window> = {
    let window = UnsafeMutablePointer<cshm_window>.allocate(capacity: 1)
    memset(window, 0, MemoryLayout<cshm_window>.size)
    return window
  }()
  var guardian: UnsafeMutablePointer<cshm_window> { Self.neverLost }

  private static nonisolated(unsafe) let host = ModelHost.make()
  private static nonisolated(unsafe) let modules = ModelHost.modules

  /// Loads the file in a process for each actor, and runs `setup`: all stand before their first
  /// operations.
  init(_ text: Interpreter.PlayText, _ options: Options) throws(Refusal) {
    guard let ledger = Ledger() else { throw .misuse("no memory for a model") }
    self.ledger = ledger
    self.options = options
    shared = .allocate(capacity: 1)
    memset(shared, 0, MemoryLayout<luashm_ensemble>.size)
    shared.pointee.play = ledger.memory
    shared.pointee.script = Self.script(text)
    let address = UnsafeMutableRawPointer(bitPattern: 0x2000_0000_0000 as UInt)
    heap = Self.map(Self.heapSize, address! + 0x40_0000_0000)
    plain = .allocate(capacity: Self.mostObjects)
    claim = .allocate(capacity: 1)
    memset(claim, 0, MemoryLayout<cshm_claim>.size)
    world = World(processes: 1)
    outline = try read()
    equals = outline.equals
    shared.pointee.equal_parts = equalParts
    try begin()
  }

  deinit {
    for actor in actors { luashm_actor_free(actor) }
    munmap(heap, Self.heapSize)
    plain.deallocate()
    claim.deallocate()
    free(UnsafeMutableRawPointer(mutating: shared.pointee.script.text.data))
    free(UnsafeMutableRawPointer(mutating: shared.pointee.script.name.data))
    free(UnsafeMutableRawPointer(mutating: shared.pointee.script.folder.data))
    shared.deallocate()
  }

  private static func map(_ size: Int, _ address: UnsafeMutableRawPointer)
    -> UnsafeMutableRawPointer
  {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let mapped = mmap(address, size, PROT_READ | PROT_WRITE, flags, -1, 0)
    guard let mapped, mapped != MAP_FAILED else { fatalError("no address space for a model") }
    return mapped
  }

  private static func copy(_ bytes: [UInt8]) -> luashm_bytes {
    let copy = malloc(bytes.count + 1)!
    bytes.withUnsafeBytes { if let base = $0.baseAddress { memcpy(copy, base, bytes.count) } }
    return luashm_bytes(data: copy.assumingMemoryBound(to: CChar.self), length: bytes.count)
  }

  private static func script(_ text: Interpreter.PlayText) -> luashm_script {
    luashm_script(
      text: copy(text.bytes), name: copy(Array(text.name.utf8)),
      folder: copy(Array(text.folder.utf8)))
  }

  private static func address(_ part: Int) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(bitPattern: 0x2000_0000_0000 + UInt(part) << 28)!
  }

  private static func make(
    _ shared: UnsafeMutablePointer<luashm_ensemble>, _ part: Int
  ) throws(Refusal) -> UnsafeMutablePointer<luashm_actor> {
    var message: UnsafeMutablePointer<CChar>?
    let actor = modules.withUnsafeBufferPointer {
      luashm_actor_make(
        shared, Int32(part), address(part), host, $0.baseAddress, $0.count, &message)
    }
    defer { free(message) }
    if let actor { return actor }
    throw .misuse(message.map { String(cString: $0) } ?? "not enough memory")
  }

  // MARK: - Loading

  /// What the top level declares: it runs once in a state of its own.
  private func read() throws(Refusal) -> Outline {
    ledger.reset(seed: options.seed, reads: true)
    let actor = try Self.make(shared, 0)
    actors = [actor]
    defer {
      luashm_actor_free(actor)
      actors = []
      world = World(processes: 1)
    }
    run(0)
    try check()
    if let misuse = ledger.records(upTo: 1).first(where: { $0.kind == "misuse" }) {
      let place = misuse.text(1)
      throw .misuse((place.isEmpty ? "" : place + ": ") + misuse.text(2))
    }
    guard let outline = ledger.outline() else { throw .nothing }
    return outline
  }

  static func refusal(_ shared: UnsafeMutablePointer<luashm_ensemble>) -> String {
    withUnsafeBytes(of: &shared.pointee.refusal) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// The order is that of a play: the director loads, then the actors; then `setup`.
  private func begin() throws(Refusal) {
    ledger.reset(seed: options.seed, reads: false)
    let count = outline.actors.count
    world = World(processes: count + 1)
    let director = try Self.make(shared, 0)
    var made: [UnsafeMutablePointer<luashm_actor>] = []
    for part in 1...count { made.append(try Self.make(shared, part)) }
    actors = made + [director]
    world.processes[count].phase = .stands
    try load(count, until: LUASHM_ASKS_TO_GATHER)
    for actor in 0..<count where outline.actors[actor].predecessors.isEmpty {
      try load(actor, until: LUASHM_ASKS_TO_START)
    }
    try load(count, until: LUASHM_ASKS_TO_BEGIN)
    // The others are compiled, and what they load is loaded when they start.
    for actor in 0..<count where outline.actors[actor].predecessors.isEmpty {
      world.processes[actor].phase = .stands
      world.processes[actor].isFresh = true
    }
    for actor in 0..<count where world.processes[actor].phase == .stands { proceed(actor) }
    try check()
    versions = actors.map { _ in Version() }
    limits = options
    ordersMarks = outline.isOrdered || shared.pointee.has_histories
    watch()
    root = mark()
  }

  private func load(_ process: Int, until request: luashm_request) throws(Refusal) {
    run(process)
    try check()
    if actors[process].pointee.request == request { return }
    let told = ledger.records(upTo: actors.count).first {
      $0.kind == "failure" || $0.kind == "misuse"
    }
    let place = told?.text(1) ?? ""
    let text = told?.text(2) ?? "the file ends before its actors start"
    throw .misuse((place.isEmpty ? "" : place + ": ") + text)
  }

  /// - Throws: what somebody met that cannot be explored.
  func check() throws(Refusal) {
    if shared.pointee.refusal.0 != 0 { throw .misuse(Self.refusal(shared)) }
  }

  /// Notes the first thing that cannot be explored; the search ends with it.
  func refuse(_ operation: UnsafeMutablePointer<luashm_operation>, _ process: Int, _ why: String) {
    operation.pointee.misuse = Self.cannot
    if shared.pointee.refusal.0 != 0 { return }
    let text = "\(place(process)): \(why) cannot be explored; 'moonpool play' does it"
    withUnsafeMutableBytes(of: &shared.pointee.refusal) { buffer in
      for (index, byte) in text.utf8.prefix(buffer.count - 1).enumerated() { buffer[index] = byte }
    }
  }

  static nonisolated(unsafe) let cannot: UnsafePointer<CChar> = UnsafePointer(
    strdup("this cannot be explored; 'moonpool play' does it"))

  func place(_ process: Int) -> String {
    var buffer = [CChar](repeating: 0, count: 200)
    luashm_actor_place(actors[process], &buffer, buffer.count)
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  // MARK: - Running

  /// Continues the process until it stands before something that belongs into the schedule.
  func run(_ process: Int) {
    let actor = actors[process]
    leaveVersion(process)
    actor.pointee.asked_time = false
    while true {
      luashm_actor_run(actor)
      if shared.pointee.refusal.0 != 0 { return }
      switch actor.pointee.request {
      case LUASHM_ASKS_TO_PERFORM:
        let operation = actor.pointee.operation!
        let isActing = process != director && actor.pointee.sealed != 0
        let isAtOnce =
          luashm_is_no_step(operation)
          || fault == .looksAtOnce && operation.pointee.op == LUASHM_OP_NAMED_STATE.rawValue
        if isActing && !isAtOnce { return }
        perform(process, atOnce: isActing)
      case LUASHM_ASKS_WHO_LIVES where process == director:
        tellApart(Int(actor.pointee.count) - 1)
        actor.pointee.answer = lives(Int(actor.pointee.count) - 1) ? 1 : 0
      case LUASHM_ASKS_TO_BE_ORDERED where fault == .marksAtOnce: continue
      default: return
      }
    }
  }

  func lives(_ process: Int) -> Bool {
    process >= 0 && process < actorCount
      && (!world.processes[process].phase.isOver
        || fault == .endKeepsLife && world.processes[process].phase == .ended)
  }

  /// What cannot be ordered by a schedule: of the director, while a file is loaded, or a look that is
  /// no step.
  private func perform(_ process: Int, atOnce isActing: Bool) {
    let operation = actors[process].pointee.operation!
    let pending = self.pending(operation, process)
    if pending.timeout != nil && !canSucceed(pending, process) {
      if operation.pointee.timeout == .max {
        refuse(
          operation, process,
          "\(String(cString: luashm_verb(operation))) waits where nobody else acts, and")
        return
      }
      if operation.pointee.timeout > 0 { world.time += operation.pointee.timeout }
      conclude(pending, process, .timeout)
    } else {
      conclude(pending, process, .success)
    }
    if isActing { return }
    if process == director && isWatching { visible += pending.accesses }
  }

  private(set) var isWatching = false
  /// `finally` runs.
  var isFinishing = false

  /// Nobody can move without time passing: what `moves` has found last are ends of waits.
  var isQuiet = false

  /// Somebody waited with a time-out: without that there is none that comes early.
  var hasDeadlines = false

  /// For tests: what is done wrong.
  var fault: Fault?

  /// How many failures were told.
  var failures: UInt32 { shared.pointee.failures }

  /// Something was met that cannot be explored.
  var isRefused: Bool { shared.pointee.refusal.0 != 0 }
  /// An actor has used three quarters of its arena: its schedule goes no further, unless it has failed,
  /// which ends it.
  var isFull: Bool { failures == 0 && actors.contains { luashm_actor_room($0) < 16 << 20 } }

  /// An actor between two of its runs, and its image if a point of the path needs it.
  final class Version {
    var isWanted = false
    var image: UnsafeMutablePointer<luashm_actor_image>?
    deinit { free(image) }
  }
  var versions: [Version] = []

  /// Where all stand before their first operations.
  private(set) var root: Point!

  /// Before anything of the actor's is changed, its operation's outcome too.
  func leaveVersion(_ process: Int) {
    if process >= versions.count { return }
    if versions[process].isWanted && versions[process].image == nil {
      versions[process].image = luashm_actor_save(actors[process], nil)
    }
    versions[process] = Version()
  }

  /// Lets `always` look. What it remembers is a part of the state; see `key`.
  func watch() {
    let actor = actors[director]
    if !actor.pointee.watches { return }
    isWatching = true
    actor.pointee.answer = 1
    let local = world.processes[director].local
    run(director)
    // What it has read it forgets, but for its variables.
    world.processes[director].local = local
    isWatching = false
  }

  /// The actor goes on, to stand before the next thing; or it ends.
  func proceed(_ process: Int) {
    run(process)
    if shared.pointee.refusal.0 != 0 { return }
    let actor = actors[process]
    var kind = Pending.Kind.nothing
    switch actor.pointee.request {
    case LUASHM_ASKS_TO_PERFORM:
      arrive(process, pending(actor.pointee.operation!, process))
      return
    case LUASHM_ASKS_TO_CHOOSE: kind = .choice(Int(actor.pointee.count))
    case LUASHM_ASKS_TO_END: kind = .end
    case LUASHM_ASKS_WHO_LIVES: kind = .life(Int(actor.pointee.count) - 1)
    case LUASHM_ASKS_TO_BE_ORDERED: kind = .order(isCall: actor.pointee.count != 0)
    default:
      end(process)
      return
    }
    var accesses: [Access] = []
    if case .end = kind { accesses = [Access(.life(process), writes: true)] }
    if case .life(let other) = kind {
      tellApart(other)
      accesses = [Access(.life(other), writes: false)]
    }
    if case .order(let isCall) = kind {
      accesses = [isCall ? .calls(beside: actorCount) : Access(.order, writes: true)]
    }
    arrive(process, Pending(kind, op: 0, nil, accesses, signature: 7))
  }

  private func arrive(_ process: Int, _ pending: Pending) {
    world.processes[process].pending = pending
    world.processes[process].phase = .stands
    let timeout = pending.timeout ?? .max
    world.processes[process].deadline =
      timeout == .max || timeout == 0 || pending.op == LUASHM_OP_CELL_WAIT.rawValue
      ? .max : world.time &+ timeout
    if world.processes[process].deadline != .max { hasDeadlines = true }
  }

  // MARK: - Ends

  private func end(_ process: Int) {
    world.processes[process].status = actors[process].pointee.status
    leave(process, .ended)
  }

  func kill(_ process: Int) {
    world.kills += 1
    leave(process, .killed)
  }

  /// Gives up all that the process holds; who waited for its end starts.
  private func leave(_ process: Int, _ phase: World.Phase) {
    world.processes[process].phase = phase
    world.processes[process].pending = .nothing
    world.processes[process].deadline = .max
    world.processes[process].spin = World.Spin()
    world.processes[process].copy = nil
    if let index = world.sleepers.firstIndex(where: { $0.process == process }) {
      let sleeper = world.sleepers.remove(at: index)
      touch(.sleepers(sleeper.object), sleeper.at, sleeper.at + 8, writes: true)
    }
    touch(.life(process), writes: true)
    for index in world.objects.indices where world.objects[index].handles[process] > 0 {
      if phase == .killed && fault == .killKeepsNames && world.objects[index].kind == 0 { continue }
      world.objects[index].handles[process] = 0
      released(index, process)
    }
    startFollowers()
  }

  /// Those whose predecessors are all over load the file now, and stand.
  private func startFollowers() {
    let told = narration  // of the step by which they start
    defer { narration = told }
    for next in 0..<actorCount where world.processes[next].phase == .absent {
      let predecessors = outline.actors[next].predecessors
      guard predecessors.allSatisfy({ world.processes[$0].phase.isOver }) else { continue }
      let touches = touched.count
      run(next)
      if touched.count > touches { shortcuts.insert(.startsAtOnce) }
      if shared.pointee.refusal.0 != 0 { return }
      if actors[next].pointee.request == LUASHM_ASKS_TO_START {
        world.processes[next].phase = .stands
        world.processes[next].isFresh = true
        proceed(next)
      } else {
        end(next)
      }
    }
  }

  func touch(_ space: Access.Space, _ low: Int = 0, _ high: Int = 1, writes: Bool) {
    touched.append(Access(space, low, high, writes: writes))
  }
}
