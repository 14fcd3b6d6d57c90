internal import CLuaShm
internal import CShm
internal import Glibc

/// A part's process: forked, in a process group of its own, with pipes on its output.
///
/// `SIGKILL` reaches it when the conductor ends, however that does.
final class Process {
  struct NotStarted: Error {
    let reason: String
  }

  /// One of its two outputs, read line by line.
  struct Pipe {
    var descriptor: Int32
    let isOutput: Bool
    var line: [UInt8] = []
  }

  /// So much of an actor's output is kept.
  static let most = 1 << 20

  let part: Int
  let number: pid_t
  private(set) var pipes: [Pipe] = []
  /// What it printed on standard output.
  private(set) var output: [UInt8] = []
  private var kept = 0
  private(set) var isFlooded = false
  var hasPrintedNothing: Bool { kept == 0 }
  private(set) var hasEnded = false
  /// A fault has killed it.
  var isKilled = false

  /// - Parameter cast: plays the part, in the forked process.
  init(
    _ part: Int, _ stage: Stage, _ theatre: Theatre, _ session: String, _ cast: Cast
  ) throws(NotStarted) {
    self.part = part
    let (output, errors) = (try Self.pipe(), try Self.pipe())
    let parent = getpid()
    number = cshm_fork()
    if number < 0 { throw NotStarted(reason: "fork: \(String(cString: strerror(errno)))") }
    if number == 0 {
      Self.descend(part, parent, output.write, errors.write, stage)
      theatre.setEnvironment(session)
      cast.play(part)
    }
    setpgid(number, number)  // whichever of the two comes first
    for end in [output.write, errors.write] { close(end) }
    for (end, isOutput) in [(output.read, true), (errors.read, false)] {
      pipes.append(Pipe(descriptor: end, isOutput: isOutput))
    }
  }

  private static func pipe() throws(NotStarted) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    if cshm_pipe(&ends) != 0 {
      throw NotStarted(reason: "pipe: \(String(cString: strerror(errno)))")
    }
    return (ends[0], ends[1])
  }

  /// In the child. What the top level prints is the director's: an actor's output is not seen
  /// before it acts.
  private static func descend(
    _ part: Int, _ parent: pid_t, _ output: Int32, _ errors: Int32, _ stage: Stage
  ) {
    let nowhere = open("/dev/null", O_RDWR | O_CLOEXEC)
    var descent = cshm_descent(
      parent: parent, input: nowhere, output: part == 0 ? output : nowhere,
      errors: part == 0 ? errors : nowhere,
      others: (stage.doorbell, output, errors, stage.descriptor))
    cshm_descend(&descent)
  }

  /// As much as a pipe holds (pipe(7)): who prints without an end holds nobody up.
  private static let chunksAtOnce = 4

  /// Reads what is there, and hands on whole lines.
  func drain(_ show: ([UInt8]) -> Void) {
    for index in pipes.indices where pipes[index].descriptor >= 0 {
      for _ in 0..<Self.chunksAtOnce {
        guard let chunk = next(from: pipes[index].descriptor) else { break }
        if chunk.isEmpty {
          end(index, show)
          break
        }
        take(chunk[...], from: index, show)
      }
    }
  }

  /// Nil: there is nothing now; empty: nor ever again.
  private func next(from descriptor: Int32) -> [UInt8]? {
    let room = 16_384
    var result = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      repeat {
        result = read(descriptor, buffer.baseAddress, room)
      } while result < 0
        && errno == EINTR
      count = max(result, 0)
    }
    return result < 0 ? nil : bytes
  }

  /// What it printed last may lack a line's end.
  private func end(_ index: Int, _ show: ([UInt8]) -> Void) {
    if !pipes[index].line.isEmpty { show(pipes[index].line) }
    close(pipes[index].descriptor)
    pipes[index].descriptor = -1
  }

  private func take(_ bytes: ArraySlice<UInt8>, from index: Int, _ show: ([UInt8]) -> Void) {
    let room = Self.most - kept
    if bytes.count > room { isFlooded = true }
    let bytes = bytes.prefix(room)
    kept += bytes.count
    if pipes[index].isOutput { output += bytes }
    var rest = bytes
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      show(pipes[index].line + rest[..<end])
      pipes[index].line = []
      rest = rest[(end + 1)...]
    }
    pipes[index].line += rest
  }

  /// Behind its end; a process that it has started may have the other ends.
  func closePipes(_ show: ([UInt8]) -> Void) {
    drain(show)
    for index in pipes.indices where pipes[index].descriptor >= 0 { end(index, show) }
  }

  // MARK: One that stays

  /// It has ended its part, and waits to be called again.
  func stay(_ show: ([UInt8]) -> Void) {
    for index in pipes.indices where !pipes[index].line.isEmpty {
      show(pipes[index].line)
      pipes[index].line = []
    }
    hasEnded = true
  }

  /// Plays its part once more.
  func playAgain(_ stage: Stage) {
    (output, kept, isFlooded) = ([], 0, false)
    (hasEnded, isKilled) = (false, false)
    stage.call(part)
  }

  // MARK: Its end

  func wait() -> Outcome.End {
    var status: Int32 = 0
    while waitpid(number, &status, 0) < 0 && errno == EINTR {}
    hasEnded = true
    return Outcome.End(status)
  }

  /// Behind its end, and when what is left of its group has been killed: they have ended, too. Whose
  /// parent ends is a child of ours.
  func waitForGroup() {
    while waitpid(-number, nil, 0) > 0 || errno == EINTR {}
  }

  /// All of its group, so that what it started goes with it.
  func kill() {
    if !hasEnded { Glibc.kill(-number, SIGKILL) }
  }

  func signal(_ number: Int32) {
    if !hasEnded { Glibc.kill(self.number, number) }
  }
}
