package import CLua
package import CLuaShm
internal import Glibc
public import SharedMemory

/// A Lua 5.4 state with the modules `shm` and `console`, over a session's shared memory.
///
/// `~Copyable`: one owner closes the state, which closes every view that its scripts left open. Use
/// it from one thread at a time. Several interpreters in one process are independent.
///
/// How the parts play together. The state calls the C module `CLuaShm`, which checks arguments and
/// performs operations on memory itself. For everything that needs the Swift library (names,
/// handles, mappings, named objects' slow paths, layouts) it calls the functions of a
/// `luashm_host`; `Host` and its extensions implement them. A host owns the tables of what userdata
/// name by key: `ViewTable`, `NamedTable`, `ImageTable`. Swift functions return codes and failures,
/// C raises: a Lua error never jumps over a Swift frame.
public struct Interpreter: ~Copyable {
  /// A state could not be made or opened because memory ran out.
  public struct OutOfMemory: Error {}

  /// How `run` of a text failed. (A program prints its own errors on standard error.)
  public struct ScriptError: Error, CustomStringConvertible {
    /// Lua's message and its traceback.
    public let description: String
  }

  package let state: OpaquePointer
  /// The blocks that its allocator keeps; nil: the caller's allocator.
  private let memory: OpaquePointer?
  let host: Host

  /// - Parameters:
  ///   - session: whose names the scripts mean; nil: `Session.current`.
  ///   - console: how `console.getch` and `console.message_box` reach the user.
  ///   - listener: hears every operation, through the heard world.
  public init(
    session: Session? = nil, console: some Terminal = NoTerminal(),
    listener: (any OperationListener)? = nil
  ) throws(OutOfMemory) {
    var memory: OpaquePointer?
    let state = luashm_new_state(&memory)
    try self.init(session, console, listener, world: nil, state, memory)
  }

  /// Uses the caller's world for every operation; the world must outlive the state.
  package init(
    session: Session?, console: some Terminal = NoTerminal(),
    listener: (any OperationListener)? = nil, world: UnsafeMutablePointer<luashm_world>
  ) throws(OutOfMemory) {
    var memory: OpaquePointer?
    let state = luashm_new_state(&memory)
    try self.init(session, console, listener, world: world, state, memory)
  }

  /// Uses the caller's allocator, which may refuse.
  package init(
    session: Session?, console: some Terminal = NoTerminal(),
    listener: (any OperationListener)? = nil, allocator: lua_Alloc,
    context: UnsafeMutableRawPointer?
  ) throws(OutOfMemory) {
    let state = lua_newstate(allocator, context)
    try self.init(session, console, listener, world: nil, state, nil)
  }

  /// Uses the caller's state, which has its memory elsewhere.
  package init(
    world: UnsafeMutablePointer<luashm_world>, state: OpaquePointer?
  ) throws(OutOfMemory) {
    try self.init(nil, NoTerminal(), nil, world: world, state, nil)
  }

  private init(
    _ session: Session?, _ console: any Terminal, _ listener: (any OperationListener)?,
    world: UnsafeMutablePointer<luashm_world>?, _ state: OpaquePointer?, _ memory: OpaquePointer?
  ) throws(OutOfMemory) {
    guard let state else { throw OutOfMemory() }
    self.state = state
    self.memory = memory
    host = Host(session, console, listener, world)
  }

  deinit {
    lua_close(state)
    luashm_free_memory(memory)
    host.end()
  }

  /// The number of open views; for tests.
  package var openViews: Int { host.views.count }

  /// The number of images of layouts that C has not taken; for tests.
  package var waitingLayouts: Int { host.layouts.count }

  /// Opens the libraries. `run(program)` calls it itself.
  public borrowing func open() throws(OutOfMemory) {
    guard luashm_open(state, host.calls) else { throw OutOfMemory() }
  }

  /// Runs a chunk of Lua text; call `open` first.
  ///
  /// - Parameter name: as for Lua's `load`: `=name` is shown as it is, `@file` is a file.
  /// - Throws: the error that the chunk did not catch.
  public borrowing func run(_ text: String, name: String = "=chunk") throws(ScriptError) {
    var text = text
    var message: UnsafeMutablePointer<CChar>?
    let well = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { chars in
        luashm_do(state, chars.baseAddress, chars.count, name, &message)
      }
    }
    defer { free(message) }
    if well { return }
    throw ScriptError(description: message.map { String(cString: $0) } ?? "not enough memory")
  }

  /// Runs a program as the stand-alone `lua` does; errors go to standard error, with a traceback.
  public borrowing func run(_ program: Program) -> Program.End {
    switch program.withPlainData({ luashm_run(state, host.calls, $0) }) {
    case LUASHM_RAN: .ran
    case LUASHM_STOPPED: .interrupted
    default: .failed
    }
  }
}
