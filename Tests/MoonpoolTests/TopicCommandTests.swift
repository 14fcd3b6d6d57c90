import Glibc
import SharedMemory
import TestSupport
import Testing

/// Topics from the command line: `send`, `receive`, what looks at them, and the bundled scripts.
@Suite(.timeLimit(.minutes(5))) struct TopicCommandTests {
  private let session = Places.unique("topiccmd")

  private func start(_ words: String...) -> Child {
    Child(Places.moonpool, words, environment: ["MOONPOOL_SESSION": session], input: .open)
  }

  private func lua(_ text: String) -> Child { start("-e", text) }

  @Test func everyReceiverGetsWhatIsSent() {
    let sender = start("send", "--topic", "--lines", "--size", "8K", "t")
    sender.write("one\n")
    #expect(poll { moonpool("stat", "t", session: session).output.contains("1 message") })
    let old = start("receive", "--lines", "--from", "oldest", "t")
    let new = start("receive", "--json", "t")
    #expect(old.prints("one\n"))
    // A reader shows nothing of itself: it has come when it has read.
    #expect(
      poll {
        sender.write("two \u{E4}\n")
        usleep(20_000)
        return new.prints("\"two \u{E4}\"\n", within: 0.2)
      })
    sender.closeInput()
    #expect(sender.wait() == 0)
    #expect(old.wait() == 0 && new.wait() == 0)
    #expect(old.printed.hasSuffix("two \u{E4}\n"))
    #expect(sender.complained == "" && old.complained == "" && new.complained == "")
  }

  @Test func lossesAreSaidBesideWhatIsPrinted() {
    let holder = lua(
      """
      local t = assert(shm.topic("t", 4096))
      for i = 1, 200 do t:publish(i .. "") end
      io.write("there") io.flush() console.getch()
      """)
    #expect(holder.prints("there"))
    let receiver = start("receive", "--lines", "--from", "10", "t")
    #expect(receiver.prints("\n200\n"))
    holder.closeInput()
    #expect(receiver.wait() == 0)
    #expect(receiver.printed.hasPrefix("73\n74\n"))
    #expect(
      receiver.complained == "moonpool: receive t: 63 messages were lost before number 73\n")
    let wrong = moonpool("receive", "--from", "first", "t", session: session)
    #expect(wrong.status == 64)
    #expect(wrong.errors.contains("--from: next, latest, oldest or a sequence from 1"))
  }

  @Test func aQueueHasNoPlaceToBeginAt() {
    let made = moonpool(
      "-e",
      """
      local q = assert(shm.queue('q', 1))
      print(os.execute('\(Places.moonpool) receive --from oldest q'))
      """, session: session)
    #expect(made.output.hasSuffix("exit\t64\n"), "\(made.output)")
    #expect(
      made.errors
        == "moonpool: receive q: --from is of topics; a queue has one order for all\n")
  }

  @Test func whoLooksSeesTheState() {
    let holder = lua(
      """
      local t = assert(shm.topic("t", 4096))
      for i = 1, 200 do t:publish("x") end io.write("there") io.flush() console.getch()
      t:publish("y") console.getch()
      """)
    #expect(holder.prints("there"))
    let stat = moonpool("stat", "t", session: session).output
    #expect(stat.contains("type    topic\n"))
    #expect(stat.contains("state   200 messages, the last 128 kept in 4096 bytes\n"))
    #expect(
      moonpool("stat", "--json", "t", session: session).output.contains(
        "\"state\": {\"published\": 200, \"overwritten\": 72, \"capacity\": 4096, "
          + "\"publishers\": true}"))
    #expect(moonpool("ls", session: session).output.contains("topic"))
    #expect(moonpool("who", "t", session: session).output.contains("moonpool"))
    let watch = start("watch", "--interval", "0.02", "t")
    #expect(watch.prints("200 messages, the last 128 kept in 4096 bytes\n"))
    holder.write("x")
    #expect(watch.prints("201 messages, the last 128 kept in 4096 bytes, published "))
    holder.closeInput()
    #expect(watch.prints("t is gone\n"))
    #expect(watch.wait() == 0)
    #expect(holder.wait() == 0)
  }

  @Test func aSlowReaderOfTheTelemetryKnowsWhatItLost() throws {
    let fast = start("run", "telemetry", "follow")
    let slow = start("run", "telemetry", "follow", "0.2")
    #expect(
      poll { moonpool("who", "speed", session: session).output.split(separator: "\n").count == 3 })
    let car = start("run", "telemetry", "drive", "2000", "0.0005")
    #expect(car.wait() == 0)
    #expect(fast.wait() == 0 && slow.wait() == 0)
    #expect(fast.printed.contains("1: 200 km/h\n"))
    for reader in [fast, slow] {
      let lines = reader.printed.split(separator: "\n")
      let words = try #require(lines.last).split(separator: " ")
      #expect(lines.count - 1 + (Int(words[0]) ?? -1) == 2000, "\(words)")
    }
    #expect(slow.printed.contains(" lost\n"))
    #expect(moonpool("run", "telemetry", "stand", session: session).status == 64)
    #expect(moonpool("run", "telemetry", "drive", "x", session: session).status == 64)
  }

  @Test func whoChatsReadsWhatOthersSay() {
    let ada = start("run", "chat", "ada")
    #expect(poll { moonpool("stat", "chat", session: session).output.contains("1 message,") })
    ada.write("hello\n")
    #expect(poll { moonpool("stat", "chat", session: session).output.contains("2 messages,") })
    let bob = start("run", "chat", "bob")
    #expect(bob.prints("ada: (is here)\nada: hello\n"))
    bob.write("good evening\n")
    #expect(poll { moonpool("stat", "chat", session: session).output.contains("4 messages,") })
    ada.write("\n")
    #expect(ada.prints("bob: (is here)\nbob: good evening\n"))
    bob.closeInput()
    #expect(bob.wait() == 0)
    ada.closeInput()
    #expect(ada.wait() == 0)
    #expect(moonpool("run", "chat", session: session).status == 64)
  }

  private func explained(_ script: String) -> String {
    moonpool("--explain", "-e", script, session: session).errors
  }

  @Test func eachCallIsExplained() {
    let explained = self.explained(
      """
      local t = shm.topic('t', 4096)
      t:publish('x') t:publish { 1 } t:publish_all { 'x', 'y' } t:next(0.5) t:latest()
      t:seek('next') t:seek('oldest') t:seek(2) t:skip() t:sequence()
      """)
    for (call, steps, result) in [
      ("topic:publish(\"x\")", Self.publishing, "1"), ("topic:publish(…)", Self.publishing, "2"),
      ("topic:publish_all(…)", Self.publishing, "4"),
      (
        "topic:next(0.5)",
        "loads, memcpy out of the ring, and a look whether it was written over; futex(2) only while "
          + "it must wait", "value"
      ),
      (
        "topic:latest()",
        "loads, memcpy out of the ring, and a look whether it was written over: no system call",
        "value"
      ),
      ("topic:seek(\"next\")", Self.looking, "5"), ("topic:seek(\"oldest\")", Self.looking, "1"),
      ("topic:seek(2)", Self.looking, "2"), ("topic:skip()", Self.looking, "3"),
      ("topic:sequence()", Self.looking, "4"),
    ] {
      let parts = explained.components(behind: "  \(call)\n")
      #expect(parts.contains(steps), "\(call): \(parts)")
      #expect(parts.hasSuffix("→ \(result)"), "\(call): \(parts)")
    }
  }

  private static let publishing =
    "a lock by a compare-and-swap; stores and memcpy into the ring; futex(2) only if a reader sleeps, "
    + "or another publisher has the lock"
  private static let looking = "loads from the ring: no system call"

  @Test func howATopicIsOpenedIsExplained() {
    let explained = self.explained(
      """
      shm.topic('t', 4096, { from = 'oldest', strict = true, mode = '660', access = 'read' })
      shm.open_topic('t', { from = 'latest', access = 'publish' })
      shm.open_topic('t', { from = 7 })
      shm.queue('q', 4096, { access = 'pop', exclusive = true })
      """)
    for line in [
      "shm.topic([[t]], 4096, {access = \"read\", from = \"oldest\", strict = true, mode = \"660\"})\n",
      "shm.open_topic([[t]], {access = \"publish\", from = \"latest\"})\n  Win32  (none)\n",
      "shm.open_topic([[t]], {from = 7})\n  Win32  (none)\n",
      "shm.queue([[q]], 4096, {access = \"pop\", exclusive = true})\n  Win32  (none)\n",
    ] { #expect(explained.contains(line), "\(line): \(explained)") }
  }
}

extension String {
  /// From this text on, up to the result that follows.
  fileprivate func components(behind text: String) -> String {
    let lines = split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let begin = lines.firstIndex(where: { ($0 + "\n").hasSuffix(text) }) else { return self }
    let end = lines[begin...].firstIndex { $0.contains("→") } ?? lines.endIndex - 1
    return lines[begin...end].joined(separator: "\n")
  }
}
