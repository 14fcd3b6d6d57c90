internal import CLuaShm
internal import Glibc
internal import LuaHost
internal import SharedMemory

/// The state in which a file is compiled: every part is a fork of it.
final class Cast {
  private let interpreter: Interpreter
  private let stage: Stage
  /// The file's word on the command line, for parts that exec; nil: they only fork.
  private let word: String?

  /// - Throws: what is wrong with the text's syntax.
  ///
  /// - Parameter staying: whether the parts' processes can stay.
  init(
    _ text: Interpreter.PlayText, _ stage: Stage, exec word: String? = nil, staying: Bool = false
  ) throws {
    self.stage = stage
    self.word = word
    interpreter = try Interpreter.forPlays(staying: staying)
    try interpreter.preparePlay(text, sharing: stage.memory)
  }

  /// What every process does first for the first time (symbols that are bound, types that are made)
  /// is done here, once, in a session of its own; nothing stays open.
  ///
  /// - Throws: what the text says that should not.
  static func warmUp(_ session: Session) throws {
    let interpreter = try Interpreter(session: session)
    try interpreter.open()
    try interpreter.run(
      """
      local view <close> = shm.create("v", 64)
      local again <close> = shm.open("v")
      view:u32(0, view:u32(0))
      view:update(0, 16, function() end)
      view:snapshot(0, 16)
      local cell = view:atomic(32)
      cell:wait(1)
      cell:wake()
      local lock <close> = shm.mutex("m")
      local event <close> = shm.event("e")
      local permits <close> = shm.semaphore("s", 1, 1)
      lock:lock() lock:unlock() event:set() event:wait() permits:acquire() permits:release()
      lock:lock() event:wait(0.0001) lock:unlock()
      """)
  }

  /// In a forked process: plays the part, and ends the process.
  func play(_ part: Int) -> Never {
    if let word {
      let words = ["moonpool", "play", "--part", "\(part)", "--", word]
      var arguments = words.map { strdup($0) } + [nil]
      execv("/proc/self/exe", &arguments)
      _exit(127)
    }
    interpreter.play(part, sharing: stage.memory)
  }
}
