import Glibc
import TestSupport
import Testing

/// `send` and `receive` where something goes wrong, as JSON, and before the queue is there; who is a
/// producer and who a consumer.
@Suite(.timeLimit(.minutes(5))) struct QueueUsersCommandTests {
  private let session = Places.unique("queueusers")

  private func start(_ words: String...) -> Child {
    Child(Places.moonpool, words, environment: ["MOONPOOL_SESSION": session], input: .open)
  }

  private func lua(_ text: String) -> Child { start("-e", text) }

  private func state(_ part: String) -> Bool {
    poll { moonpool("stat", "q", session: session).output.contains(part) }
  }

  /// Pops all that comes and prints it, each as `%q`.
  private func consumer() -> Child {
    let child = lua(
      #"""
      local q = assert(shm.queue("q", 65536))
      io.write("there ") io.flush()
      for value in q:messages() do io.write(("%q;"):format(value)) end
      """#)
    #expect(child.prints("there "))
    return child
  }

  @Test func sendEndsWhenTheOnlyConsumerWasKilled() {
    let consumer = lua(
      """
      local q = assert(shm.queue("q", 4096))
      io.write(q:pop()) io.flush() console.getch()
      """)
    let sender = start("send", "--lines", "q")
    sender.write("one\ntwo\nthree\n")
    sender.closeInput()
    #expect(consumer.prints("one"))
    #expect(state("2 messages"))
    consumer.kill(SIGKILL)
    #expect(sender.wait() == 1)
    #expect(
      sender.complained
        == "moonpool: drain q: ERROR_NO_DATA (232): 2 messages were not taken, and nobody who took "
        + "messages is left; start one who does\n")
  }

  @Test func theJobOfAKilledWorkerIsNotTaken() {
    let worker = lua(
      """
      local q = assert(shm.queue("q", 4096))
      local job, value = q:take()
      io.write(value) io.flush() console.getch()
      """)
    let sender = start("send", "--lines", "q")
    sender.write("one\n")
    sender.closeInput()
    #expect(worker.prints("one"))
    worker.kill(SIGKILL)
    #expect(sender.wait() == 1)
    #expect(
      sender.complained
        == "moonpool: drain q: ERROR_NO_DATA (232): 1 message was not taken, and nobody who took "
        + "messages is left; start one who does\n")
  }

  // MARK: JSON

  @Test func whatReceivePrintsSendTakes() {
    let values = """
      { "text", "", "\\xff", ("x"):rep(300), 0, -1, 127, 128, -32, -33, 65536, -65536, 1 << 40, \
      math.maxinteger, math.mininteger, 1.5, -0.0, 1e300, 5e-324, true, { 1, { "a", {} } }, \
      { a = 1, ["b\\n"] = { true } }, { [1.5] = "x", [true] = 2, [7] = { [8] = 9 } }, { hex = "00" }, \
      { map = {} }, { float = "nan" }, { invalid = "c1" }, { 1 / 0, -1 / 0, "\\xfe" }, \
      { ["\\xff"] = 1 }, { hex = "x", map = 1 } }
      """
    let same = """
      local function same(one, other)
        if type(one) ~= "table" or type(other) ~= "table" then
          return one == other and math.type(one) == math.type(other) and (one ~= 0 or 1 / one == 1 / other)
        end
        for key, value in pairs(one) do if not same(value, other[key]) then return false end end
        for key in pairs(other) do if one[key] == nil then return false end end
        return true
      end
      """
    let made = lua(
      """
      local q <close> = assert(shm.queue("q", 1 << 20))
      for _, value in ipairs \(values) do q:push(value) end
      q:push { 0 / 0 } q:finish() q:drain()
      """)
    #expect(poll { moonpool("stat", "q", session: session).output.contains("finished") })
    let pipe = Child(
      "/bin/sh",
      ["-c", "'\(Places.moonpool)' receive --json q | '\(Places.moonpool)' send --json again"],
      environment: ["MOONPOOL_SESSION": session])
    #expect(made.wait() == 0)
    #expect(poll { moonpool("stat", "again", session: session).status == 0 })
    let check = lua(
      """
      \(same)
      local q <close> = assert(shm.open_queue("again"))
      for i, value in ipairs \(values) do
        local back = q:pop()
        if not same(value, back) then print(i, value, back) end
      end
      local last = q:pop()[1]
      print(last ~= last, (q:pop()))
      """)
    #expect(check.wait() == 0)
    #expect(check.printed == "true\tnil\n")
    #expect(check.complained == "")
    #expect(pipe.wait() == 0)
    #expect(pipe.complained == "")
  }

  @Test func badJSONIsSaidAndTheLinesBeforeAreSent() {
    let consumer = consumer()
    let outcome = run(
      "/bin/sh",
      ["-c", #"printf '"a"\n\n{"b": [1,]}\n"c"\n' | "$0" send --json q"#, Places.moonpool],
      environment: ["MOONPOOL_SESSION": session])
    #expect(outcome.status == 1)
    #expect(outcome.errors == "moonpool: send q: line 3, column 10: there is no such value\n")
    #expect(consumer.wait() == 0)
    #expect(consumer.printed == "there \"a\";")
  }

  @Test func whatIsReadBeforeTheEndOfABadInputIsSent() {
    let consumer = consumer()
    let outcome = run(
      "/bin/sh",
      ["-c", #"printf '\001\000\000\000\001aoops!' | "$0" send q"#, Places.moonpool],
      environment: ["MOONPOOL_SESSION": session])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors
        == "moonpool: send q: the input is not framed as 'receive' writes it; for text give --lines\n"
    )
    #expect(consumer.wait() == 0)
    #expect(consumer.printed == "there \"a\";")
  }

  @Test func whatIsNoMessageIsSaid() {
    for (text, problem) in [
      ("null", "column 1: null is no message; send a map or an array"),
      ("false", "column 1: false is no message; send a map or an array"),
      ("[[1", "column 4: a comma or ] is missing"),
      (
        String(repeating: "[", count: 101) + String(repeating: "]", count: 101),
        "column 1: it is nested more than 100 deep"
      ),
    ] {
      let outcome = run(
        "/bin/sh", ["-c", #"printf '%s\n' "$1" | "$0" send --json q"#, Places.moonpool, text],
        environment: ["MOONPOOL_SESSION": session])
      #expect(outcome.status == 1)
      #expect(outcome.errors == "moonpool: send q: line 1, \(problem)\n")
    }
    #expect(moonpool("send", "--json", "--lines", "q", session: session).status == 64)
  }

  // MARK: Before it is there

  @Test func receiveWaitsUntilSomebodyMakesIt() {
    let receiver = start("receive", "--wait", "--lines", "q")
    usleep(100_000)
    let sender = start("send", "--lines", "q")
    sender.write("one\n")
    sender.closeInput()
    #expect(sender.wait() == 0)
    #expect(receiver.wait() == 0)
    #expect(receiver.printed == "one\n")
    #expect(receiver.complained == "")
  }

  @Test func aTimeoutHasAStatusOfItsOwn() {
    let none = moonpool("receive", "--wait", "--timeout", "0.05", "q", session: session)
    #expect(none.status == 124)
    #expect(none.errors == "moonpool: receive q: nobody has made it in 0.05 s\n")
    let holder = lua(
      """
      local q = assert(shm.queue("q", 4096))
      q:push("x") io.write("there") io.flush() console.getch()
      """)
    #expect(holder.prints("there"))
    let late = moonpool("receive", "--lines", "--timeout", "0.05", "q", session: session)
    #expect(late.status == 124)
    #expect(late.output == "x\n")
    #expect(late.errors == "moonpool: receive q: no message came in 0.05 s\n")
    holder.closeInput()
    #expect(holder.wait() == 0)
    #expect(moonpool("receive", "--timeout", "-1", "q", session: session).status == 64)
  }

  // MARK: Roles

  @Test func whoSaysWhoIsProducerAndWhoConsumer() {
    let both = lua(
      """
      local q = assert(shm.queue("q", 4096))
      q:push("x") q:pop() io.write("there") io.flush() console.getch()
      """)
    #expect(both.prints("there"))
    let producer = lua(
      """
      local q <close> = assert(shm.open_queue("q", { access = "push" }))
      io.write("there") io.flush() console.getch()
      """)
    #expect(producer.prints("there"))
    let neither = lua(
      """
      local q = assert(shm.open_queue("q"))
      q:peek() io.write("there") io.flush() console.getch() q:pop(0) io.write("pops") io.flush()
      console.getch()
      """)
    #expect(neither.prints("there"))
    func line(_ child: Child) -> [Substring] {
      moonpool("who", "q", session: session).output.split(separator: "\n")
        .first { $0.split(separator: " ").first == "\(child.pid)" }?
        .split(separator: " ").map { $0 } ?? []
    }
    #expect(moonpool("who", "q", session: session).output.contains("HANDLES  ROLE "))
    #expect(line(both).dropFirst(4).prefix(2) == ["producer,", "consumer"])
    #expect(line(producer).dropFirst(4).prefix(2) == ["producer", "moonpool"])
    #expect(line(neither).dropFirst(4).prefix(2) == ["-", "moonpool"])
    let json = moonpool("who", "--json", "q", session: session).output
    #expect(json.contains(#""handles": 1, "roles": ["producer", "consumer"]}"#))
    #expect(json.contains(#""handles": 1, "roles": ["producer"]}"#))
    #expect(json.contains(#""handles": 1, "roles": []}"#))
    let watch = start("watch", "--interval", "0.02", "q")
    let pair = "producer and consumer \(both.pid)"
    let before = [
      (both.pid, pair), (producer.pid, "producer \(producer.pid)"),
    ].sorted { $0.0 < $1.0 }.map(\.1).joined(separator: ", ")
    #expect(watch.prints("  \(before)\n"))
    neither.write("x")
    #expect(neither.prints("pops"))
    #expect(watch.prints("consumer \(neither.pid)"))
    #expect(
      moonpool(
        "-e", "for _, h in ipairs(shm.holders('q')) do print(table.concat(h.roles, '+')) end",
        session: session
      ).output.split(separator: "\n", omittingEmptySubsequences: false).contains("consumer"))
    for child in [both, producer, neither] {
      child.closeInput()
      #expect(child.wait() == 0)
    }
    #expect(watch.wait() == 0)
    // A mapping has no roles.
    let mapping = lua(
      "local v = assert(shm.create('q', 8)) io.write('there') io.flush() console.getch()")
    #expect(mapping.prints("there"))
    #expect(!moonpool("who", "q", session: session).output.contains("ROLE"))
    #expect(!moonpool("who", "--json", "q", session: session).output.contains("roles"))
    mapping.closeInput()
    #expect(mapping.wait() == 0)
  }
}
