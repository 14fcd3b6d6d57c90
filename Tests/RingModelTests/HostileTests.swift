import COperations
import CShm
import Testing

/// Rings whose every byte may be anything: each call ends, and touches nothing outside of the ring
/// and of its room. (Also under AddressSanitizer: `scripts/test`.)
struct HostileTests {
  private static let units = 16
  private static let bytes = units * Int(CSHM_UNIT)
  private static let room = 200

  /// The words, the ring and its surroundings, in one piece of memory.
  private struct Memory {
    static let ring = 128
    static let after = ring + HostileTests.bytes
    static let size = after + 64

    var bytes = [UInt8](repeating: 0xEE, count: size)
    var isIntact: Bool {
      bytes[96..<Self.ring].allSatisfy { $0 == 0xEE }
        && bytes[Self.after...].allSatisfy { $0 == 0xEE }
    }
  }

  @Test func randomRingsAreErrorsOrRings() {
    var random = SystemRandomNumberGenerator()
    var memory = Memory()
    var results: [UInt32: Int] = [:]
    for _ in 0..<30_000 {
      for at in 0..<96 where at < 8 || at >= 40 { memory.bytes[at] = 0 }
      for at in 0..<HostileTests.bytes {
        memory.bytes[Memory.ring + at] =
          Bool.random() ? 0 : UInt8.random(in: 0...255, using: &random)
      }
      // Headers that often could be: a length, a kind, and nobody's.
      for at in stride(from: Memory.ring, to: Memory.after, by: Int(CSHM_UNIT))
      where Int.random(in: 0..<4) > 0 {
        let header = [UInt8.random(in: 0..<60), 0, 0, 0, [1, 2, 255].randomElement()!]
        memory.bytes.replaceSubrange(at..<at + 16, with: header + [UInt8](repeating: 0, count: 11))
      }
      for at in [48, 72] {
        // Positions that often could be.
        let position = UInt32.random(in: 0...(Bool.random() ? 40 : .max))
        withUnsafeBytes(of: position) { memory.bytes.replaceSubrange(at..<at + 4, with: $0) }
      }
      let result = Self.call(&memory, Int.random(in: 0..<6))
      results[result, default: 0] += 1
      #expect(memory.isIntact)
    }
    // It came to each often enough for the check to mean something.
    #expect(results[COPS_RING_BROKEN.rawValue, default: 0] > 1000)
    #expect(results[COPS_RING_DONE.rawValue, default: 0] > 300)
    #expect(results[COPS_RING_EMPTY.rawValue, default: 0] > 10)
  }

  private static func call(_ memory: inout Memory, _ kind: Int) -> UInt32 {
    // What a handle remembers is checked like what lies there: it may be anybody's.
    let seen = UnsafeMutablePointer<cshm_ring_seen>.allocate(capacity: Int(CSHM_SEEN))
    defer { seen.deallocate() }
    for end in 0..<Int(CSHM_SEEN) {
      func position() -> UInt64 { Bool.random() ? .random(in: 0...40) : CSHM_NEVER_SEEN }
      seen[end] = cshm_ring_seen(tail: position(), head: position())
    }
    var out = [UInt8](repeating: 0xEE, count: room + 16)
    let payload = [UInt8](repeating: 7, count: .random(in: 0..<100))
    let result = memory.bytes.withUnsafeMutableBytes { memory in
      out.withUnsafeMutableBufferPointer { out in
        payload.withUnsafeBufferPointer { payload in
          let base = memory.baseAddress!
          func word(_ at: Int) -> UnsafeMutablePointer<UInt64> {
            (base + at).assumingMemoryBound(to: UInt64.self)
          }
          func end(_ at: Int) -> UnsafeMutablePointer<cshm_ring_end> {
            (base + at).assumingMemoryBound(to: cshm_ring_end.self)
          }
          var ring = cshm_ring(
            ready: word(0), finished: word(8), room: word(16), push: end(40), pop: end(64),
            bytes: (base + Memory.ring).assumingMemoryBound(to: UInt8.self), units: UInt32(units),
            roles: 0, is_broken: false, seen: seen)
          var message = cops_message(
            bytes: payload.baseAddress, length: UInt32(payload.count), kind: 1)
          return withUnsafePointer(to: &message) { message in
            var call =
              switch kind {
              case 0: cops_push_call(1025, message, 1)
              case 1: cops_take_call(1025, out.baseAddress, UInt64(room))
              case 2: cops_look_call(1025)
              case 3: cops_done_call(1025, .random(in: 0...64))
              case 4: cops_back_call(1025, .random(in: 0...64))
              default: cops_pop_call(1025, out.baseAddress, UInt64(room), 4)
              }
            return Self.run(&ring, &call)
          }
        }
      }
    }
    #expect(out[room...].allSatisfy { $0 == 0xEE })
    return result
  }

  /// Whoever is asked about has died, or not.
  private static func run(_ ring: inout cshm_ring, _ call: inout cops_ring_call) -> UInt32 {
    for _ in 0..<1000 {
      let result = cops_ring_run(&ring, &call)
      if result != COPS_RING_BUSY && result != COPS_RING_ASK { return result.rawValue }
      cops_ring_answer(&call, Bool.random() || result == COPS_RING_BUSY)
    }
    Issue.record("a call does not end")
    return .max
  }
}
