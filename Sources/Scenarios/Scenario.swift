/// What a scenario's file declares, as its top level told it.
package struct Scenario {
  package struct Actor {
    package let name: String
    let place: String
    let mayBeKilled: Bool
    /// Numbers of those that have to end before it starts, from 0.
    let predecessors: [Int]
    /// The first actor of the same function, if that is told nothing; from 0.
    let first: Int
  }

  enum FaultKind: String {
    case kill, freeze, delay, truncate, full
  }

  struct Fault {
    let kind: FaultKind
    let place: String
    /// Numbers of actors, from 0; none: it happens after a time.
    let actors: [Int]
    /// The object that is truncated.
    let object: String
    /// The mark; empty: it does not happen at one.
    let mark: String
    let before, after: Int?
    let time, seconds: Double?
    let size: Int?
    let passage: Int

    /// When it happens, as the file says it.
    var when: String {
      if !mark.isEmpty { return "at \"\(mark)\"" + (passage > 1 ? ", passage \(passage)" : "") }
      if let before { return "before operation \(before)" }
      if let after { return "after operation \(after)" }
      if let time { return "after \(time) s" }
      return "before each operation"
    }
  }

  enum Expectation {
    case output(actors: [Int], text: [UInt8])
    case exit(actors: [Int], status: String)
    case gone(name: [UInt8])
    case order(steps: [String])
  }

  /// A mark or a sometimes that the text names.
  struct Place: Hashable {
    let kind: String
    let name: String
    /// 0: not known.
    let line: Int
    var key: String { Self.key(kind, name) }

    static func key(_ kind: String, _ name: String) -> String { "\(kind) \(name)" }
    var complaint: String {
      "\(kind) \"\(name)\" " + (kind == "mark" ? "was never reached" : "was never true")
    }
  }

  package let title: String
  let place: String
  /// Seconds.
  let timeout: Double
  package var actors: [Actor] = []
  var faults: [Fault] = []
  var expectations: [(place: String, what: Expectation)] = []
  var places: [Place] = []
  /// The text does not name all sometimes: those are known from when one is met.
  var hasComputedNames = false
  /// The director has something to do: a function of the file's, something that the top level opens
  /// or prints.
  var isDirected = false

  static let defaultTimeout = 10.0

  /// Nil: no scenario is declared.
  init?(_ records: [Stage.Record]) {
    guard let first = records.first(where: { $0.kind == "scenario" }) else { return nil }
    place = first.text(1)
    title = first.text(2)
    timeout = Double(first.text(3)) ?? Self.defaultTimeout
    for record in records { add(record) }
  }

  private mutating func add(_ record: Stage.Record) {
    switch record.kind {
    case "actor":
      actors.append(
        Actor(
          name: record.text(2), place: record.text(1), mayBeKilled: record.text(3) == "kill",
          predecessors: Self.numbers(record.text(4)),
          first: (Int(record.text(6)) ?? actors.count + 1) - 1))
    case "fault": addFault(record)
    case "expect": addExpectation(record)
    case "directed": isDirected = true
    case "computed": hasComputedNames = true
    case "place":
      places.append(
        Place(kind: record.text(2), name: record.text(3), line: Int(record.text(1)) ?? 0))
    default: break
    }
  }

  /// "1,2" of Lua's numbers, from 1.
  private static func numbers(_ text: String) -> [Int] {
    text.split(separator: ",").compactMap { Int($0) }.map { $0 - 1 }
  }

  private mutating func addFault(_ record: Stage.Record) {
    guard let kind = FaultKind(rawValue: record.text(2)) else { return }
    faults.append(
      Fault(
        kind: kind, place: record.text(1), actors: Self.numbers(record.text(3)),
        object: record.text(4), mark: record.text(5), before: Int(record.text(6)),
        after: Int(record.text(7)), time: Double(record.text(8)), seconds: Double(record.text(9)),
        size: Int(record.text(10)), passage: Int(record.text(11)) ?? 1))
  }

  private mutating func addExpectation(_ record: Stage.Record) {
    let what: Expectation? =
      switch record.text(2) {
      case "output": .output(actors: Self.numbers(record.text(3)), text: record.fields[4])
      case "exit": .exit(actors: Self.numbers(record.text(3)), status: record.text(4))
      case "gone": .gone(name: record.fields[3])
      case "order": .order(steps: (3..<record.fields.count).map(record.text))
      default: nil
      }
    if let what { expectations.append((record.text(1), what)) }
  }

  /// The column of names.
  func name(ofPart part: Int) -> String { part == 0 ? "conductor" : actors[part - 1].name }
}
