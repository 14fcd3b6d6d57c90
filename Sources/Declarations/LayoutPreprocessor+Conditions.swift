/// Conditions. A name that is neither defined nor known is
/// - an error where its *value* decides what is declared (as gcc's `-Wundef` warns);
/// - undefined for `defined`, as for a compiler without `-D`; but an error where an `#include`
///   brought nothing and the branches differ inside a body, as that could move members.
extension LayoutPreprocessor {
  /// The answer, and the unknown names on which it depends.
  struct Answer {
    var isTrue: Bool
    /// Names that `defined` asked for.
    var unknown: [String] = []
    /// A name used as a number.
    var number: LayoutToken?
    /// A header that `__has_include` asked for: `<name>`.
    var header: String?
    var position: Int
  }

  mutating func isDefined(_ wanted: Bool) throws(LayoutFault) -> Answer {
    let name = try word()
    let knowledge = knowledge(name.name)
    if knowledge == .unknown {
      return Answer(isTrue: !wanted, unknown: [name.name], position: name.position)
    }
    return Answer(isTrue: (knowledge == .defined) == wanted, position: name.position)
  }

  mutating func condition(_ directive: LayoutToken) throws(LayoutFault) -> Answer {
    let line = try line()
    let asked = unknownDefined(line)
    let tokens = try expand(answerDefined(line, [:]))
    var source = condition(tokens)
    var answer = Answer(isTrue: try source.evaluate(), position: directive.position)
    answer.number = source.unknown
    (answer.header, missingHeader) = (missingHeader, nil)
    if asked.isEmpty { return answer }
    // Does any of the answers matter? `defined(__linux__) || defined(X)` does not need X.
    for mask in 1..<(1 << min(asked.count, 6)) {
      let held = asked.enumerated().map { ($1, $0 >= 6 || mask >> $0 & 1 == 1) }
      let assumed = Dictionary(held) { first, _ in first }
      // Apart from the call: its `self` would be a copy, and the macros be copied with the first one.
      let tokens = try expand(answerDefined(line, assumed))
      var other = condition(tokens)
      let isTrue = try? other.evaluate()
      if isTrue != answer.isTrue || other.unknown != nil {
        answer.unknown = asked
        break
      }
    }
    return answer
  }

  private func condition(_ tokens: [LayoutToken]) -> LayoutCondition {
    var unknowns: Set<String> = []
    for token in tokens where token.kind == .identifier && token.name != "false" {
      if knowledge(token.name) != .undefined { unknowns.insert(token.name) }
    }
    return LayoutCondition(
      tokens, end: lexer.position, bytes: lexer.bytes, unknowns: unknowns)
  }

  /// The unknown names that the line asks for with `defined`.
  private func unknownDefined(_ line: [LayoutToken]) -> [String] {
    var names: [String] = []
    for (index, token) in line.enumerated() where token.name == "defined" {
      let rest = line[(index + 1)...].drop { $0.isMark(.openParenthesis) }
      if let name = rest.first, name.kind == .identifier, knowledge(name.name) == .unknown,
        !names.contains(name.name)
      {
        names.append(name.name)
      }
    }
    return names
  }

  /// `defined X` and `defined(X)` become numbers before macros are expanded.
  private mutating func answerDefined(
    _ line: [LayoutToken], _ assumed: [String: Bool]
  ) throws(LayoutFault) -> [LayoutToken] {
    var result: [LayoutToken] = []
    var rest = line[...]
    while let token = rest.popFirst() {
      if token.name == "__has_include" || token.name == "__has_include_next" {
        result.append(.number(try hasHeader(&rest, token) ? "1" : "0", at: token.position))
        continue
      }
      if token.name != "defined" {
        result.append(token)
        continue
      }
      let isParenthesized = rest.first?.isMark(.openParenthesis) == true
      if isParenthesized { rest.removeFirst() }
      guard let name = rest.popFirst(), name.kind == .identifier else {
        throw LayoutFault(token.position, "'defined' without a macro's name")
      }
      if isParenthesized, rest.popFirst()?.isMark(.closeParenthesis) != true {
        throw LayoutFault(name.position, "expected ')' after the macro's name")
      }
      let isDefined = assumed[name.name] ?? (knowledge(name.name) == .defined)
      result.append(.number(isDefined ? "1" : "0", at: token.position))
    }
    return result
  }

  /// `(<name>)` or `("name")`, which no macro changes.
  private mutating func hasHeader(
    _ rest: inout ArraySlice<LayoutToken>, _ word: LayoutToken
  ) throws(LayoutFault) -> Bool {
    guard rest.popFirst()?.isMark(.openParenthesis) == true else {
      throw LayoutFault(word.position, "'\(word.name)' without a header's name")
    }
    var name = ""
    while let token = rest.popFirst(), !token.isMark(.closeParenthesis) { name += spelling(token) }
    let path = String(name.dropFirst().dropLast())
    let folder = files.last.map { Self.folder(of: $0.path) } ?? options.folder
    if options.find(path, name.hasPrefix("<"), folder) != nil { return true }
    if let known = LayoutBuiltins.hasHeader(path, options) { return known }
    missingHeader = missingHeader ?? Self.short(name)
    return false
  }

  /// May the answer be used here? Looks at the branches between which it chooses.
  private mutating func settle(_ answer: Answer) throws(LayoutFault) -> Bool {
    if let number = answer.number {
      let survey = try survey()
      if survey.declares { unknown.add(.number, Self.short(number.name), at: number.position) }
      for name in survey.macros { foundUncertain[name] = number.name }
    }
    if let header = answer.header, try survey().declares {
      unknown.add(
        .note, "whether there is a header \(header) decides here: say its folder, include = …",
        at: answer.position)
    }
    guard !answer.unknown.isEmpty else { return answer.isTrue }
    if openBodies > 0, isMissingHeader, try survey().differs {
      for name in answer.unknown { unknown.add(.condition, Self.short(name), at: answer.position) }
    }
    for name in answer.unknown where assumedNames.insert(name).inserted { assumed.append(name) }
    return answer.isTrue
  }

  mutating func open(
    _ hash: LayoutToken,
    _ ask: (inout LayoutPreprocessor) throws(LayoutFault) -> Answer
  ) throws(LayoutFault) {
    if conditions.count == 100 {
      throw LayoutFault(hash.position, "nested deeper than 100 levels")
    }
    let isTaken = try settle(ask(&self))
    conditions.append(
      Condition(position: hash.position, isTaken: isTaken, uncertain: foundUncertain))
    foundUncertain = [:]
    if !isTaken { try skipBranch() }
  }

  /// After a branch that was taken: skips the rest of this condition.
  mutating func otherwise(_ hash: LayoutToken, _ name: String) throws(LayoutFault) {
    guard let last = conditions.indices.last, last >= (files.last?.conditions ?? 0),
      !conditions[last].hasElse
    else {
      throw LayoutFault(hash.position, "#\(name) without #if")
    }
    if name == "else" { conditions[last].hasElse = true }
    try skipBranch()
  }

  mutating func close(_ hash: LayoutToken) throws(LayoutFault) {
    guard conditions.count > (files.last?.conditions ?? 0) else {
      throw LayoutFault(hash.position, "#endif without #if")
    }
    let closed = conditions.removeLast()
    uncertain.merge(closed.uncertain) { _, new in new }
  }

  /// Skips lines up to the branch that is taken, or past the `#endif`.
  private mutating func skipBranch() throws(LayoutFault) {
    var depth = 0
    while true {
      lexer.leaveDirective()
      try lexer.skipToDirective()
      let hash = try lexer.next()
      if hash.kind == .end { return }  // reported as a condition without #endif
      lexer.isInDirective = true
      let word = try spelling(lexer.next())
      if ["if", "ifdef", "ifndef"].contains(word) {
        depth += 1
      } else if word == "endif" {
        if depth == 0 { return try close(hash) }
        depth -= 1
      } else if depth == 0, try takes(word, hash) {
        return
      }
    }
  }

  /// Is the branch that this directive begins to be read?
  private mutating func takes(_ word: String, _ hash: LayoutToken) throws(LayoutFault) -> Bool {
    guard ["elif", "elifdef", "elifndef", "else"].contains(word) else { return false }
    let last = conditions.count - 1
    if conditions[last].hasElse { throw LayoutFault(hash.position, "#\(word) after #else") }
    if word == "else" { conditions[last].hasElse = true }
    if conditions[last].isTaken { return false }
    switch word {
    case "elif": conditions[last].isTaken = try settle(condition(hash))
    case "elifdef": conditions[last].isTaken = try settle(isDefined(true))
    case "elifndef": conditions[last].isTaken = try settle(isDefined(false))
    default: conditions[last].isTaken = true
    }
    conditions[last].uncertain.merge(foundUncertain) { _, new in new }
    foundUncertain = [:]
    return conditions[last].isTaken
  }

  // MARK: What the branches contain

  private struct Survey {
    /// Is there anything except directives?
    var declares = false
    /// Do two of the branches differ? A missing one counts as empty.
    var differs = false
    /// The macros that they define or undefine.
    var macros: [String] = []
  }

  /// Looks from this line to the `#endif`, without moving there.
  private func survey() throws(LayoutFault) -> Survey {
    var ahead = lexer
    var result = Survey()
    var texts: [UInt64] = []
    var text = LayoutLexer.emptyText
    var depth = 0
    var hasElse = false
    while true {
      ahead.leaveDirective()
      try ahead.skipToDirective(&text, &result.declares)
      guard try ahead.next().kind != .end else { break }
      ahead.isInDirective = true
      let word = spelling(try ahead.next())
      switch word {
      case "if", "ifdef", "ifndef": depth += 1
      case "endif" where depth == 0:
        texts.append(text)
        if !hasElse { texts.append(LayoutLexer.emptyText) }
        result.differs = Set(texts).count > 1
        return result
      case "endif": depth -= 1
      case "else", "elif", "elifdef", "elifndef":
        guard depth == 0 else { break }
        hasElse = hasElse || word == "else"
        texts.append(text)
        text = LayoutLexer.emptyText
      case "define", "undef":
        if let name = try? ahead.next(), name.kind == .identifier {
          result.macros.append(name.name)
        }
      case "pragma":
        if let name = try? ahead.next(), ["pack", "scalar_storage_order"].contains(spelling(name)) {
          result.declares = true
          LayoutLexer.add(UInt8(truncatingIfNeeded: ahead.position), to: &text)
        }
      default: break
      }
    }
    return result
  }
}
