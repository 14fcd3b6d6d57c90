import CLuaShm
import CShm
import Testing

@testable import Scenarios

/// What a replay says of an object that does not keep to its rules: each answer that is wrong.
@Suite struct TurnRulesTests {
  /// The memory of a play with one object.
  private final class Bench {
    let play: UnsafeMutablePointer<luashm_play>
    var model = luashm_model()

    init(_ kind: cshm_named_kind, limit: UInt32 = 0, state: UInt64 = 0) {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: luashm_play_size(), alignment: 64)
      memory.initializeMemory(as: UInt8.self, repeating: 0, count: luashm_play_size())
      play = memory.bindMemory(to: luashm_play.self, capacity: 1)
      model.kind = UInt32(kind.rawValue)
      model.limit = limit
      model.state = state
      for part in 1..<4 { alive(part, true) }
    }

    deinit { UnsafeMutableRawPointer(play).deallocate() }

    func alive(_ part: Int, _ alive: Bool) {
      withUnsafeMutableBytes(of: &play.pointee.parts) {
        let parts = $0.assumingMemoryBound(to: luashm_part.self)
        parts[part].alive = alive ? 1 : 0
        parts[part].process = Int64(4000 + part)
      }
    }

    /// Nil: as the rules say.
    func difference(
      _ op: luashm_op, act: UInt8 = 0, part: Int32 = 1, answer: luashm_answer = LUASHM_ANSWER_DONE,
      outcome: cshm_outcome = CSHM_ACQUIRED, result: Int64 = 0, a: Int64 = 0
    ) -> String? {
      var operation = luashm_operation()
      operation.op = UInt16(op.rawValue)
      operation.waitable = UInt8(model.kind)
      operation.act = act
      operation.answer = answer
      operation.outcome = Int32(outcome.rawValue)
      operation.result = result
      operation.a = a
      luashm_turns(play).pointee.halt = 0
      let well = withUnsafeMutablePointer(to: &model) { model in
        var models: [UnsafeMutablePointer<luashm_model>?] = [model]
        var asked = luashm_asked()
        return TurnRules.judge(&operation, &asked, &models, 1, part, play)
      }
      if well { return nil }
      return withUnsafeBytes(of: &luashm_turns(play).pointee.why) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
    }

    func wait(
      by part: Int32 = 1, _ outcome: cshm_outcome = CSHM_ACQUIRED
    ) -> String? {
      difference(
        LUASHM_OP_WAIT_FOR_NAMED, part: part,
        answer: outcome == CSHM_TIMED_OUT ? LUASHM_ANSWER_TIMED_OUT : LUASHM_ANSWER_DONE,
        outcome: outcome)
    }
  }

  private enum Act {
    static let unlock: UInt8 = 3, owner: UInt8 = 5, set: UInt8 = 1, reset: UInt8 = 2,
      release: UInt8 = 1
  }

  @Test func aMutexThatTwoHave() {
    let bench = Bench(.CSHM_MUTEX)
    #expect(bench.wait(by: 1) == nil)
    #expect(bench.wait(by: 2, CSHM_TIMED_OUT) == nil)
    #expect(bench.wait(by: 2) == "mutex:lock: it says acquired, where the rules say would wait")
  }

  @Test func aMutexThatIsNotGivenBack() {
    let bench = Bench(.CSHM_MUTEX)
    #expect(bench.wait(by: 1) == nil)
    #expect(bench.wait(by: 1) == nil)  // twice
    #expect(bench.difference(LUASHM_OP_ACT_ON_NAMED, act: Act.unlock) == nil)
    #expect(bench.wait(by: 2, CSHM_TIMED_OUT) == nil)
    #expect(bench.difference(LUASHM_OP_ACT_ON_NAMED, act: Act.unlock) == nil)
    #expect(
      bench.wait(by: 2, CSHM_TIMED_OUT)
        == "mutex:lock: it says would wait, where the rules say acquired")
  }

  @Test func aDeadOwnerThatNobodyIsToldOf() {
    let bench = Bench(.CSHM_MUTEX)
    #expect(bench.wait(by: 1) == nil)
    bench.alive(1, false)
    #expect(
      bench.wait(by: 2, CSHM_ACQUIRED)
        == "mutex:lock: it says acquired, where the rules say abandoned")
  }

  @Test func aLivingOwnerThatIsToldAbandoned() {
    let bench = Bench(.CSHM_MUTEX)
    #expect(
      bench.wait(by: 2, CSHM_ABANDONED)
        == "mutex:lock: it says abandoned, where the rules say acquired")
  }

  @Test func anUnlockByWhoDoesNotHaveIt() {
    let bench = Bench(.CSHM_MUTEX)
    #expect(bench.wait(by: 1) == nil)
    let refused = bench.difference(
      LUASHM_OP_ACT_ON_NAMED, act: Act.unlock, part: 2, answer: LUASHM_ANSWER_REFUSED)
    #expect(refused == nil)
    #expect(
      bench.difference(LUASHM_OP_ACT_ON_NAMED, act: Act.unlock, part: 2)
        == "mutex:unlock: it says 0, where the rules say refused")
  }

  @Test func anOwnerThatIsAnother() {
    let bench = Bench(.CSHM_MUTEX)
    let nobody = Int64(CSHM_NOBODY.rawValue)
    #expect(
      bench.difference(LUASHM_OP_ACT_ON_NAMED, act: Act.owner, result: nobody) == nil)
    #expect(bench.wait(by: 2) == nil)
    #expect(bench.difference(LUASHM_OP_ACT_ON_NAMED, act: Act.owner, result: 4002) == nil)
    #expect(
      bench.difference(LUASHM_OP_ACT_ON_NAMED, act: Act.owner, result: 4001)
        == "mutex:owner: it says 4001, where the rules say 4002")
    bench.alive(2, false)
    #expect(
      bench.difference(LUASHM_OP_ACT_ON_NAMED, act: Act.owner, result: 4002)
        == "mutex:owner: it says 4002, where the rules say -1")
  }

  @Test func anEventThatTwoTake() {
    let bench = Bench(.CSHM_EVENT)
    #expect(bench.wait(by: 1, CSHM_TIMED_OUT) == nil)
    #expect(bench.difference(LUASHM_OP_ACT_ON_NAMED, act: Act.set) == nil)
    #expect(bench.wait(by: 1) == nil)
    #expect(bench.wait(by: 2) == "event:wait: it says acquired, where the rules say would wait")
  }

  @Test func aManualEventThatIsTaken() {
    let bench = Bench(.CSHM_EVENT, limit: 1)
    #expect(bench.difference(LUASHM_OP_ACT_ON_NAMED, act: Act.set) == nil)
    #expect(bench.wait(by: 1) == nil)
    #expect(
      bench.wait(by: 2, CSHM_TIMED_OUT)
        == "event:wait: it says would wait, where the rules say acquired")
    #expect(bench.difference(LUASHM_OP_ACT_ON_NAMED, act: Act.reset) == nil)
    #expect(bench.wait(by: 2) == "event:wait: it says acquired, where the rules say would wait")
  }

  @Test func aSemaphoreThatCountsWrong() {
    let bench = Bench(.CSHM_SEMAPHORE, limit: 2, state: 1)
    #expect(bench.wait(by: 1) == nil)
    #expect(
      bench.wait(by: 2) == "semaphore:acquire: it says acquired, where the rules say would wait")
    #expect(
      bench.difference(LUASHM_OP_ACT_ON_NAMED, act: Act.release, result: 0, a: 2) == nil)
    #expect(
      bench.difference(LUASHM_OP_ACT_ON_NAMED, act: Act.release, result: 2, a: 1)
        == "semaphore:release: it says 2, where the rules say refused")
    #expect(bench.wait(by: 1) == nil)
    #expect(
      bench.difference(LUASHM_OP_ACT_ON_NAMED, act: Act.release, result: 0, a: 1)
        == "semaphore:release: it says 0, where the rules say 1")
  }
}
