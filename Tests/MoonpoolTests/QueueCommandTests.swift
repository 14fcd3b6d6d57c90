import Glibc
import SharedMemory
import TestSupport
import Testing

/// Queues from the command line: `send`, `receive`, what looks at them, and the bundled scripts.
@Suite(.timeLimit(.minutes(5))) struct QueueCommandTests {
  private let session = Places.unique("queuecmd")

  private func start(_ words: String...) -> Child {
    Child(Places.moonpool, words, environment: ["MOONPOOL_SESSION": session], input: .open)
  }

  private func lua(_ text: String) -> Child { start("-e", text) }

  @Test func linesGoThroughAQueue() {
    let sender = start("send", "--lines", "--size", "8K", "q")
    sender.write("one\ntwo \u{E4}\n")
    sender.closeInput()
    #expect(poll { moonpool("stat", "q", session: session).output.contains("2 messages") })
    let receiver = start("receive", "--lines", "q")
    #expect(receiver.wait() == 0)
    #expect(receiver.printed == "one\ntwo \u{E4}\n")
    #expect(sender.wait() == 0)
    #expect(sender.complained == "")
  }

  @Test func framesAreWhatSendTakes() throws {
    let made = lua(
      """
      local q <close> = assert(shm.queue("q", 65536))
      q:push("text") q:push { 1, { key = 2.5 }, "\\xff" } q:push(-7)
      q:drain()
      """)
    #expect(poll { moonpool("stat", "q", session: session).output.contains("3 messages") })
    // A pipe between the two: what is written is what is read.
    let pipe = Child(
      "/bin/sh", ["-c", "'\(Places.moonpool)' receive q | '\(Places.moonpool)' send again"],
      environment: ["MOONPOOL_SESSION": session])
    #expect(made.wait() == 0)
    #expect(poll { moonpool("stat", "again", session: session).output.contains("3 messages") })
    let shown = start("receive", "--json", "again")
    #expect(shown.wait() == 0)
    #expect(shown.printed == "\"text\"\n[1, {\"key\": 2.5}, {\"hex\": \"ff\"}]\n-7\n")
    #expect(pipe.wait() == 0)
    #expect(pipe.complained == "")
  }

  @Test func whatIsNotFramedIsSaid() {
    let sender = start("send", "q")
    sender.write("just a line\n")
    sender.closeInput()
    #expect(sender.wait() == 1)
    #expect(
      sender.complained
        == "moonpool: send q: the input is not framed as 'receive' writes it; for text give --lines\n"
    )
    #expect(
      moonpool("receive", "none", session: session).errors.contains("ERROR_FILE_NOT_FOUND (2)"))
  }

  @Test func whoLooksSeesTheState() {
    let holder = lua(
      """
      local q = assert(shm.queue("q", 4096))
      q:push("x") io.write("there") io.flush() console.getch()
      """)
    #expect(holder.prints("there"))
    let stat = moonpool("stat", "q", session: session).output
    #expect(stat.contains("type    queue\n"))
    #expect(stat.contains("state   1 message, 4064 of 4096 bytes free, no consumer\n"))
    #expect(
      moonpool("stat", "--json", "q", session: session).output.contains(
        "\"state\": {\"messages\": 1, \"free\": 4064, \"capacity\": 4096, \"finished\": false, "
          + "\"producers\": true, \"consumers\": false, \"pushed\": 1, \"popped\": 0}"))
    #expect(moonpool("ls", session: session).output.contains("queue"))
    #expect(moonpool("who", "q", session: session).output.contains("moonpool"))
    holder.closeInput()
    #expect(holder.wait() == 0)
  }

  @Test func watchShowsTheStateUntilItIsGone() {
    let holder = lua(
      """
      local q = assert(shm.queue("q", 4096))
      io.write("there") io.flush() console.getch()
      q:push("x") console.getch()
      """)
    #expect(holder.prints("there"))
    let watch = start("watch", "--interval", "0.02", "q")
    #expect(watch.prints("0 messages, 4096 of 4096 bytes free, no producer, no consumer\n"))
    holder.write("x")
    #expect(watch.prints("1 message, 4064 of 4096 bytes free, no consumer, pushed "))
    holder.closeInput()
    #expect(watch.prints("q is gone\n"))
    #expect(watch.wait() == 0)
  }

  @Test func jobsOfAKilledWorkerGoToTheNext() {
    let giver = start("run", "worker", "give", "a", "b")
    #expect(poll { moonpool("stat", "jobs", session: session).output.contains("2 messages") })
    let doomed = start("run", "worker", "work", "60")
    #expect(
      poll { !moonpool("stat", "jobs", session: session).output.contains("no consumer") })
    usleep(200_000)
    doomed.kill(SIGKILL)
    let worker = start("run", "worker", "work", "0")
    #expect(worker.wait() == 0)
    #expect(worker.printed == "a (try 2)\nb (try 1)\n")
    #expect(giver.wait() == 0)
  }

  @Test func oneLoggerKeepsTheLinesOfMany() {
    let keeper = start("run", "logger", "keep")
    #expect(poll { moonpool("stat", "log", session: session).status == 0 })
    let writers = (1...4).map { start("run", "logger", "line", "\($0)") }
    for writer in writers { #expect(writer.wait() == 0) }
    let all: Set = [" line 1", " line 2", " line 3", " line 4"]
    #expect(
      poll {
        Set(keeper.printed.split(separator: "\n").map { $0.drop { $0 != " " } })
          == Set(all.map { $0[...] })
      })
    keeper.kill()
    keeper.wait()
    let late = moonpool("run", "logger", "late", session: session)
    #expect(late.status == 1)
    #expect(late.errors.hasPrefix("nobody keeps the log; start: logger keep\n"))
  }

  @Test func whatNobodyCanTakeIsSaid() {
    let outcome = run(
      "/bin/sh", ["-c", #"printf 'a\nb\n' | "$0" send --lines --no-wait q"#, Places.moonpool],
      environment: ["MOONPOOL_SESSION": session])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors == "moonpool: close q: ERROR_BROKEN_PIPE (109): 2 messages were never taken, "
        + "and this was the last handle\n")
  }

  @Test func linesAreSentByteForByte() {
    let receiver = lua(
      #"""
      local q = assert(shm.queue("q", 4096))
      io.write("there") io.flush()
      for line in q:messages() do io.write(("%q"):format(line), ";") end
      """#)
    #expect(receiver.prints("there"))
    let outcome = run(
      "/bin/sh", ["-c", #"printf 'a\377b\r\n\nc' | "$0" send --lines q"#, Places.moonpool],
      environment: ["MOONPOOL_SESSION": session])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(receiver.wait() == 0)
    #expect(receiver.printed == "there\"a\u{FFFD}b\\13\";\"\";\"c\";")
  }

  @Test(arguments: ["--lines", "--json", "--no-wait"])
  func anInputThatCannotBeReadHasNotEnded(form: String) {
    let outcome = run(
      "/bin/sh", ["-c", "exec \"$0\" send \(form) q < /", Places.moonpool],
      environment: ["MOONPOOL_SESSION": session])
    #expect(outcome.status == 1)
    #expect(outcome.errors == "moonpool: send q: standard input: Is a directory\n")
  }

  /// Of a socket whose other end was closed although something for it was unread, what was sent is
  /// read, and then comes an error.
  @Test func whatWasReadBeforeAnErrorIsSent() throws {
    let receiver = lua(
      #"""
      local q = assert(shm.queue("q", 4096))
      io.write("there") io.flush()
      for line in q:messages() do io.write(("%q"):format(line), ";") end
      """#)
    #expect(receiver.prints("there"))
    var ends: [Int32] = [0, 0]
    try #require(
      socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
    let input = dup(ends[1])  // the sender's
    #expect(write(ends[0], "one\ntwo\nthr", 11) == 11 && write(ends[1], "x", 1) == 1)
    close(ends[0])
    close(ends[1])
    let outcome = run(
      "/bin/bash", ["-c", "exec \"$0\" send --lines q <&\(input)", Places.moonpool],
      environment: ["MOONPOOL_SESSION": session])
    close(input)
    #expect(outcome.status == 1)
    #expect(outcome.errors == "moonpool: send q: standard input: Connection reset by peer\n")
    #expect(receiver.wait() == 0)
    #expect(receiver.printed == "there\"one\";\"two\";")
  }

  @Test func linesOfAnyLengthAreRead() {
    let receiver = lua(
      #"""
      local q = assert(shm.queue("q", 1 << 20))
      io.write("there") io.flush()
      for line in q:messages() do io.write(#line, line:sub(-1), ";") end
      """#)
    #expect(receiver.prints("there"))
    let script = """
      for length in 65534 65535 65536 0 65537 200000 1; do
        head -c $length /dev/zero | tr '\\0' x; echo
      done | "$0" send --lines q
      """
    let outcome = run(
      "/bin/sh", ["-c", script, Places.moonpool], environment: ["MOONPOOL_SESSION": session])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(receiver.wait() == 0)
    #expect(receiver.printed == "there65534x;65535x;65536x;0;65537x;200000x;1x;")
  }
}
