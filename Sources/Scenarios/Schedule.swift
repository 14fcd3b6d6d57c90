internal import CLuaShm

/// Who takes which step when, as text: `A2.xA.B4`.
///
/// Elements are joined by dots, and an actor is a letter by declaration: `A2` two steps of the first,
/// `xA` it is killed, `tA` its wait times out early, `A:2` its next `any` takes the second
/// alternative, or its copy goes word by word, down (`A:1`: up). What is left behind the last element
/// runs on in order of declaration.
package struct Schedule: Equatable, Sendable {
  package enum Element: Equatable, Sendable {
    case steps(actor: Int, count: Int)
    case kill(actor: Int)
    case timeOut(actor: Int)
    case choice(actor: Int, alternative: Int)
  }

  package var elements: [Element]

  package init(_ elements: [Element]) { self.elements = elements }

  /// The actor's number, from 0, of an element.
  package static func actor(_ element: Element) -> Int {
    switch element {
    case .steps(let actor, _), .kill(let actor), .timeOut(let actor), .choice(let actor, _): actor
    }
  }

  // MARK: Text

  package struct Problem: Error, Equatable {
    package let text: String
  }

  /// - Throws: which element is none.
  package init(_ text: some StringProtocol) throws(Problem) {
    elements = []
    if text.isEmpty { return }
    for word in text.split(separator: ".", omittingEmptySubsequences: false) {
      guard let element = Self.element(word) else {
        throw Problem(
          text: "'\(word)' is no element of a schedule; A2 is two steps of the first actor, xA its "
            + "kill, tA its early time-out, A:2 the second alternative of its any")
      }
      elements.append(element)
    }
    let steps = elements.reduce(0) { sum, each in
      if case .steps(_, let count) = each { return min(sum, Int(Int32.max)) + count }
      return sum + 1
    }
    if steps > Int(LUASHM_MOST_STEPS) {
      throw Problem(text: "a schedule has \(LUASHM_MOST_STEPS) steps at most")
    }
  }

  private static func element(_ word: some StringProtocol) -> Element? {
    guard let first = word.first else { return nil }
    if first == "x" || first == "t" {
      guard word.count == 2, let actor = actor(word.last!) else { return nil }
      return first == "x" ? .kill(actor: actor) : .timeOut(actor: actor)
    }
    guard let actor = actor(first) else { return nil }
    let rest = word.dropFirst()
    if rest.isEmpty { return .steps(actor: actor, count: 1) }
    if rest.first == ":" {
      return number(rest.dropFirst()).map { .choice(actor: actor, alternative: $0) }
    }
    return number(rest).map { .steps(actor: actor, count: $0) }
  }

  private static func actor(_ letter: Character) -> Int? {
    guard let value = letter.asciiValue, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(value)
    else { return nil }
    return Int(value - UInt8(ascii: "A"))
  }

  /// From 1, without a sign.
  private static func number(_ text: some StringProtocol) -> Int? {
    guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text), number >= 1,
      number <= Int(Int32.max)
    else { return nil }
    return number
  }

  package var text: String {
    elements.map { element in
      switch element {
      case .steps(let actor, let count): Self.letter(actor) + (count == 1 ? "" : "\(count)")
      case .kill(let actor): "x" + Self.letter(actor)
      case .timeOut(let actor): "t" + Self.letter(actor)
      case .choice(let actor, let alternative): "\(Self.letter(actor)):\(alternative)"
      }
    }.joined(separator: ".")
  }

  package static func letter(_ actor: Int) -> String {
    String(Unicode.Scalar(UInt8(ascii: "A") + UInt8(clamping: actor)))
  }

  /// Why it is none of this scenario; nil: it may be.
  func problem(_ scenario: Scenario) -> String? {
    let most = elements.map(Self.actor).max() ?? 0
    if most < scenario.actors.count { return nil }
    let actors = scenario.actors.count == 1 ? "1 actor" : "\(scenario.actors.count) actors"
    return "the schedule names \(Self.letter(most)), and the scenario has \(actors)"
  }

  /// That of a run, in its order.
  init(taken steps: [Outcome.Step]) {
    elements = []
    for step in steps {
      let actor = step.part - 1
      if step.kind == .printed { continue }
      if step.kind == .killed {
        elements.append(.kill(actor: actor))
      } else if step.kind == .choice {
        elements.append(.choice(actor: actor, alternative: Int(step.result) ?? 1))
      } else if case .steps(actor, let count)? = elements.last {
        elements[elements.count - 1] = .steps(actor: actor, count: count + 1)
      } else {
        elements.append(.steps(actor: actor, count: 1))
      }
    }
  }

  // MARK: As processes read it

  /// One step each.
  var steps: [luashm_scheduled] {
    elements.flatMap { element -> [luashm_scheduled] in
      let part = UInt32(Self.actor(element) + 1)
      func step(_ move: luashm_move, _ choice: Int = 0) -> luashm_scheduled {
        luashm_scheduled(move: move.rawValue, part: part, choice: UInt32(choice))
      }
      return switch element {
      case .steps(_, let count): Array(repeating: step(LUASHM_STEPS), count: count)
      case .kill: [step(LUASHM_DIES)]
      case .timeOut: [step(LUASHM_TIMES_OUT)]
      case .choice(_, let alternative): [step(LUASHM_CHOOSES, alternative)]
      }
    }
  }
}
