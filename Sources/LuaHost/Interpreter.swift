package import CLua
package import CLuaShm
internal import Glibc
public import SharedMemory

/// A Lua 5.4 state with the modules `shm` and `console`, over a session's shared memory.
///
/// `~Copyable`: one owner closes the state, which closes every view that its scripts left open.
/// Use it from one thread at a time; several interpreters in one process are independent.
public struct Interpreter: ~Copyable {
  /// A state could not be made or opened, as memory ran out.
  public struct OutOfMemory: Error {}

  /// What a program printed on standard error is its own; this is how `run` of a text failed.
  public struct ScriptError: Error, CustomStringConvertible {
    /// Lua's message with its traceback.
    public let description: String
  }

  package let state: OpaquePointer
  /// The blocks that its allocator keeps; nil: the caller's allocator.
  private let memory: OpaquePointer?
  let host: Host

  /// - Parameters:
  ///   - session: whose names the scripts mean; nil: `Session.current`.
  ///   - console: how `console.getch` and `console.message_box` reach the user.
  ///   - listener: hears every operation (the heard world).
  public init(
    session: Session? = nil, console: some Terminal = NoTerminal(),
    listener: (any OperationListener)? = nil
  ) throws(OutOfMemory) {
    var memory: OpaquePointer?
    let state = luashm_new_state(&memory)
    try self.init(session, console, listener, world: nil, state, memory)
  }

  /// With a world of the caller's, which performs every operation; it has to outlive the state.
  package init(
    session: Session?, console: some Terminal = NoTerminal(),
    listener: (any OperationListener)? = nil, world: UnsafeMutablePointer<luashm_world>
  ) throws(OutOfMemory) {
    var memory: OpaquePointer?
    let state = luashm_new_state(&memory)
    try self.init(session, console, listener, world: world, state, memory)
  }

  /// With an allocator of the caller's, which may refuse.
  package init(
    session: Session?, console: some Terminal = NoTerminal(),
    listener: (any OperationListener)? = nil, allocator: lua_Alloc,
    context: UnsafeMutableRawPointer?
  ) throws(OutOfMemory) {
    let state = lua_newstate(allocator, context)
    try self.init(session, console, listener, world: nil, state, nil)
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

  /// The open views; for tests.
  package var openViews: Int { host.views.count }

  /// Images of layouts that C has not taken; for tests.
  package var waitingLayouts: Int { host.layouts.count }

  /// Opens the libraries. `run(program)` does it itself.
  public borrowing func open() throws(OutOfMemory) {
    guard luashm_open(state, host.calls) else { throw OutOfMemory() }
  }

  /// Runs a chunk of Lua text; `open` comes first.
  ///
  /// - Parameter name: as in `load`: `=name` is shown as it is, `@file` is a file.
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

  /// Runs a program as the stand-alone `lua` does; errors go to standard error with a traceback.
  public borrowing func run(_ program: Program) -> Program.End {
    switch program.withPlainData({ luashm_run(state, host.calls, $0) }) {
    case LUASHM_RAN: .ran
    case LUASHM_STOPPED: .interrupted
    default: .failed
    }
  }
}
