import Glibc
import TestSupport
import Testing

/// What a play does and says.
@Suite struct PlayTests {
  @Test func theDocumentsTwoProcesses() {
    let outcome = run(Places.moonpool, ["play", "hello"])
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("first and second process\n  0.0"))
    #expect(
      Set(outcome.events) == [
        "first | · process N", "second | · process N", "second | Message from first process.",
        "first | · ends 0", "second | · ends 0",
      ])
    #expect(
      outcome.verdict.wholeMatch(
        of: #/✓ first and second process      2 processes, [0-9.]+ m?s, nothing left behind\n/#)
        != nil, "\(outcome.verdict)")
  }

  @Test func aKillIsRealAndSaidWithItsLine() {
    let outcome = play(
      """
      scenario "killed"
      actor("a", function()
        mark "here"
        print "not reached"
      end)
      fault.kill("a", { at = "here" })
      expect.output("a", "")
      expect.exit("a", "SIGKILL")
      """)
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.events == ["a | · process N", "a | · killed (9) at \"here\", s.lua:3"])
  }

  @Test func aFailureNamesWhatAndWhere() {
    let outcome = play(
      """
      scenario "sums"
      actor("a", function()
        expect.equal(1 + 1, 3, "sum")
      end)
      """)
    #expect(outcome.status == 1)
    #expect(
      outcome.verdict == """
        ✗ sums                                                          s.lua:1

            sum: expected 3, got 2                                      s.lua:3

        """)
  }

  @Test(arguments: [
    (#"fault.kill("a", { before = 2 })"#, "one\n", "before operation 2"),
    (#"fault.kill("a", { after = 2 })"#, "one\n", "after operation 2"),
    (#"fault.kill("a", { at = "m", nth = 2 })"#, "one\ntwo\n", "at \"m\", passage 2"),
  ])
  func aFaultComesAtItsOperation(_ fault: String, _ printed: String, _ said: String) {
    let outcome = play(
      """
      local word = assert(shm.create("w", 8)):atomic(0)
      scenario "counts"
      actor("a", function()
        word:add(1) print "one" mark "m"
        word:add(1) print "two" mark "m"
        word:add(1) print "three"
      end)
      \(fault)
      finally(function() print(word:load()) end)
      """)
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.contains("killed (9) \(said), s.lua:"))
    let lines = outcome.events.filter { $0.hasPrefix("a | ") && !$0.contains("·") }
    #expect(lines.map { $0.dropFirst(4) + "\n" }.joined() == printed)
    let counted = said.hasPrefix("before") ? "1" : "2"
    #expect(outcome.events.contains("conductor | \(counted)"))
  }

  @Test func whoIsFrozenGoesOn() {
    let outcome = play(
      """
      local word = assert(shm.create("w", 8)):atomic(0)
      scenario "frozen"
      actor("a", function() mark "m" word:store(1) word:wake() end)
      actor("b", function()
        while not sometimes("it stood still", word:load() == 0 and not word:wait(0, 0.05)) do end
        while word:load() == 0 do word:wait(0) end
      end)
      fault.freeze("a", { at = "m", seconds = 0.3 })
      """)
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.events.contains("a | · frozen 300 ms"))
  }

  @Test func timedFaultsAndDelays() {
    let outcome = play(
      """
      local event = assert(shm.event("e"))
      scenario "by time"
      actor("a", { kill = true }, function() event:wait() end)
      actor("b", { after = "a" }, function()
        local before = shm.now()
        for _ = 1, 20 do event:set() end
        expect(shm.now() - before > 0.01, "no pause")
      end)
      fault.kill("a", { time = 0.05 })
      fault.delay("b", { seconds = 0.01 })
      """)
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.contains("· killed (9) after 0.05 s, s.lua:3\n"))
  }

  /// In play, too, one text is one program.
  @Test func ordersAndRandomNumbersAreTheSameEachTime() {
    let text = """
      scenario "one program"
      actor("a", function()
        local keys = {}
        local list = { z = 1, a = 1, [3] = 1, [1.5] = 1, [true] = 1, m = 1, [-2] = 1 }
        for key in pairs(list) do keys[#keys + 1] = tostring(key) end
        local key = next(list)
        while key do keys[#keys + 1] = tostring(key) key = next(list, key) end
        for each in pairs(setmetatable({}, { __pairs = function() return next, { q = 1 } end })) do
          keys[#keys + 1] = each
        end
        for each in pairs(list) do list.m = nil keys[#keys + 1] = tostring(each) end
        print(table.concat(keys, " "))
        local numbers = {}
        for index = 1, 300 do numbers[index] = math.random(1, 1000) end
        table.sort(numbers)
        for index = 2, 300 do assert(numbers[index - 1] <= numbers[index]) end
        math.randomseed()
        print(numbers[1], numbers[150], math.random(1, 1 << 40))
      end)
      """
    let first = play(text, "--seed", "7")
    #expect(first.status == 0, "\(first.output)")
    #expect(
      first.events[1] == "a | -2 1.5 3 a m z true -2 1.5 3 a m z true q -2 1.5 3 a z true")
    #expect(play(text, "--seed", "7").events == first.events)
    #expect(play(text, "--seed", "8").events != first.events)
  }

  @Test func variablesBelongToTheirProcess() {
    let outcome = play(
      """
      local view
      scenario "locals"
      setup(function() view = shm.create("v", 8) end)
      actor("a", function() view:u32(0, 1) end)
      """)
    #expect(outcome.status == 1)
    #expect(
      outcome.verdict.contains(
        """
            attempt to index a nil value (upvalue 'view')               s.lua:4
              a variable belongs to its process: what setup puts into a local no actor sees; memory is all they share
        """), "\(outcome.verdict)")
  }

  @Test func theOrderOfThings() throws {
    let outcome = play(
      """
      print "top"
      local word = assert(shm.create("w", 8)):atomic(0)
      scenario "order"
      finally(function() print("finally", word:load(), alive("a")) end)
      setup(function() print("setup", #arg, alive("a")) word:store(1) end)
      always(function() expect(word:load() >= 1, "before setup") end)
      actors(2, "a", function(number) print(number, me()) word:add(1) end)
      actor("b", { after = "a" }, function() print("b", word:load()) word:add(1) end)
      actor("c", { after = "b" }, function() print("c", alive("b"), alive(1)) end)
      """.replacing("alive(\"a\")", with: "alive(\"a1\")"))
    #expect(outcome.status == 0, "\(outcome.output)")
    let printed = outcome.events.filter { !$0.contains("·") }
    try #require(printed.count == 7)
    #expect(printed.first == "conductor | top")
    #expect(printed[1] == "conductor | setup\t0\ttrue")
    #expect(Set(printed[2...3]) == ["a1 | 1\t1", "a2 | 2\t2"])
    #expect(
      Array(printed[4...]) == [
        "b | b\t3", "c | c\tfalse\tfalse", "conductor | finally\t4\tfalse",
      ])
  }

  @Test func allThatFailsIsJudged() {
    let outcome = play(
      """
      scenario "much fails"
      actor("a", function() os.exit(3) end)
      actor("b", function() os.exit(4) end)
      actor("c", function() pcall(expect, false, "swallowed") end)
      actor("d", function() print "D" error { 1 } end)
      actor("e", function() mark "late" shm.sleep(0.05) end)
      actor("f", { after = "e" }, function() mark "early" end)
      expect.exit("b", 4)
      expect.exit("d", "SIGTERM")
      expect.output("d", "E")
      expect.order("f:early", "e:late")
      expect.gone("nobody")
      finally(function() expect(false, "at the end") end)
      """)
    #expect(outcome.status == 1)
    for line in [
      "    swallowed", "    (error object is a table value)", "    at the end  ",
      "    a ends 3  ", "    d: expected SIGTERM, but it ends 1  ",
      #"    output of d: expected "E", got "D"  "#,
      "    order: e:late happened before f:early  ",
    ] {
      #expect(outcome.verdict.contains(line), "\(line)\n\(outcome.verdict)")
    }
    #expect(!outcome.verdict.contains("    b "))
  }

  @Test func aStuckActorIsNamedWithItsLine() {
    let outcome = play(
      """
      scenario("stuck", { timeout = 0.3 })
      local event = shm.event("e")
      actor("a", function()
        event:wait()
      end)
      actor("b", function() end)
      """)
    #expect(outcome.status == 1)
    #expect(
      outcome.verdict == """
        ✗ stuck                                                         s.lua:1

            deadline: after 0.3 s "a" still waits                       s.lua:4

        """)
  }

  @Test func computingWithoutAnOperationEnds() {
    let outcome = play(
      """
      scenario "busy"
      actor("a", function()
        while true do end
      end)
      """)
    #expect(outcome.status == 1)
    #expect(outcome.verdict.contains("    runs for a second without an operation, line 3   "))
  }

  @Test func modulesAreFoundBesideTheFile() {
    let file = ScenarioFile(
      """
      local other = require "other"
      scenario "with a module"
      actor("a", function() print(other) end)
      expect.output("a", "found")
      """)
    file.add(#"return "found""#, name: "other.lua")
    #expect(file.play().status == 0)
  }

  @Test func everyAlternativeHasARun() {
    let outcome = play(
      """
      scenario "three ways"
      actor("a", function() print(any("x", "y", "z")) end)
      """)
    #expect(outcome.status == 0)
    #expect(outcome.verdict.contains("3 runs of 1 process, "))
    let once = play(
      """
      scenario "three ways"
      actor("a", function() print(any("x", "y", "z")) end)
      """, "--times", "2")
    #expect(once.status == 1)
    #expect(once.verdict.contains("    any: alternative 1 of 3 was never taken   "))
  }

  @Test func aSweepNamesTheFirstKillPointThatFails() {
    let text = """
      local view = assert(shm.create("v", 8))
      local a, b = view:atomic(0), view:atomic(4)
      scenario "both or none"
      actor("writer", { kill = true }, function()
        a:store(1)
        b:store(1)
      end)
      finally(function() expect.equal(a:load(), b:load(), "b") end)
      """
    let outcome = play(text, "--sweep")
    #expect(outcome.status == 1)
    #expect(outcome.events.last == "writer | · killed (9) before operation 2, s.lua:6")
    let said = outcome.verdict
    #expect(said.contains("    b: expected 0, got 1"), "\(said)")
    #expect(said.contains("  Run      2 of 3 kill points\n"), "\(said)")
    #expect(said.contains(" --kill writer:2\n"), "\(said)")
    #expect(play(text, "--kill", "writer:2").status == 1)
    #expect(play(text, "--kill", "writer:3").status == 0)
    #expect(play(text).status == 0)
  }

  @Test func manyKillPointsAreSampled() {
    let outcome = play(
      """
      local word = assert(shm.create("v", 8)):atomic(0)
      scenario "long"
      actor("writer", { kill = true }, function() for _ = 1, 600 do word:add(1) end end)
      """, "--sweep")
    #expect(outcome.status == 0)
    #expect(outcome.verdict.hasPrefix("~ long      no failure at 500 of 601 kill points, "))
    #expect(outcome.verdict.hasSuffix("; not a proof\n"))
  }

  @Test func theFailingSeedIsSaid() {
    let outcome = play(
      """
      scenario "by chance"
      actor("a", function() expect(math.random(1, 3) ~= 1, "a one") end)
      """, "--times", "100", "--seed", "5")
    #expect(outcome.status == 1)
    #expect(outcome.verdict.firstMatch(of: #/  Run      \d+ of 100\n/#) != nil)
    #expect(outcome.verdict.firstMatch(of: #/ --seed \d+\n$/#) != nil, "\(outcome.verdict)")
  }
}
