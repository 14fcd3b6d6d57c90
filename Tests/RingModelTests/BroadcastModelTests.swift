import COperations
import CShm
import RingModel
import Testing

/// The steps of `COperationsBroadcasts.h` as several participants make them, in every order. The
/// model has one stage, so one scene runs at a time.
@Suite(.serialized)
struct BroadcastModelTests {
  private static let scenes: [Int32] = Array(
    sequence(first: Int32(0)) { broadcast_scene_at($0 + 1) == nil ? nil : $0 + 1 })

  /// More than any scene has: all of them are explored to their end.
  private static let most: UInt64 = 600_000

  @Test(arguments: scenes)
  func nothingIsTornAndLossesAreCountedWhoeverDies(_ index: Int32) throws {
    let scene = try #require(broadcast_scene_at(index))
    var report = broadcast_explore(scene, BROADCAST_RIGHT, Self.most)
    let violation = String(cString: ring_violation(&report))
    #expect(violation.isEmpty, "\(violation): \(String(cString: ring_way(&report)))")
    #expect(report.states > 5000 && !report.is_cut)
  }

  @Test(arguments: 1..<BROADCAST_MUTANTS.rawValue)
  func everyMutantIsFound(_ number: UInt32) throws {
    let mutant = broadcast_mutant(rawValue: number)
    let name = String(cString: broadcast_mutant_name(mutant))
    let scene = try #require(broadcast_scene_against(mutant), "\(name) has no scene")
    var report = broadcast_explore(scene, mutant, Self.most)
    #expect(!String(cString: ring_violation(&report)).isEmpty, "\(name) was not found")
  }

  @Test func thereAreEnoughMutants() { #expect(BROADCAST_MUTANTS.rawValue > 16) }
}

/// Rings whose every byte may be anything: each call ends, and touches nothing outside of the ring
/// and of its room. (Also under AddressSanitizer: `scripts/test`.)
struct HostileBroadcastTests {
  private static let units = 64
  private static let room = 200

  /// state, publishers, bounds; then the ring between two fences.
  private struct Memory {
    static let ring = 16
    static let after = ring + HostileBroadcastTests.units
    static let fence: UInt64 = 0xEEEE_EEEE_EEEE_EEEE
    var words = [UInt64](repeating: fence, count: after + 16)

    var isIntact: Bool {
      words[6..<Self.ring].allSatisfy { $0 == Self.fence }
        && words[Self.after...].allSatisfy { $0 == Self.fence }
    }

    /// Often a ring, sometimes nearly one, sometimes nothing like it.
    init() {
      for at in 0..<3 { words[at] = 0 }
      let base = UInt64.random(in: 0..<1000)
      words[3] = base
      words[4] = base + .random(in: 0...UInt64(HostileBroadcastTests.units) + 4)
      words[5] = Bool.random() ? 0 : base + .random(in: 0...80)
      for at in Self.ring..<Self.after {
        words[at] = Bool.random() ? 0 : .random(in: 0...UInt64.max)
      }
      var at = base
      var sequence = UInt64.random(in: 1...50)
      while at < words[4] {
        let place = Self.ring + Int(at % UInt64(HostileBroadcastTests.units))
        let length = UInt64.random(in: 0..<60)
        let kind = [UInt64(1), 2, 2, 255].randomElement()!
        words[place] =
          Int.random(in: 0..<12) == 0 ? .random(in: 0...UInt64.max) : length | kind << 32
        if place + 1 < Self.after { words[place + 1] = sequence }
        at += kind == 255 ? max(length, 1) : 3 + (length + 7) / 8
        sequence += 1
      }
      for at in 2...5 where Int.random(in: 0..<20) == 0 { words[at] = .random(in: 0...UInt64.max) }
    }
  }

  @Test func randomRingsAreErrorsOrRings() {
    var results: [UInt32: Int] = [:]
    for _ in 0..<60_000 {
      var memory = Memory()
      results[Self.call(&memory), default: 0] += 1
      #expect(memory.isIntact)
    }
    // It came to each often enough for the check to mean something.
    #expect(results[COPS_RING_BROKEN.rawValue, default: 0] > 1000)
    #expect(results[COPS_RING_DONE.rawValue, default: 0] > 1000)
    #expect(results[COPS_RING_EMPTY.rawValue, default: 0] > 100)
  }

  private static func call(_ memory: inout Memory) -> UInt32 {
    var out = [UInt8](repeating: 0xEE, count: room + 16)
    let payload = [UInt8](repeating: 7, count: .random(in: 0..<100))
    let result = memory.words.withUnsafeMutableBufferPointer { words in
      out.withUnsafeMutableBufferPointer { out in
        payload.withUnsafeBufferPointer { payload in
          let base = words.baseAddress!
          var ring = cshm_broadcast()
          ring.state = base
          ring.publishers = UnsafeMutableRawPointer(base + 1)
            .assumingMemoryBound(to: cshm_publishers.self)
          ring.bounds = UnsafeMutableRawPointer(base + 3)
            .assumingMemoryBound(to: cshm_bounds.self)
          ring.bytes = UnsafeMutableRawPointer(base + Memory.ring)
            .assumingMemoryBound(to: UInt8.self)
          ring.units = UInt32(units)
          ring.position = base[3] &+ .random(in: 0..<8)
          ring.sequence = .random(in: 0..<60)
          var message = cops_message(
            bytes: payload.baseAddress, length: UInt32(payload.count), kind: 1)
          return withUnsafePointer(to: &message) { message in
            var call =
              switch Int.random(in: 0..<5) {
              case 0: cops_publish_call(1025, message, 1, 1)
              case 1: cops_newest_call(out.baseAddress, UInt64(room))
              case 2: cops_seek_call(0)
              case 3: cops_seek_call(.random(in: 1..<60))
              default: cops_next_call(&ring, out.baseAddress, UInt64(room))
              }
            return Self.run(&ring, &call)
          }
        }
      }
    }
    #expect(out[room...].allSatisfy { $0 == 0xEE })
    return result
  }

  /// Whoever has the lock has died.
  private static func run(
    _ ring: inout cshm_broadcast, _ call: inout cops_broadcast_call
  ) -> UInt32 {
    for _ in 0..<1000 {
      let result = cops_broadcast_run(&ring, &call)
      if result != COPS_RING_BUSY { return result.rawValue }
      call.locking.dead = call.locking.asked
      if call.locking.asked == 0 { return COPS_RING_BUSY.rawValue }
    }
    Issue.record("a call does not end")
    return .max
  }
}
