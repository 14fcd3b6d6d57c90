import TestSupport
import Testing

/// How `moonpool explore` searches: what is left out, what is assumed, what is seen meanwhile.
@Suite struct ExploreSearchTests {
  /// Explores a text of its own.
  private static func explore(
    _ text: String, _ options: [String] = []
  ) -> (output: String, errors: String, status: Int32) {
    let folder = "/tmp/\(Places.unique("searched"))"
    _ = run("/bin/mkdir", ["-p", folder])
    defer { _ = run("/bin/rm", ["-rf", folder]) }
    let file = "\(folder)/searched.lua"
    _ = run("/bin/sh", ["-c", "printf '%s' \"$0\" > \(file)", text])
    let outcome = run(Places.moonpool, ["explore"] + options + [file])
    return (outcome.output, outcome.errors, outcome.status)
  }

  // MARK: - Two searches

  /// Six that share nothing have more than 500,000 states, and one order.
  static let apart = """
    local memory = assert(shm.create("apart", 64))
    scenario "each for itself"
    actors(6, "worker", function(number)
      local word = memory:atomic(8 * (number - 1))
      for value = 1, 8 do word:store(value) end
    end)
    """

  @Test func whatSharesNothingIsProvedByItsOrders() {
    let outcome = Self.explore(Self.apart, ["--budget", "300"])
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("✓ "), "\(outcome.output)\(outcome.errors)")
    let alone = Self.explore(Self.apart, ["--strategy", "dpor"])
    #expect(alone.output.contains("all schedules, by 1 path, in"), "\(alone.output)")
  }

  @Test func aBugIsFoundByOrdersAlone() {
    for name in ["lost-update", "lock-order", "ticket-lock-killed", "torn-read"] {
      let path = "\(Places.repository)/Tests/Scenarios/bugs/\(name).lua"
      #expect(run(Places.moonpool, ["explore", "--strategy", "dpor", path]).status == 1)
    }
  }

  /// Whoever ends first: the report is the same. (20 of each: `explorer-trials same 20`.)
  @Test func theReportIsTheSameInEachProcess() {
    let outcome = run("\(Places.binaries)/explorer-trials", ["same", "5"])
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  // MARK: - Equals

  /// Three that are told nothing start in one order.
  @Test func equalActorsStartInOrder() {
    func paths(_ parameter: String) -> Int? {
      let outcome = Self.explore(
        """
        local n = assert(shm.create("equals", 4)):atomic(0)
        scenario "equals"
        actors(3, "client", function(\(parameter)) n:add(1) n:add(1) end)
        """, ["--strategy", "sleep"])
      return outcome.output.firstMatch(of: #/by ([\d,]+) paths?/#).flatMap {
        Int($0.1.filter { $0 != "," })
      }
    }
    // 90 orders of six steps, two of each.
    #expect(paths("number").map { $0 >= 90 } == true)
    #expect(paths("").map { $0 < 30 } == true)
  }

  @Test(arguments: [
    "me()", "shm.pid()", "math.random(9)", "tostring({})", "('%p'):format({})",
    "lock:owner()", "alive('client1') and 1",
  ]) func whatTellsThemApartEndsIt(_ question: String) {
    let text = """
      local memory = assert(shm.create("apart", 8))
      local lock = assert(shm.mutex("apart.lock"))
      local word, last = memory:atomic(0), memory:atomic(4)
      scenario "apart"
      actors(2, "client", function(NUMBER)
        lock:lock()
        word:add(1)
        local answer = \(question)
        lock:unlock()
      end)
      """
    func states(_ parameter: String) -> Substring? {
      let outcome = Self.explore(
        text.replacing("NUMBER", with: parameter), ["--strategy", "cache"])
      return outcome.output.firstMatch(of: #/and ([\d,]+) states?/#).map(\.1)
    }
    #expect(states("") != nil)
    #expect(states("") == states("number"))
  }

  // MARK: - What is assumed

  /// Its image is never the same; but its rounds are.
  @Test func aLoopThatAllocatesIsTakenForAWait() {
    func text(_ maker: String) -> String {
      """
      local word = assert(shm.create("allocates", 4)):atomic(0)
      scenario "allocates"
      actor("waiter", function()
        local seen = {}
        while word:load() == 0 do seen[#seen + 1] = { #seen } end
      end)
      actor("maker", function() \(maker) end)
      """
    }
    let right = Self.explore(text("word:store(1)"))
    #expect(right.status == 0)
    #expect(right.output.hasPrefix("~ "), "\(right.output)\(right.errors)")
    #expect(
      right.output.replacing(#/\s+/#, with: " ").contains(
        "assumed that a loop which allocates, with 20 rounds alike, goes on like that"))
    let wrong = Self.explore(text("word:load()"))
    #expect(wrong.status == 1)
    #expect(wrong.output.contains("stuck: waiter"), "\(wrong.output)\(wrong.errors)")
  }

  @Test func aCopyBetweenTwoViewsThatOthersUseIsNoProof() {
    let outcome = Self.explore(
      """
      local from, to = assert(shm.create("from", 16)), assert(shm.create("to", 16))
      scenario "copies"
      actor("copier", function() to:copy(0, from, 0, 16) end)
      actor("other", function() to:read(16, 0) from:write(("x"):rep(16)) end)
      """)
    #expect(outcome.output.hasPrefix("~ "), "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("between two views"))
  }

  // MARK: - What is seen meanwhile

  @Test func aTerminalShowsHowFarItIs() {
    let file = "/tmp/\(Places.unique("long")).lua"
    defer { _ = run("/bin/rm", ["-f", file]) }
    let text = """
      local n = assert(shm.create("long", 4)):atomic(0)
      scenario "long"
      actors(8, "worker", function(number) for i = 1, 40 do n:add(number) end end)
      """
    _ = run("/bin/sh", ["-c", "printf '%s' \"$0\" > \(file)", text])
    let terminal = PseudoTerminal(columns: 100, rows: 30)
    terminal.start(Places.moonpool, ["explore", "--budget", "600", file])
    #expect(
      terminal.waits {
        $0.text.firstMatch(of: #/[\d,]+ schedules, [\d,]+ states, [\d,]+/s/#) != nil
      })
    terminal.type("\u{3}")
    #expect(terminal.waits(for: "interrupted: no failure in"))
    #expect(!terminal.screen.text.contains("states, "), "\(terminal.screen.text)")
  }

  // MARK: - Ends

  /// What a process does when its state is closed.
  @Test func finalizersAreRunByAll() {
    let path = "\(Places.repository)/Tests/Scenarios/between/finalizers.lua"
    let play = run(Places.moonpool, ["play", path])
    #expect(play.status == 0, "\(play.output)\(play.errors)")
    let explored = run(Places.moonpool, ["explore", path])
    #expect(explored.output.hasPrefix("✓ "), "\(explored.output)\(explored.errors)")
    let replayed = run(Places.moonpool, ["replay", path, "A"])
    #expect(replayed.status == 0, "\(replayed.output)\(replayed.errors)")
    // What the finalizers do are steps of the schedule.
    #expect(replayed.output.contains("5  owner "), "\(replayed.output)")
    let wrong = run(
      "/bin/sh",
      [
        "-c",
        "sed 's/321, \"order\"/312, \"order\"/' \(path) > /tmp/$0.lua; \(Places.moonpool) explore "
          + "/tmp/$0.lua; status=$?; rm /tmp/$0.lua; exit $status", Places.unique("finalizers"),
      ])
    #expect(wrong.status == 1)
    #expect(wrong.output.contains("order: expected 312, got 321"), "\(wrong.output)")
    #expect(wrong.output.contains("confirmed on real processes 3 of 3"), "\(wrong.output)")
  }
}
