import Glibc
import TestSupport
import Testing

/// `receive` before, while and after somebody makes what it receives from.
@Suite(.timeLimit(.minutes(5))) struct ReceiveTests {
  private let session = Places.unique("receive")

  private func start(_ words: String...) -> Child {
    Child(Places.moonpool, words, environment: ["MOONPOOL_SESSION": session], input: .open)
  }

  @Test func aPlaceIsWaitedForLikeTheObject() {
    let receiver = start("receive", "--wait", "--from", "oldest", "--lines", "t")
    usleep(300_000)
    let sender = start("send", "--topic", "--lines", "t")
    sender.write("one\ntwo\n")
    #expect(receiver.prints("one\ntwo\n"), "\(receiver.complained)")
    sender.closeInput()
    #expect(sender.wait() == 0)
    #expect(receiver.wait() == 0)
    #expect(receiver.complained == "")
  }

  @Test func withAPlaceNobodyIsSaidToHaveItToo() {
    for words in [["--from", "latest"], []] {
      let outcome = run(
        Places.moonpool, ["receive"] + words + ["t"], environment: ["MOONPOOL_SESSION": session])
      #expect(outcome.status == 1)
      #expect(
        outcome.errors.hasPrefix("moonpool: open t: ERROR_FILE_NOT_FOUND (2): "),
        "\(outcome.errors)")
    }
    let late = moonpool(
      "receive", "--wait", "--from", "oldest", "--timeout", "0.1", "t", session: session)
    #expect(late.status == 124)
    #expect(late.errors == "moonpool: receive t: nobody has made it in 0.1 s\n")
  }

  @Test func memoryIsNeitherOfBoth() {
    let holder = start("-e", "v = assert(shm.create('v', 8)) print('there') io.flush() io.read()")
    #expect(holder.prints("there"))
    for words in [["--from", "oldest"], [], ["--wait"]] {
      let outcome = run(
        Places.moonpool, ["receive"] + words + ["v"], environment: ["MOONPOOL_SESSION": session])
      #expect(outcome.status == 1)
      #expect(
        outcome.errors.hasPrefix("moonpool: open v: ERROR_INVALID_HANDLE (6): "),
        "\(outcome.errors)")
    }
    holder.closeInput()
    #expect(holder.wait() == 0)
  }

  /// Stopped at each of its system calls, while another process makes the topic.
  @Test(.enabled(if: Places.canTrace, "ptrace is not permitted here"))
  func whatIsMadeMeanwhileIsReceivedOrWasNotThere() throws {
    let received = try whileTheTopicIsMade(["receive", "--json", "t"]) { said in
      said.contains("with status 0") || said.contains("ERROR_FILE_NOT_FOUND (2)")
    }
    #expect(received > 0)
  }

  @Test(.enabled(if: Places.canTrace, "ptrace is not permitted here"))
  func whatIsMadeMeanwhileIsSentTo() throws {
    _ = try whileTheTopicIsMade(["send", "--lines", "--no-wait", "t"]) { said in
      said.contains("with status 0")
    }
  }

  /// - Returns: after how many stops it ended with status 0.
  private func whileTheTopicIsMade(
    _ words: [String], _ endsWell: (_ said: String) -> Bool
  ) throws -> Int {
    let command = ["/dev/shm/moonpool-\(geteuid())@\(session)", Places.moonpool] + words
    let environment = ["MOONPOOL_SESSION": session]
    // The session's directory is there before and after, so that the calls are the same each time.
    let holder = start("-e", "v = assert(shm.create('v', 8)) print('there') io.flush() io.read()")
    #expect(holder.prints("there"))
    defer {
      holder.closeInput()
      holder.wait()
    }
    let all = run(Places.killat, ["list"] + command, environment: environment)
    let calls = all.errors.split(separator: "\n").count - 1
    try #require(calls > 4, "\(all.errors)")
    var wentWell = 0
    // Once it has linked an object of its own, the name is that.
    let last = all.errors.split(separator: "\n").firstIndex { $0.hasSuffix(" linkat") } ?? calls
    for number in 1...last {
      let program = Child(
        Places.killat, ["stop", "\(number)", "exit"] + command, environment: environment,
        input: .open)
      #expect(poll(within: 30) { program.complained.hasSuffix("\n") })
      let topic = start(
        "-e",
        "local t <close> = assert(shm.topic('t', 4096)) print('there') io.flush() io.read() "
          + "t:publish('x')")
      #expect(topic.prints("there"))
      program.write("go\n")
      // It reads what is published from now on, if it is there at all.
      _ = poll(within: 0.2) { program.complained.contains("with status") }
      topic.closeInput()
      #expect(topic.wait() == 0)
      program.closeInput()
      program.wait()
      let said = program.complained
      #expect(endsWell(said), "\(number): \(said)")
      if said.contains("with status 0") { wentWell += 1 }
    }
    return wentWell
  }
}
