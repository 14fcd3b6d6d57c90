import ArgumentParser
@preconcurrency import Glibc
import SharedMemory

struct Receive: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receive", abstract: "Take the messages of a queue or topic and print them.",
    discussion: """
      On a terminal each message is a line of JSON; into pipes and files they are framed, for 'send'. \
      A message leaves the queue when it is written; of a topic others read it, too. The command ends \
      when all who push or publish are gone. With --wait it waits until somebody makes the object; \
      --timeout limits that, and the wait for each message: then the status is 124. What JSON cannot say \
      is {"hex": "ff"} for bytes that are no UTF-8, {"float": "nan"}, and {"map": [[1, "one"]]} for other \
      keys than texts; 'send --json' reads it back.
      """)

  @Argument(help: "The name of the queue or topic.") var name: NameArgument
  @Flag(help: "Print each message as a line of JSON.") var json = false
  @Flag(help: "Print each string as it is, as a line; others as JSON.") var lines = false
  @Flag(help: "If nobody has it yet, wait until somebody makes it.") var wait = false
  @Option(help: "Seconds to wait for each message, and for the object itself.")
  var timeout: Double?
  @Option(
    help: "Of a topic: next, latest, oldest or a sequence, where it begins.",
    completion: .list(["next", "latest", "oldest"]))
  var from: String?

  func validate() throws {
    if place == nil { throw ValidationError("--from: next, latest, oldest or a sequence from 1") }
    if let timeout, !(timeout >= 0) { throw ValidationError("--timeout: seconds from 0") }
    if lines && json { throw ValidationError("give one of --lines and --json") }
  }

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      switch try wait ? whenItIsThere(opened) : opened() {
      case .queue(let queue): try empty(queue)
      case .topic(let topic): try follow(topic)
      }
    }
  }

  enum Source {
    case queue(NamedQueue)
    case topic(NamedTopic)
  }

  private func opened() throws(SharedMemoryError) -> Source {
    if from != nil { return .topic(try topic()) }
    return try Self.asWhatItIs(name, otherwise: false) { isTopic throws(SharedMemoryError) in
      isTopic
        ? .topic(try topic()) : .queue(try NamedQueue.open(bytes: name.bytes, access: .wait))
    }
  }

  /// Opens or makes it as what the name is. Between that look and the opening another process may
  /// have made it: then it is looked at again.
  ///
  /// - Parameter otherwise: whether it is a topic if nobody has it.
  static func asWhatItIs<Object>(
    _ name: NameArgument, otherwise: Bool,
    _ open: (_ isTopic: Bool) throws(SharedMemoryError) -> Object
  ) throws(SharedMemoryError) -> Object {
    var isTopic = try isTopic(name)
    while true {
      do throws(SharedMemoryError) { return try open(isTopic ?? otherwise) } catch {
        let before = isTopic
        isTopic = try Self.isTopic(name)
        if error.code != .invalidHandle || isTopic == before { throw error }
      }
    }
  }

  /// A queue is not even opened for `--from`: that would make a consumer of the handle, which others
  /// then see go.
  private func topic() throws(SharedMemoryError) -> NamedTopic {
    do throws(SharedMemoryError) {
      return try NamedTopic.open(bytes: name.bytes, access: .wait, from: place ?? .next)
    } catch {
      if from != nil, error.code == .invalidHandle, try isQueue() {
        ExitStatus.usage.exit(
          "receive \(name.text): --from is of topics; a queue has one order for all")
      }
      throw error
    }
  }

  private func empty(_ queue: NamedQueue) throws(SharedMemoryError) {
    while let job = try untilTheEnd({ () throws(SharedMemoryError) in
      try queue.take(timeout: duration)
    }) {
      StandardOutput.write(shown(job.message))
      try job.done()
    }
  }

  private var duration: Duration? {
    timeout.map { .nanoseconds(Int64(min($0, 1_000_000_000) * 1e9)) }
  }

  private func isQueue() throws(SharedMemoryError) -> Bool {
    try Session.current.state(of: Session.current.find(name.bytes)) is NamedQueue.State
  }

  /// Looks again and again whether somebody has made it: in the long run twice a second.
  private func whenItIsThere<Object>(
    _ open: () throws(SharedMemoryError) -> Object
  ) throws(SharedMemoryError) -> Object {
    let begin = ContinuousClock.now
    var pause: UInt32 = 5_000
    while true {
      do throws(SharedMemoryError) { return try open() } catch {
        if error.code != .fileNotFound { throw error }
      }
      if let duration, ContinuousClock.now - begin >= duration {
        ExitStatus.timeout.exit("receive \(name.text): nobody has made it in \(seconds)")
      }
      usleep(pause)
      pause = min(pause * 2, 500_000)
    }
  }

  private var seconds: String { "\(timeout ?? 0) s" }

  /// Has the name a topic, or something else? Nil: nobody has it.
  private static func isTopic(_ name: NameArgument) throws(SharedMemoryError) -> Bool? {
    guard let entry = try? Session.current.find(name.bytes) else { return nil }
    return try Session.current.state(of: entry) is NamedTopic.State
  }

  private var place: ReadingPlace? {
    switch from {
    case nil, "next": .next
    case "latest": .newest
    case "oldest": .oldest
    case .some(let number): UInt64(number).flatMap { $0 > 0 ? .sequence($0) : nil }
    }
  }

  /// Losses are said beside what is printed.
  private func follow(_ topic: NamedTopic) throws(SharedMemoryError) {
    while let received = try untilTheEnd({ () throws(SharedMemoryError) in
      try topic.next(timeout: duration)
    }) {
      let lost = topic.lost().new
      if lost > 0 {
        ExitStatus.note(
          "receive \(name.text): \(lost) message\(lost == 1 ? " was" : "s were") lost before number "
            + "\(received.sequence)")
      }
      StandardOutput.write(shown(received.message))
    }
  }

  private func untilTheEnd<Item>(
    _ take: () throws(SharedMemoryError) -> Item?
  ) throws(SharedMemoryError) -> Item? {
    do throws(SharedMemoryError) {
      if let item = try take() { return item }
    } catch {
      if error.code == .brokenPipe { return nil }
      throw error
    }
    ExitStatus.timeout.exit("receive \(name.text): no message came in \(seconds)")
  }

  private func shown(_ message: Message) -> [UInt8] {
    if lines && !message.isValue { return message.bytes + [0x0A] }
    if json || lines || StandardOutput.isTerminal {
      return Array(MessageJSON.text(message).utf8) + [0x0A]
    }
    return MessageFrame.bytes(of: message)
  }
}
