/// C's preprocessor, as far as headers of shared memory need it: macros, conditions, `#pragma
/// pack`, and `#include` of files in the given folders. What a condition asks for and nobody knows
/// is never guessed where it could move a member; see `LayoutPreprocessor+Conditions.swift`.
struct LayoutPreprocessor {
  var lexer: LayoutLexer
  let options: LayoutReading
  var abi: Layout.ABI { options.abi }
  /// The value of `#pragma pack` at the last token; 0: none.
  var packing: UInt64 = 0
  var packStack: [(name: String, packing: UInt64)] = []
  /// Does `#pragma scalar_storage_order` say big-endian?
  var isBigEndian: Bool
  /// How many bodies of structs, unions and enums are open at the last token; the parser counts
  /// them.
  var openBodies = 0
  /// The macros that the text defines, in order; for the layout's constants.
  private(set) var defined: [String] = []
  /// Unknown names that were taken as undefined, in order.
  var assumed: [String] = []
  var assumedNames: Set<String> = []
  /// Undefined names that reading needs; the parser reports them with its own.
  var unknown = LayoutUnknown()
  /// Has an `#include` brought nothing?
  var isIncluding = false
  /// Has one brought nothing that could have defined anything?
  var isMissingHeader = false
  /// Is there a header that defines all names of byte orders?
  var hasEndianHeader = false
  /// Macros without a text that the text defines only because nobody else did, behind a header that
  /// is not here; and where they stood.
  private var defaults: Set<String> = []
  private(set) var vanished: [Vanished] = []
  private var followed = 0
  /// Macros whose definition hangs on a number that nobody knows: which one that is.
  var uncertain: [String: String] = [:]
  /// In the present condition: a header that may or may not exist.
  var missingHeader: String?
  var foundUncertain: [String: String] = [:]
  private var macros: [String: LayoutMacro] = [:]
  private var undefined: Set<String> = []
  private var expansions: [Expansion] = []
  private var held: LayoutToken?
  private var expandedTokens = 0
  private var expansionDepth = 0
  var conditions: [Condition] = []
  /// The files being read, the outermost first; the text itself is not among them.
  var files: [OpenFile] = []
  var pragmaOnce: Set<String> = []

  struct OpenFile {
    let path: String
    let back: LayoutLexer.Place
    let conditions: Int
  }

  /// A use of such a macro.
  struct Vanished {
    let name: String
    let position: Int
    let hasParameters: Bool
    /// Does the member end behind it, so that it can be no qualifier?
    var isAtEnd = false
  }

  private struct Expansion {
    let name: String
    /// Where its tokens count as standing; nil: where they stand.
    let position: Int?
    let body: [LayoutToken]
    var next = 0
  }

  /// An `#if` that is still open.
  struct Condition {
    let position: Int
    /// Was one of its branches taken?
    var isTaken: Bool
    var hasElse = false
    /// Macros of its branches that became unknown, with the number's name.
    var uncertain: [String: String] = [:]
  }

  init(_ bytes: [UInt8], _ options: LayoutReading) {
    lexer = LayoutLexer(bytes)
    self.options = options
    isBigEndian = options.isBigEndian
    for (name, text) in options.define {
      if let text {
        macros[name] = LayoutMacro(body: text)
      } else {
        undefined.insert(name)
      }
    }
  }

  /// The next token, after macros are expanded and directives obeyed.
  mutating func next() throws(LayoutFault) -> LayoutToken {
    while true {
      let token = try nextUnexpanded()
      if token.isMark(.hash), token.startsLine, expansions.isEmpty {
        try directive(token)
      } else if token.kind == .end {
        if try !leaveFile() { return token }
      } else {
        if token.kind == .identifier, try beginExpansion(token) { continue }
        if followed < vanished.count { follow(with: token) }
        return painted(token)
      }
    }
  }

  private mutating func follow(with token: LayoutToken) {
    let ends: [LayoutMark] = [.semicolon, .comma, .colon, .openBracket, .closeBrace]
    let isAtEnd = ends.contains { token.isMark($0) }
    for index in followed..<vanished.count { vanished[index].isAtEnd = isAtEnd }
    followed = vanished.count
  }

  /// At the end of a file that was included: goes on behind its line. False: the text has ended.
  private mutating func leaveFile() throws(LayoutFault) -> Bool {
    if conditions.count > (files.last?.conditions ?? 0), let open = conditions.last {
      throw LayoutFault(open.position, "this condition has no #endif")
    }
    guard let file = files.popLast() else { return false }
    lexer.goBack(to: file.back)
    return true
  }

  /// A macro's own name in its expansion remains an ordinary identifier wherever it ends up
  /// (C11, 6.10.3.4).
  private func painted(_ token: LayoutToken) -> LayoutToken {
    guard token.kind == .identifier, macros[token.name]?.isExpanding == true else { return token }
    var token = token
    token.isPainted = true
    return token
  }

  private mutating func nextUnexpanded() throws(LayoutFault) -> LayoutToken {
    if let token = held {
      held = nil
      return token
    }
    while let last = expansions.indices.last {
      let expansion = expansions[last]
      if expansion.next < expansion.body.count {
        expansions[last].next += 1
        var token = expansion.body[expansion.next]
        token.position = expansion.position ?? token.position
        token.startsLine = false
        return token
      }
      expansions.removeLast()
      macros[expansion.name]?.isExpanding = false
    }
    return try lexer.next()
  }

  // MARK: Expansion

  /// Continues inside the macro's body, if the name is a macro's.
  private mutating func beginExpansion(_ token: LayoutToken) throws(LayoutFault) -> Bool {
    guard !token.isPainted, let macro = macro(token.name), !macro.isExpanding else { return false }
    if defaults.contains(token.name) {
      vanished.append(
        Vanished(
          name: token.name, position: token.position, hasParameters: macro.parameters != nil))
    }
    if let cause = uncertain[token.name] {
      let name = Self.short(token.name)
      unknown.add(
        .note,
        "what '\(name)' is hangs on '\(cause)', which nobody defines: define = { \(cause) = … }",
        at: token.position)
    }
    guard macro.parameters != nil else {
      try count(1 + macro.body.count, token.position)
      begin(token.name, macro, macro.body, token.position)
      return true
    }
    let next = try nextUnexpanded()
    guard next.isMark(.openParenthesis) else {
      held = next
      return false
    }
    let arguments = try arguments(of: macro, token)
    let body = try substituted(macro, arguments, token.position)
    try count(1 + body.count, token.position)
    begin(token.name, macro, body, token.position)
    return true
  }

  private mutating func begin(
    _ name: String, _ macro: LayoutMacro, _ body: [LayoutToken], _ position: Int
  ) {
    macros[name] = macro
    macros[name]?.isExpanding = true
    expansions.append(Expansion(name: name, position: position, body: body))
  }

  private mutating func count(_ tokens: Int, _ position: Int) throws(LayoutFault) {
    expandedTokens += tokens
    if isExhausted {
      throw LayoutFault(position, "the macros expand to more than \(Self.mostTokens) tokens")
    }
  }

  /// Reads the arguments, separated by commas; the opening parenthesis was consumed.
  private mutating func arguments(
    of macro: LayoutMacro, _ use: LayoutToken
  ) throws(LayoutFault) -> [[LayoutToken]] {
    let parameters = macro.parameters ?? []
    var arguments: [[LayoutToken]] = [[]]
    var depth = 0
    while true {
      let token = try nextUnexpanded()
      if token.kind == .end || token.kind == .endOfLine {
        throw LayoutFault(use.position, "the arguments of the macro '\(use.name)' are not closed")
      }
      if token.isMark(.hash), token.startsLine, expansions.isEmpty, !lexer.isInDirective {
        try directive(token)
        continue
      }
      if token.isMark(.openParenthesis) { depth += 1 }
      if token.isMark(.closeParenthesis) {
        if depth == 0 { break }
        depth -= 1
      }
      let isRest = macro.isVariadic && arguments.count == parameters.count
      if token.isMark(.comma) && depth == 0 && !isRest {
        arguments.append([])
      } else {
        try count(1, use.position)
        arguments[arguments.count - 1].append(painted(token))
      }
    }
    if parameters.isEmpty && arguments.count == 1 && arguments[0].isEmpty { arguments = [] }
    if macro.isVariadic && arguments.count == parameters.count - 1 { arguments.append([]) }
    if arguments.count != parameters.count {
      throw LayoutFault(
        use.position,
        "the macro '\(use.name)' takes \(parameters.count) arguments, not \(arguments.count)")
    }
    return arguments
  }

  /// The body with arguments in the place of parameters (C11, 6.10.3.1). `#` and `##` take
  /// arguments as they are written; elsewhere the arguments' own macros are expanded.
  private mutating func substituted(
    _ macro: LayoutMacro, _ arguments: [[LayoutToken]], _ position: Int
  ) throws(LayoutFault) -> [LayoutToken] {
    var result: [LayoutToken] = []
    var isEmptyBefore = false  // in "a ## b": a was empty
    var index = 0
    var macro = macro
    if macro.isVariadic { macro.body = try chosen(macro.body, arguments.last ?? [], position) }
    let body = macro.body
    while index < body.count {
      let token = body[index]
      let isPasted = token.isMark(.paste) && index > 0 && index + 1 < body.count
      if isPasted { index += 1 }
      let (piece, isParameter) = try operand(macro, arguments, &index, isPasted: isPasted)
      if isPasted, !isEmptyBefore, let left = result.last, let right = piece.first {
        // gcc's ", ## rest": the comma stays.
        if left.isMark(.comma) && isParameter {
          result += piece
        } else {
          result[result.count - 1] = try pasted(left, right, position)
          result += piece.dropFirst()
        }
      } else if isPasted, piece.isEmpty, isParameter, result.last?.isMark(.comma) == true {
        result.removeLast()
      } else {
        result += piece
      }
      isEmptyBefore = piece.isEmpty && (!isPasted || isEmptyBefore)
      try count(piece.count, position)
    }
    return result
  }

  /// What remains of `__VA_OPT__(…)`: its tokens if there are further arguments.
  private mutating func chosen(
    _ body: [LayoutToken], _ last: [LayoutToken], _ position: Int
  ) throws(LayoutFault) -> [LayoutToken] {
    guard body.contains(where: { $0.name == "__VA_OPT__" }) else { return body }
    let isWanted = try !expand(last).isEmpty
    var result: [LayoutToken] = []
    var rest = body[...]
    while let token = rest.popFirst() {
      guard token.name == "__VA_OPT__" else {
        result.append(token)
        continue
      }
      var open = 0
      var inner: [LayoutToken] = []
      repeat {
        guard let next = rest.popFirst() else {
          throw LayoutFault(position, "__VA_OPT__ without parentheses that are closed")
        }
        if next.isMark(.openParenthesis) { open += 1 }
        if next.isMark(.closeParenthesis) { open -= 1 }
        inner.append(next)
      } while open > 0
      if result.last?.isMark(.paste) == true || result.last?.isMark(.hash) == true
        || rest.first?.isMark(.paste) == true
      {
        throw LayoutFault(position, "'#' and '##' beside __VA_OPT__ are not supported")
      }
      if isWanted { result += inner.dropFirst().dropLast() }
    }
    return result
  }

  /// Reads one token of the body, or what replaces a parameter.
  private mutating func operand(
    _ macro: LayoutMacro, _ arguments: [[LayoutToken]], _ index: inout Int, isPasted: Bool
  ) throws(LayoutFault) -> (piece: [LayoutToken], isParameter: Bool) {
    let token = macro.body[index]
    index += 1
    let parameters = macro.parameters ?? []
    if token.isMark(.hash), index < macro.body.count,
      let number = parameters.firstIndex(of: macro.body[index].name)
    {
      index += 1
      let text = arguments[number].map { spelling($0) }.joined(separator: " ")
      return ([.word("\"\(text.replacing("\"", with: "\\\""))\"", .string, token.position)], false)
    }
    guard token.kind == .identifier, let number = parameters.firstIndex(of: token.name) else {
      return ([token], false)
    }
    let isBeforePaste = index + 1 < macro.body.count && macro.body[index].isMark(.paste)
    if isPasted || isBeforePaste { return (arguments[number], true) }
    return (try expand(arguments[number]), true)
  }

  private func pasted(
    _ left: LayoutToken, _ right: LayoutToken, _ position: Int
  ) throws(LayoutFault) -> LayoutToken {
    let text = spelling(left) + spelling(right)
    let tokens = try LayoutLexer.tokens(of: text, at: position)
    guard let token = tokens.first, tokens.count == 1 else {
      throw LayoutFault(position, "'##' gives no token of C: '\(String(text.prefix(40)))'")
    }
    return token
  }

  /// Expands the tokens' macros as if nothing followed them.
  mutating func expand(_ tokens: [LayoutToken]) throws(LayoutFault) -> [LayoutToken] {
    if !tokens.contains(where: { $0.kind == .identifier }) { return tokens }
    expansionDepth += 1
    defer { expansionDepth -= 1 }
    if expansionDepth > LayoutTypes.mostLevels {
      throw LayoutFault.tooDeep(tokens[0].position)
    }
    var result: [LayoutToken] = []
    let end = LayoutToken(
      kind: .endOfLine, position: tokens[0].position, start: -1, end: -1)
    expansions.append(Expansion(name: "", position: nil, body: tokens + [end]))
    while true {
      let token = try nextUnexpanded()
      if token.kind == .endOfLine { return result }
      if token.kind == .identifier, try beginExpansion(token) { continue }
      result.append(painted(token))
    }
  }

  // MARK: Macros

  /// The text's own macro, or else a predefined one.
  func macro(_ name: String) -> LayoutMacro? {
    if let macro = macros[name] { return macro }
    if undefined.contains(name) { return nil }
    return LayoutBuiltins.macro(name, options)
  }

  /// Was the name defined by the text or its options?
  func isOwn(_ name: String) -> Bool { macros[name] != nil }

  func knowledge(_ name: String) -> LayoutKnowledge {
    if undefined.contains(name) { return .undefined }
    if macros[name] != nil { return .defined }
    if !hasEndianHeader, LayoutBuiltins.bigOrders.contains(name) { return .undefined }
    if macro(name) != nil || LayoutBuiltins.isOperator(name, options) { return .defined }
    return LayoutBuiltins.isNeverDefined(name, options) ? .undefined : .unknown
  }

  mutating func define(_ name: String, _ macro: LayoutMacro) {
    macros[name] = macro
    undefined.remove(name)
    uncertain[name] = nil
    if macro.parameters == nil && !macro.body.isEmpty { defined.append(name) }
    if macro.body.isEmpty, isMissingHeader, assumedNames.contains(name) { defaults.insert(name) }
    // "#ifndef X_H, #define X_H": a guard's name tells nothing.
    if macro.body.isEmpty, assumed.last == name, !isMissingHeader {
      assumed.removeLast()
      assumedNames.remove(name)
    }
  }

  mutating func undefine(_ name: String) {
    macros[name] = nil
    undefined.insert(name)
    uncertain[name] = nil
  }

  /// Reads one macro's expansion as a text of its own, after the end of the text. False: the name
  /// is no macro any more.
  mutating func restart(with name: String) -> Bool {
    for expansion in expansions { macros[expansion.name]?.isExpanding = false }
    expansions = []
    held = nil
    guard let macro = macros[name], macro.parameters == nil else { return false }
    expansions = [Expansion(name: name, position: lexer.position, body: macro.body)]
    macros[name]?.isExpanding = true
    return true
  }

  /// Have the macros reached their limit?
  var isExhausted: Bool { expandedTokens > Self.mostTokens }

  private static let mostTokens = 1 << 20

  func spelling(_ token: LayoutToken) -> String {
    if token.kind == .identifier || token.start < 0 { return token.name }
    return String(decoding: lexer.bytes[token.start..<token.end], as: UTF8.self)
  }
}
