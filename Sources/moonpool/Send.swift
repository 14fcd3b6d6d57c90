import ArgumentParser
@preconcurrency import Glibc
import SharedMemory

struct Send: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send", abstract: "Push standard input into a queue or topic, as messages.",
    discussion: """
      On a terminal each line is a message; other input is framed, as 'receive' writes it. The object \
      is made if nobody has it: a queue, or with --topic a topic. The command ends when all was taken; \
      what goes to a topic is published, and nobody has to take it.
      """)

  @Argument(help: "The name of the queue or topic.") var name: NameArgument
  @Option(help: "Bytes of a new one, with K, M or G.") var size: ByteCount = ByteCount(1 << 20)
  @Flag(help: "Each line is a message, whatever the input is.") var lines = false
  @Flag(help: "Do not wait until all was taken.") var noWait = false
  @Flag(help: "A new one is a topic.") var topic = false

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      if try isTopic() {
        let topic = try NamedTopic.create(bytes: name.bytes, size: size.value, access: .modify)
        return try forEachMessage { message throws(SharedMemoryError) in try topic.publish(message)
        }
      }
      if let warning = try push().warning { throw warning }
    }
  }

  /// - Returns: what it leaves, to be asked when the handle is closed.
  private func push() throws(SharedMemoryError) -> RingRemains {
    let queue = try NamedQueue.create(bytes: name.bytes, size: size.value, access: .modify)
    try forEachMessage { message throws(SharedMemoryError) in _ = try queue.push(message) }
    if !noWait { _ = try queue.drain() }
    return RingRemains(queue)
  }

  /// Whoever has the name says what it is.
  private func isTopic() throws(SharedMemoryError) -> Bool {
    try Receive.isTopic(name) ?? topic
  }

  private func forEachMessage(
    _ body: (Message) throws(SharedMemoryError) -> Void
  ) throws(SharedMemoryError) {
    if lines || isatty(STDIN_FILENO) == 1 {
      while let line = StandardInput.line() { try body(Message(line)) }
    } else {
      while let message = MessageFrame.read(for: "send \(name.text)") { try body(message) }
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

  /// The next message of standard input; nil: it has ended. Ends the process if it is not framed.
  static func read(for command: String) -> Message? {
    let head = StandardInput.read(5)
    if head.isEmpty { return nil }
    let length = head.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard head.count == 5, (1...2).contains(head[4]), length <= 1 << 30 else {
      ExitStatus.failure.exit(
        "\(command): the input is not framed as 'receive' writes it; for text give --lines")
    }
    let bytes = StandardInput.read(length)
    if bytes.count < length {
      ExitStatus.failure.exit("\(command): the input ends in the midst of a message")
    }
    return Message(bytes, isValue: head[4] == 2)
  }
}
