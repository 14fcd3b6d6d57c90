package import CLuaShm
internal import Glibc

/// The logs of a model's actors, which have the form of a play's: what the file declares, and what
/// came of a schedule.
package final class Ledger {
  private let stage: Stage

  /// memfd_create(2), mmap(2).
  package init?() {
    guard let stage = try? Stage() else { return nil }
    self.stage = stage
  }

  package var memory: UnsafeMutablePointer<luashm_play> { stage.memory }

  package func reset(seed: Int64, reads: Bool) {
    stage.reset(seed: seed, run: 0, wanted: 0, sweeps: false, reads: reads)
  }

  /// How many bytes the part has told; put back with a schedule.
  package func told(_ part: Int) -> UInt64 { stage.part(part).pointee.told }
  package func setTold(_ part: Int, _ told: UInt64) { stage.part(part).pointee.told = told }

  /// In a forked process: the same at the same place, but no longer shared with the parent, who must not
  /// write meanwhile. mmap(2). False: no memory.
  package func leaveParent(parts: Int) -> Bool {
    let memory = UnsafeMutableRawPointer(stage.memory)
    var kept: [(place: UnsafeMutableRawPointer, bytes: [UInt8])] = []
    func keep(_ place: UnsafeRawPointer, _ count: Int) {
      let bytes = [UInt8](UnsafeRawBufferPointer(start: place, count: count))
      kept.append((UnsafeMutableRawPointer(mutating: place), bytes))
    }
    keep(memory, MemoryLayout<luashm_play>.size)
    for part in 0...parts { keep(luashm_log(stage.memory, Int32(part)), Int(told(part))) }
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED
    let mapped = mmap(memory, luashm_play_size(), PROT_READ | PROT_WRITE, flags, -1, 0)
    guard mapped != MAP_FAILED else { return false }
    for (place, bytes) in kept { place.copyMemory(from: bytes, byteCount: bytes.count) }
    return true
  }

  /// A record: who told it, and its texts.
  package struct Record {
    package let part: Int
    package let order: UInt64
    package let fields: [[UInt8]]
    package func text(_ index: Int) -> String {
      index < fields.count ? String(decoding: fields[index], as: UTF8.self) : ""
    }
    package var kind: String { text(0) }
  }

  package func records(upTo parts: Int) -> [Record] {
    stage.records(upTo: parts).map { Record(part: $0.part, order: $0.order, fields: $0.fields) }
  }

  /// What the file declares; nil: no scenario.
  package func outline() -> Outline? {
    let records = stage.records(upTo: 1)
    let first = records.first { $0.kind == "scenario" }
    return Scenario(records).map {
      Outline(
        scenario: $0, kills: first.flatMap { Int($0.text(4)) },
        budget: first.flatMap { Double($0.text(5)) })
    }
  }

  /// Whether a log had no room for a record.
  package func hasLost(upTo parts: Int) -> Bool { stage.hasLost(upTo: parts) }
}

/// A scenario as its file declares it, for whoever explores.
package struct Outline {
  let scenario: Scenario
  /// Of the file's own: the most kills in a schedule, and seconds for the search.
  package let kills: Int?
  package let budget: Double?

  package struct Actor {
    package let name: String
    package let place: String
    package let mayBeKilled: Bool
    /// Those that have to end before it exists, from 0.
    package let predecessors: [Int]
  }

  package var title: String { scenario.title }
  package var place: String { scenario.place }
  package var hasFaults: Bool { !scenario.faults.isEmpty }
  package var actors: [Actor] {
    scenario.actors.map {
      Actor(
        name: $0.name, place: $0.place, mayBeKilled: $0.mayBeKilled,
        predecessors: $0.predecessors)
    }
  }
  package var isOrdered: Bool {
    scenario.expectations.contains { if case .order = $0.what { true } else { false } }
  }
  package var expectsAnything: Bool { !scenario.expectations.isEmpty }
  /// Marks and sometimes that the text names: kind, name, line.
  package var places: [(kind: String, name: String, line: Int)] {
    scenario.places.map { ($0.kind, $0.name, $0.line) }
  }
  /// A computed name of a sometimes is known from when one is met: "unmet", or "sometimes".
  package var hasComputedNames: Bool { scenario.hasComputedNames }
  /// Steps of `expect.order`, with their places.
  package var orders: [(place: String, steps: [String])] {
    scenario.expectations.compactMap {
      if case .order(let steps) = $0.what { ($0.place, steps) } else { nil }
    }
  }

  /// How an actor ended, in the judge's eyes.
  package enum End {
    case status(Int32)
    /// It was killed, or never ended.
    case none
  }

  /// What the file expects of a whole run and did not come, as `moonpool play` judges it.
  ///
  /// - Parameters:
  ///   - ends: by actor.
  ///   - outputs: by actor.
  ///   - marks: "actor:mark", and when it was passed first.
  ///   - hasFailed: something else failed already.
  package func failures(
    ends: [End], outputs: [[UInt8]], marks: [String: UInt64], hasFailed: Bool,
    isGone: (_ name: [UInt8]) -> Bool
  ) -> [(text: String, place: String)] {
    var outcome = Outcome()
    outcome.ends = [nil]
    for (actor, end) in ends.enumerated() {
      switch end {
      case .status(let status): outcome.ends.append(.status(status))
      case .none:
        outcome.ends.append(nil)
        outcome.stopped.insert(actor + 1)
      }
    }
    outcome.marks = marks
    if hasFailed { outcome.failures = [.init(text: "", place: "")] }
    var failures = Judgement(scenario, outcome, [[]] + outputs).failures.map { ($0.text, $0.place) }
    for (place, what) in scenario.expectations {
      guard case .gone(let name) = what, !isGone(name) else { continue }
      failures.append(
        ("expect.gone: \(String(decoding: name, as: UTF8.self)) is still there", place))
    }
    return failures
  }
}
