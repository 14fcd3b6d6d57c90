import COperations
import CShm
import Testing

/// Several handles of one ring, of which each remembers what it has seen of the other end: whoever
/// pushes or pops, the messages are those of one queue.
struct RememberingTests {
  private static let size = 4096

  /// Handles on the same memory, as processes have them.
  private final class Handles {
    private let memory = UnsafeMutableRawPointer.allocate(
      byteCount: Int(CSHM_RING_AT) + size, alignment: 4096)
    private let seen: UnsafeMutablePointer<cshm_ring_seen>
    private(set) var rings: [cshm_ring] = []

    init(_ count: Int) {
      memory.initializeMemory(as: UInt8.self, repeating: 0, count: Int(CSHM_RING_AT) + size)
      seen = .allocate(capacity: count * Int(CSHM_SEEN))
      seen.initialize(
        repeating: cshm_ring_seen(tail: CSHM_NEVER_SEEN, head: CSHM_NEVER_SEEN),
        count: count * Int(CSHM_SEEN))
      for handle in 0..<count {
        var ring = cshm_ring_at(memory, UInt32(size))
        ring.seen = seen + handle * Int(CSHM_SEEN)
        rings.append(ring)
      }
    }

    deinit {
      memory.deallocate()
      seen.deallocate()
    }

    private static func mark(_ handle: Int) -> UInt32 { 1 << 10 | UInt32(handle + 1) }

    func push(_ handle: Int, _ bytes: [UInt8]) -> Bool {
      bytes.withUnsafeBufferPointer { bytes in
        var message = cops_message(
          bytes: bytes.baseAddress, length: UInt32(bytes.count), kind: UInt8(CSHM_BYTES.rawValue))
        return cops_ring_push_at_once(&rings[handle], Self.mark(handle), &message, 1) == 1
      }
    }

    /// Takes the oldest message.
    func take(_ handle: Int) -> Bool {
      var room = [UInt8](repeating: 0, count: size)
      return room.withUnsafeMutableBufferPointer { room in
        var call = cops_take_call(Self.mark(handle), room.baseAddress, UInt64(room.count))
        return cops_ring_run(&rings[handle], &call) == COPS_RING_DONE
      }
    }

    /// Takes the oldest message; its token.
    func token(_ handle: Int) -> UInt64? {
      var room = [UInt8](repeating: 0, count: size)
      return room.withUnsafeMutableBufferPointer { room in
        var call = cops_take_call(Self.mark(handle), room.baseAddress, UInt64(room.count))
        return cops_ring_run(&rings[handle], &call) == COPS_RING_DONE ? call.token : nil
      }
    }

    func settle(_ handle: Int, _ token: UInt64, isDone: Bool) -> cops_ring_result {
      var call =
        isDone ? cops_done_call(Self.mark(handle), token) : cops_back_call(Self.mark(handle), token)
      return cops_ring_run(&rings[handle], &call)
    }

    /// Stores a message as a producer does that is killed before it says so.
    func pushUnsaid(_ handle: Int, _ bytes: [UInt8]) {
      bytes.withUnsafeBufferPointer { bytes in
        var message = cops_message(
          bytes: bytes.baseAddress, length: UInt32(bytes.count), kind: UInt8(CSHM_BYTES.rawValue))
        withUnsafePointer(to: &message) { message in
          var call = cops_push_call(Self.mark(handle), message, 1)
          var rules = cops_ring_rules
          var why = COPS_RING_BUSY
          while call.step != UInt8(COPS_PUSH_SIGNAL.rawValue),
            cops_ring_step(&rings[handle], &call, &rules, &why)
          {}
        }
      }
    }

    /// Pops several with one call; how many, and the steps that it took.
    func popCountingSteps(_ handle: Int, _ wanted: Int) -> (count: Int, steps: Int) {
      var room = [UInt8](repeating: 0, count: 2 * size)
      return room.withUnsafeMutableBufferPointer { room in
        var call = cops_pop_call(
          Self.mark(handle), room.baseAddress, UInt64(room.count), UInt32(wanted))
        var rules = cops_ring_rules
        var why = COPS_RING_BUSY
        var steps = 0
        while call.step != COPS_RING_END.rawValue {
          if !cops_ring_step(&rings[handle], &call, &rules, &why) { cops_ring_answer(&call, false) }
          steps += 1
        }
        return (Int(call.count), steps)
      }
    }

    /// Nil: there is none.
    func pop(_ handle: Int) -> [UInt8]? {
      var room = [UInt8](repeating: 0, count: size)
      let count = cops_ring_pop_at_once(
        &rings[handle], Self.mark(handle), &room, UInt64(room.count), 1)
      if count == 0 { return nil }
      let length = room.withUnsafeBytes { $0.load(as: cops_popped.self).length }
      let begin = MemoryLayout<cops_popped>.size
      return Array(room[begin..<begin + Int(length)])
    }
  }

  @Test func whatOneHandleRemembersIsNotTrueForEver() {
    let handles = Handles(2)
    let half = [UInt8](repeating: 1, count: 2000)
    // The first one remembers where the end was; then the other one goes around the ring.
    #expect(handles.push(0, half) && handles.pop(0) == half)
    for _ in 0..<7 {
      #expect(handles.push(1, [2, 2]) && handles.push(1, half))
      #expect(handles.pop(1) == [2, 2] && handles.pop(1) == half)
      #expect(handles.pop(0) == nil)
    }
    #expect(handles.push(0, half) && handles.push(0, [3]))
    #expect(handles.pop(1) == half && handles.pop(0) == [3])
  }

  @Test(arguments: [1, 2, 3])
  func anyOrderOfHandlesIsOneQueue(_ count: Int) {
    let handles = Handles(count)
    var expected: [[UInt8]] = []
    var (moved, full) = (0, 0)
    for step in 0..<10_000 {
      let handle = Int.random(in: 0..<count)
      if Bool.random() {
        let length = Bool.random() ? Int.random(in: 0...40) : Int.random(in: 0...2000)
        let message = [UInt8](repeating: UInt8(truncatingIfNeeded: step), count: length)
        let isIn = handles.push(handle, message)
        if isIn { expected.append(message) } else { full += 1 }
        #expect(isIn || !expected.isEmpty)
      } else {
        let message = handles.pop(handle)
        #expect(message == expected.first)
        if message != nil {
          expected.removeFirst()
          moved += 1
        }
      }
    }
    #expect(moved > 2000 && full > 200)
  }

  /// A record of the same owner lies where one lay two laps ago: the token of that one is stale.
  @Test(arguments: [true, false]) func aTokenIsOfOneRecordOnly(_ isDone: Bool) throws {
    let handles = Handles(1)
    #expect(handles.push(0, [1]))
    let stale = try #require(handles.token(0))
    #expect(handles.settle(0, stale, isDone: true) == COPS_RING_DONE)
    // Each message has two units, and a lap 256.
    for _ in 0..<255 { #expect(handles.push(0, [2]) && handles.pop(0) == [2]) }
    #expect(handles.push(0, [3]))
    let token = try #require(handles.token(0))
    #expect(UInt32(truncatingIfNeeded: token) == UInt32(truncatingIfNeeded: stale))
    #expect(token != stale)
    #expect(handles.settle(0, stale, isDone: isDone) == COPS_RING_NOT_OURS)
    #expect(handles.settle(0, token, isDone: isDone) == COPS_RING_DONE)
    #expect(handles.pop(0) == (isDone ? nil : [3]))
  }

  /// Head went on while a reader slept that had loaded it, and by now tail stands at the same
  /// position, two laps later.
  @Test func aRingIsNotEmptyByCoincidence() {
    let handles = Handles(1)
    let head = handles.rings[0].pop.pointee.position
    for _ in 0..<255 { #expect(handles.push(0, [1]) && handles.pop(0) == [1]) }
    #expect(handles.push(0, [2]))
    let tail = handles.rings[0].push.pointee.position
    #expect(UInt32(truncatingIfNeeded: head) == UInt32(truncatingIfNeeded: tail))
    var ring = handles.rings[0]
    #expect(!cops_ring_is_empty_from(&ring, head))
    #expect(!cops_ring_is_empty(&ring))
    #expect(handles.pop(0) == [2])
    #expect(cops_ring_is_empty(&ring))
  }

  /// Behind the job of another one there may be more than this handle has seen, though nobody said
  /// so.
  @Test func whatWasSeenIsNotTheEnd() {
    let handles = Handles(4)
    #expect(handles.push(0, [1]) && handles.push(0, [2]))
    #expect(handles.pop(1) == [1])
    #expect(handles.take(2))
    // A look that finds nothing resets the state.
    #expect(handles.popCountingSteps(3, 1).count == 0)
    handles.pushUnsaid(0, [3])
    #expect(handles.popCountingSteps(1, 1).count == 1)
  }

  /// Behind a message that another one has taken, each of a batch is found where the last one was.
  @Test func aJobThatIsHeldDoesNotMakeTheRestLong() {
    let handles = Handles(2)
    for _ in 0..<100 { #expect(handles.push(0, [1])) }
    #expect(handles.take(0))
    let (count, steps) = handles.popCountingSteps(1, 90)
    #expect(count == 90)
    // A look, a find, a copy and a store for each.
    #expect(steps < 4 * 90 + 20)
    let rest = handles.popCountingSteps(1, 20)
    #expect(rest.count == 9)
    #expect(rest.steps < 90 + 4 * 9 + 20)
    #expect(handles.push(0, [2]) && handles.popCountingSteps(1, 9).count == 1)
  }
}
