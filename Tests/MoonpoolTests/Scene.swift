import Glibc
import SharedMemory
import TestSupport
import Testing

/// A program to be killed or stopped on its way, and what the name is before it begins.
struct Scene: Sendable, CustomTestStringConvertible {
  enum Before: Sendable {
    /// The namespace's directory does not exist either.
    case nothing
    /// Another process holds the name.
    case held
    /// Killed processes left the name.
    case dead
  }

  let testDescription: String
  let before: Before
  let script: String
  var name = "x"
  /// The path whose first opening is the first call that counts.
  var from = "/dev/shm"
  /// There are at least as many system calls.
  let points: Int

  static let all: [Scene] = [
    Scene("create and close", .nothing, create),
    Scene("create and close what another process holds", .held, create),
    Scene("create and close over a dead object", .dead, create),
    Scene("open what nobody holds", .nothing, open, points: 4),
    Scene("open and close what another process holds", .held, open),
    Scene("open a dead object", .dead, open),
    Scene(
      "open a dead object that no sweep has met", .nothing, fresh("shm.open('x')"),
      from: marker, points: 8),
    Scene(
      "create over a dead object that no sweep has met", .nothing,
      fresh("shm.create('x', 70000)"), from: marker, points: 20),
    Scene("create exclusively", .nothing, exclusive),
    Scene("create exclusively what another process holds", .held, exclusive),
    Scene("create exclusively over a dead object", .dead, exclusive),
    Scene("map another window", .nothing, map, from: marker, points: 12),
    Scene(
      "map another window of what another process holds", .held, map, from: marker, points: 12),
    Scene(
      "create without committing, with a name too long for a file", .nothing,
      "local v = assert(shm.create(('n'):rep(300), 70000, {reserve = true})) v:close()",
      name: String(repeating: "n", count: 300)),
  ]

  private init(
    _ description: String, _ before: Before, _ script: String, name: String = "x",
    from: String = "/dev/shm", points: Int = 20
  ) {
    testDescription = description
    self.before = before
    self.script = script
    self.name = name
    self.from = from
    self.points = points
  }

  private static let create =
    "local v = assert(shm.create('x', 70000)) v:write('by the program') v:close()"
  private static let open =
    "local v <close> = shm.open('x') if v then v:read(4) end"
  private static let exclusive =
    "local v <close> = shm.create('x', 70000, {exclusive = true})"
  /// A process sweeps at most every 10 ms; its `y` was just before that.
  private static func fresh(_ call: String) -> String {
    """
    local y <close> = assert(shm.create('y', 4096))
    local dead = assert(io.open(os.getenv('KILL_DIRECTORY') .. '/x', 'w'))
    dead:write("the dead object's bytes")
    dead:close()
    io.open('/killat')
    local v <close> = \(call)
    assert(not v or v:read(8) ~= 'the dead')
    """
  }
  private static let marker = "/killat"
  private static let map = """
    local v = assert(shm.create('x', 70000))
    io.open('/killat')
    local w = assert(v:map{offset = 65536})
    w:write('by the program')
    w:close()
    v:close()
    """
}

/// A scene that is set: a session of its own, and whoever holds or left the name.
struct Stage: ~Copyable {
  static let size = 70000
  static let dead: [UInt8] = Array("the dead object's bytes".utf8)

  let scene: Scene
  let session: String
  let directory: String
  private var holder: MemoryObject?

  init(_ scene: Scene) throws {
    self.scene = scene
    session = Places.unique("kill")
    directory = "/dev/shm/moonpool-\(geteuid())@\(session)"
    holder = nil
    switch scene.before {
    case .nothing: break
    case .held:
      let object = try MemoryObject.create(scene.name, size: Self.size, in: other())
      try object.map().write("by the holder", at: 1000)
      holder = consume object
    case .dead: leaveADeadObject()
    }
  }

  /// A file without a lock is what a killed holder leaves.
  private func leaveADeadObject() {
    precondition(mkdir(directory, 0o700) == 0)
    let file = Glibc.open("\(directory)/\(scene.name)", O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
    _ = Glibc.write(file, Self.dead, Self.dead.count)
    close(file)
  }

  /// Everything that a process of its own would know of the session.
  func other() -> Session { Session(named: session) }

  /// The object's file, by its name or what begins a shortened one.
  var path: String {
    let files = entries(of: directory) ?? []
    let file = files.first { $0.prefix(100) == scene.name.prefix(100) } ?? "none"
    return "\(directory)/\(file)"
  }

  private var environment: [String: String] {
    ["MOONPOOL_SESSION": session, "KILL_DIRECTORY": directory]
  }

  func killat(
    _ order: String, _ number: Int, _ side: String, input: Child.Input = .none
  ) -> Child {
    Child(
      Places.killat,
      [order, "\(number)", side, scene.from, Places.moonpool, "-e", scene.script],
      environment: environment, input: input)
  }

  /// How many calls the program makes when nobody disturbs it.
  func calls() throws -> Int {
    let all = run(
      Places.killat, ["list", scene.from, Places.moonpool, "-e", scene.script],
      environment: environment)
    #expect(all.errors.hasSuffix("with status 0\n"), "\(all.errors)")
    return all.errors.split(separator: "\n").count - 1
  }

  mutating func holderLeaves() { holder = nil }

  /// The holder goes; the session is as if it had never been.
  consuming func end() {
    holder = nil
    #expect(entries(of: directory) == nil, "nothing stays when all are gone")
  }
}

extension Places {
  static let killat = "\(binaries)/killat"

  /// Containers may forbid ptrace.
  static let canTrace = run(killat, ["list", "/", "/bin/true"]).status == 0
}

/// Does it, and expects it to be done in two seconds.
func promptly<Value: ~Copyable>(_ what: String, _ body: () throws -> Value) rethrows -> Value {
  var begun = timespec()
  var ended = timespec()
  clock_gettime(CLOCK_MONOTONIC, &begun)
  defer {
    clock_gettime(CLOCK_MONOTONIC, &ended)
    let milliseconds =
      (ended.tv_sec - begun.tv_sec) * 1000 + (ended.tv_nsec - begun.tv_nsec) / 1_000_000
    #expect(milliseconds < 2000, "\(what) took \(milliseconds) ms")
  }
  return try body()
}

/// The number of the error with which it failed; nil if it did not.
func refusal(_ body: () throws -> Void) -> Int32? {
  do {
    try body()
    return nil
  } catch {
    return (error as? SharedMemoryError)?.code.rawValue ?? -1
  }
}
