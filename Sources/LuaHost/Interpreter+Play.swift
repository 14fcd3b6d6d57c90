internal import CLua
package import CLuaShm
internal import Glibc
internal import SharedMemory

/// A scenario's file for plays: compiled once, run in forked processes only.
extension Interpreter {
  /// The text of a scenario, and what its errors call it.
  package struct PlayText {
    package var bytes: [UInt8]
    /// As messages have it: `transfer.lua`.
    package var name: String
    /// Where `require` looks first.
    package var folder: String

    package init(bytes: [UInt8], name: String, folder: String) {
      self.bytes = bytes
      self.name = name
      self.folder = folder
    }
  }

  /// A state for plays: its world counts operations and stands at faults.
  ///
  /// - Parameter stays: whether its processes play their parts again and again
  ///   (`luashm_new_staying_state`); one for a process.
  package static func forPlays(staying: Bool = false) throws(OutOfMemory) -> Interpreter {
    if !staying { return try Interpreter(session: nil, world: luashm_played_world()) }
    let address = UnsafeMutableRawPointer(bitPattern: 0x2000_0000_0000 as UInt)
    return try Interpreter(
      world: luashm_played_world(), state: luashm_new_staying_state(address))
  }

  /// Compiles the file; nothing of it runs.
  ///
  /// - Throws: what is wrong with its syntax, with the line.
  package borrowing func preparePlay(
    _ text: PlayText, sharing memory: UnsafeMutablePointer<luashm_play>
  ) throws {
    try open()
    try preloadModules()
    var message: UnsafeMutablePointer<CChar>?
    let well = text.bytes.withPlainBytes { bytes in
      Array(text.name.utf8).withPlainBytes { name in
        Array(text.folder.utf8).withPlainBytes { folder in
          var script = luashm_script(text: bytes, name: name, folder: folder)
          return luashm_play_prepare(state, memory, &script, &message)
        }
      }
    }
    defer { free(message) }
    if well { return }
    throw ScriptError(description: message.map { String(cString: $0) } ?? "not enough memory")
  }

  /// In a forked process: plays the part, and ends the process; if that stays, it plays whenever it
  /// is called.
  package borrowing func play(
    _ part: Int, sharing memory: UnsafeMutablePointer<luashm_play>
  ) -> Never {
    while true {
      let status = luashm_play_part(state, memory, Int32(part))
      host.closeAll()
      luashm_stay(memory, Int32(part), status)
    }
  }
}
