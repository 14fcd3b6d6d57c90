import LuaHost
import SharedMemory
import TestSupport
import Testing

/// What an operation has in its hands when Lua's memory ends is not lost, hidden or doubled: the
/// allocations of one script fail in turn. The collector stands still, as what it mends it may mend
/// too late.
@Suite struct RefusedMessageTests {
  @Test func aMessageThatCannotBeTakenIsThereAtOnce() async {
    await #expect(processExitsWith: .success) {
      Refusals(
        setUp: """
          x = assert(shm.queue(nil, 8192)) x:push { 1, { 2 } }
          j, r, got = false, false, false
          """,
        script: "j, r = x:take() got = true",
        effect: """
          if not got then
             assert(x:peek()[2][1] == 2)
             j = x:take(0)
          end
          assert(j:done() and x:pop(0) == false)
          """
      ).all()
    }
  }

  /// Strings that fit are in the ring before the others are looked at.
  @Test func howManyWerePushedIsKnown() async {
    await #expect(processExitsWith: .success) {
      Refusals(
        setUp: """
          x = assert(shm.queue(nil, 4096)) x:push("first") x:pop()
          list = {}
          for i = 1, 60 do list[i] = ("x"):rep(200) .. i end
          got, why = 0, false
          """,
        script: "got, why = x:push_all(list, 0)",
        effect: """
          assert(got == #x and got < 60 and (got == 0 or why == "timeout"))
          """
      ).all()
    }
  }

  /// It is not in the ring any more, and yet what the next pop returns.
  @Test func whatAPopHoldsIsWaitedFor() async {
    await #expect(processExitsWith: .success) {
      Refusals(
        setUp: """
          x = assert(shm.queue(nil, 8192)) x:push { 1, { 2 } }
          quiet, set = assert(shm.event(nil)), assert(shm.event(nil, { manual = true, set = true }))
          once = assert(shm.event(nil, { set = true }))
          got = false
          """,
        script: "got = x:pop()",
        effect: """
          local here = not got
          assert(#x == (here and 1 or 0))
          local function wait(list, all) return (shm.wait(list, { all = all, timeout = 0 })) end
          assert(wait { x } == (here and 1))
          assert(wait({ x }, true) == here)
          assert(wait { quiet, x, set } == (here and 2 or 3))
          assert(wait { x, once } == (here and 1 or 2))
          assert(wait { once, x } == (here and 1))
          assert(wait({ set, x }, true) == here and wait({ x, quiet }, true) == false)
          assert(not here or x:pop(0)[2][1] == 2)
          assert(#x == 0 and wait { x } == false)
          """
      ).all()
    }
  }

  /// The finalizer runs while the value is made.
  @Test func whatIsReadWhileTheQueueIsClosedIsGivenBack() async {
    await #expect(processExitsWith: .success) {
      Refusals(
        setUp: """
          x = assert(shm.queue(nil, 1 << 20))
          local big = {}
          for i = 1, 3000 do big[i] = { i } end
          x:push(big)
          is_closed, got = false, false
          setmetatable({}, { __gc = function() x:close() is_closed = true end })
          """,
        script: "collectgarbage('restart') got = x:pop()",
        effect: """
          collectgarbage("stop")
          assert(not got or is_closed)
          """, step: 97, leastAllocations: 3000
      ).all()
    }
  }
}

private struct Refusals {
  let setUp: String
  /// Runs while allocations are refused; what is then, `effect` judges.
  let script: String
  let effect: String
  /// From one allocation that is refused to the next one.
  var step = 1
  var leastAllocations = 1

  /// Refused once, with its second try, and for good.
  func all() {
    for count in [1, 2, Int.max / 2] {
      var first = 1
      while first < 100_000, isRefused(first, count) { first += step }
      #expect(first > leastAllocations && first < 100_000, "\(script): \(first) allocations")
    }
  }

  /// - Returns: whether an allocation was refused, that is, whether there may be a later one.
  private func isRefused(_ first: Int, _ count: Int) -> Bool {
    let place = "\(script), allocation \(first), \(count) refused"
    let allocator = FailingAllocator()
    var refused = 0
    do {
      let interpreter = try Interpreter(
        session: Session(named: Places.unique()), allocator: FailingAllocator.allocate,
        context: allocator.state)
      try interpreter.open()
      try interpreter.run("collectgarbage('stop') \(setUp)")
      allocator.arm(first: first, count: count)
      let failure = failure(interpreter)
      allocator.disarm()
      refused = allocator.state.pointee.refused
      if let failure {
        #expect(refused > 0 && failure.contains("not enough memory"), "\(place): \(failure)")
      }
      try interpreter.run(effect)
    } catch {
      Issue.record("\(place): \(error)")
      return false
    }
    #expect(allocator.state.pointee.bytes == 0, "\(place)")
    return refused > 0
  }

  private func failure(_ interpreter: borrowing Interpreter) -> String? {
    do throws(Interpreter.ScriptError) {
      try interpreter.run(script)
      return nil
    } catch {
      return error.description
    }
  }
}
