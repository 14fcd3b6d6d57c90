import ArgumentParser
import SharedMemory

struct Receive: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receive", abstract: "Take a queue's messages and print them, until its end.",
    discussion: """
      On a terminal each message is a line of JSON; into pipes and files they are framed, for 'send'. \
      A message leaves the queue when it is written.
      """)

  @Argument(help: "The queue's name.") var name: NameArgument
  @Flag(help: "Print each message as a line of JSON.") var json = false
  @Flag(help: "Print each string as it is, as a line; others as JSON.") var lines = false

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      let queue = try NamedQueue.open(bytes: name.bytes, access: .wait)
      while let job = try next(queue) {
        StandardOutput.write(shown(job.message))
        try job.done()
      }
    }
  }

  private func next(_ queue: NamedQueue) throws(SharedMemoryError) -> NamedQueue.Job? {
    do throws(SharedMemoryError) { return try queue.take() } catch {
      if error.code == .brokenPipe { return nil }
      throw error
    }
  }

  private func shown(_ message: NamedQueue.Message) -> [UInt8] {
    if lines && !message.isValue { return message.bytes + [0x0A] }
    if json || lines || StandardOutput.isTerminal {
      return Array(MessageJSON.text(message).utf8) + [0x0A]
    }
    return MessageFrame.bytes(of: message)
  }
}
