import ArgumentParser
@preconcurrency import Glibc
import SharedMemory

struct Send: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send", abstract: "Push standard input into a queue or topic, as messages.",
    discussion: """
      On a terminal each line is a message; other input is framed, as 'receive' writes it; with --json \
      each line is a value as 'receive --json' prints it; what has more than 64 bits becomes a float, \
      and in Lua already what is 2^63 or more. The object is made if nobody has it: a queue, \
      or with --topic a topic. The command ends when all was taken, or with error 232 when all who took \
      messages are gone; what goes to a topic is published, and nobody has to take it. What it read \
      before it fails was sent.
      """)

  @Argument(help: "The name of the queue or topic.") var name: NameArgument
  @Option(help: "Bytes of a new one, with K, M or G.") var size: ByteCount = ByteCount(1 << 20)
  @Flag(help: "Each line is a message, whatever the input is.") var lines = false
  @Flag(help: "Each line is a JSON value.") var json = false
  @Flag(help: "Do not wait until all was taken.") var noWait = false
  @Flag(help: "A new one is a topic.") var topic = false

  func validate() throws {
    if lines && json { throw ValidationError("give one of --lines and --json") }
  }

  func run() {
    var ranWell = true
    Moonpool.reporting { () throws(SharedMemoryError) in
      let remains: RingRemains?
      (ranWell, remains) = try sent()
      if let warning = remains?.warning { throw warning }
    }
    if !ranWell { ExitStatus.failure.exit() }
  }

  /// - Returns: also what it leaves, to be asked when the handle is closed.
  private func sent() throws(SharedMemoryError) -> (ranWell: Bool, RingRemains?) {
    switch try made() {
    case .queue(let queue): return try push(to: queue)
    case .topic(let topic):
      return (
        forEachMessage { message throws(SharedMemoryError) in try topic.publish(message) }, nil
      )
    }
  }

  /// Whoever has the name says what it is.
  private func made() throws(SharedMemoryError) -> Receive.Source {
    try Receive.asWhatItIs(name, otherwise: topic) { isTopic throws(SharedMemoryError) in
      let (name, size) = (name.bytes, size.value)
      return isTopic
        ? .topic(try NamedTopic.create(bytes: name, size: size, access: .modify))
        : .queue(try NamedQueue.create(bytes: name, size: size, access: .modify))
    }
  }

  private func push(
    to queue: NamedQueue
  ) throws(SharedMemoryError) -> (ranWell: Bool, RingRemains?) {
    let ranWell = forEachMessage { message throws(SharedMemoryError) in _ = try queue.push(message)
    }
    if !noWait { _ = try queue.drain() }
    return (ranWell, RingRemains(queue))
  }

  /// - Returns: false: it has said why it stopped before the end. What it has sent before is not
  ///   lost for that, as the command still waits until it was taken.
  private func forEachMessage(
    _ body: (Message) throws(SharedMemoryError) -> Void
  ) -> Bool {
    var input = MessageInput(form)
    do {
      while let message = try input.next() { try body(message) }
      return true
    } catch let problem as MessageInput.Problem {
      ExitStatus.note("send \(name.text): \(problem.what)")
    } catch {
      ExitStatus.note("\(error)")
    }
    return false
  }

  private var form: MessageInput.Form {
    json ? .json : lines || isatty(STDIN_FILENO) == 1 ? .lines : .frames
  }
}

/// Standard input as messages.
struct MessageInput {
  enum Form { case lines, json, frames }
  struct Problem: Error { let what: String }

  private let form: Form
  private var lines = StandardInput.Lines()
  private var line = 0

  init(_ form: Form) { self.form = form }

  /// Nil: it has ended.
  mutating func next() throws(Problem) -> Message? {
    if form == .frames { return try MessageFrame.read() }
    while let text = try nextLine() {
      if form == .lines { return Message(text) }
      line += 1
      do throws(JSONProblem) {
        if let message = try MessageJSON.message(text) { return message }
      } catch {
        throw Problem(what: "line \(line), column \(error.column): \(error.what)")
      }
    }
    return nil
  }

  private mutating func nextLine() throws(Problem) -> [UInt8]? {
    do throws(StandardInput.Unreadable) {
      return try lines.next()
    } catch {
      throw Problem(what: error.what)
    }
  }
}

/// Messages in a pipe or a file: for each its length as 4 bytes, little-endian, its kind as one
/// (1: bytes, 2: a value as MessagePack), then its bytes.
enum MessageFrame {
  static func bytes(of message: Message) -> [UInt8] {
    let length = UInt32(message.bytes.count)
    return (0..<4).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
      + [message.isValue ? 2 : 1] + message.bytes
  }

  /// The next message of standard input; nil: it has ended.
  static func read() throws(MessageInput.Problem) -> Message? {
    let head = try bytes(5)
    if head.isEmpty { return nil }
    let length = head.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard head.count == 5, (1...2).contains(head[4]), length <= 1 << 30 else {
      throw .init(what: "the input is not framed as 'receive' writes it; for text give --lines")
    }
    let body = try bytes(length)
    if body.count < length { throw .init(what: "the input ends in the midst of a message") }
    return Message(body, isValue: head[4] == 2)
  }

  private static func bytes(_ count: Int) throws(MessageInput.Problem) -> [UInt8] {
    do throws(StandardInput.Unreadable) {
      return try StandardInput.bytes(count)
    } catch {
      throw .init(what: error.what)
    }
  }
}
