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
  @Option(help: "Of a topic: next, latest, oldest or a sequence, where it begins.")
  var from: String?

  func validate() throws {
    if place == nil { throw ValidationError("--from: next, latest, oldest or a sequence from 1") }
    if let timeout, !(timeout >= 0) { throw ValidationError("--timeout: seconds from 0") }
    if lines && json { throw ValidationError("give one of --lines and --json") }
  }

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      if wait { return try whenItIsThere { () throws(SharedMemoryError) in try receive() } }
      try receive()
    }
  }

  private func receive() throws(SharedMemoryError) {
    if try Self.isTopic(name) ?? false { return try follow() }
    if from != nil {
      ExitStatus.usage.exit(
        "receive \(name.text): --from is of topics; a queue has one order for all")
    }
    let queue = try NamedQueue.open(bytes: name.bytes, access: .wait)
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

  /// Looks again and again whether somebody has made it: in the long run twice a second.
  private func whenItIsThere(
    _ body: () throws(SharedMemoryError) -> Void
  ) throws(SharedMemoryError) {
    let begin = ContinuousClock.now
    var pause: UInt32 = 5_000
    while true {
      do throws(SharedMemoryError) { return try body() } catch {
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
  static func isTopic(_ name: NameArgument) throws(SharedMemoryError) -> Bool? {
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
  private func follow() throws(SharedMemoryError) {
    let topic = try NamedTopic.open(bytes: name.bytes, access: .wait, from: place ?? .next)
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
