/// A macro; one with parameters is known, and refused where it is used.
struct LayoutMacro {
  var body: [LayoutToken]
  var hasParameters = false
  /// It stands in its own expansion: there its name is an ordinary one.
  var isExpanding = false
}

/// C's preprocessor as far as headers of shared memory need it: object-like macros, conditions on
/// known macros, `#pragma pack`. `#include` does nothing.
struct LayoutPreprocessor {
  var lexer: LayoutLexer
  let abi: Layout.ABI
  /// What `#pragma pack` says at the last token; 0: nothing.
  var packing: UInt64 = 0
  var packStack: [(name: String, packing: UInt64)] = []
  /// Macros that the text defines, in order; for the layout's constants.
  private(set) var defined: [String] = []
  private var macros: [String: LayoutMacro] = [:]
  private var undefined: Set<String> = []
  private var expansions: [Expansion] = []
  private var expandedTokens = 0
  var conditions: [Condition] = []

  private struct Expansion {
    let name: String
    /// Where its tokens count as standing; nil: where they stand.
    let position: Int?
    let body: [LayoutToken]
    var next = 0
  }

  /// An `#if` that is open.
  struct Condition {
    let position: Int
    /// Was one of its branches taken?
    var isTaken: Bool
    var hasElse = false
  }

  init(_ bytes: [UInt8], _ abi: Layout.ABI) {
    lexer = LayoutLexer(bytes)
    self.abi = abi
  }

  /// The next token with macros expanded and directives obeyed.
  mutating func next() throws(LayoutFault) -> LayoutToken {
    while true {
      let token = try nextUnexpanded()
      if token.kind == .mark, token.mark == .hash, token.startsLine, expansions.isEmpty {
        try directive(token)
      } else if token.kind == .end, let open = conditions.last {
        throw LayoutFault(open.position, "this condition has no #endif")
      } else {
        if token.kind == .identifier, try beginExpansion(token) { continue }
        return token
      }
    }
  }

  private mutating func nextUnexpanded() throws(LayoutFault) -> LayoutToken {
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

  /// Goes on inside of the macro's body, if the name is one.
  private mutating func beginExpansion(_ token: LayoutToken) throws(LayoutFault) -> Bool {
    guard let macro = macro(token.name), !macro.isExpanding else { return false }
    if macro.hasParameters {
      throw LayoutFault(
        token.position, "the macro '\(token.name)' has parameters: write what it expands to")
    }
    expandedTokens += 1 + macro.body.count
    if isExhausted {
      throw LayoutFault(
        token.position, "the macros expand to more than \(Self.mostTokens) tokens")
    }
    macros[token.name] = macro
    macros[token.name]?.isExpanding = true
    expansions.append(
      Expansion(name: token.name, position: token.position, body: macro.body))
    return true
  }

  /// A directive's tokens with their macros expanded.
  mutating func expand(_ line: [LayoutToken]) throws(LayoutFault) -> [LayoutToken] {
    var result: [LayoutToken] = []
    expansions.append(Expansion(name: "", position: nil, body: line))
    while true {
      let token = try nextUnexpanded()
      if token.kind == .endOfLine { return result }
      if token.kind == .identifier, try beginExpansion(token) { continue }
      result.append(token)
    }
  }

  // MARK: Macros

  /// The text's own one, else a predefined one.
  func macro(_ name: String) -> LayoutMacro? {
    if let macro = macros[name] { return macro }
    if undefined.contains(name) { return nil }
    guard let body = LayoutBuiltins.macro(name, abi) else { return nil }
    return LayoutMacro(body: body)
  }

  mutating func define(_ name: String, _ macro: LayoutMacro) {
    macros[name] = macro
    undefined.remove(name)
    if !macro.hasParameters && !macro.body.isEmpty { defined.append(name) }
  }

  mutating func undefine(_ name: String) {
    macros[name] = nil
    undefined.insert(name)
  }

  /// Reads one macro's expansion as if it were a text of its own, after the text's end.
  /// False: it is none any more.
  mutating func restart(with name: String) -> Bool {
    for expansion in expansions { macros[expansion.name]?.isExpanding = false }
    expansions = []
    guard let macro = macros[name], !macro.hasParameters else { return false }
    expansions = [Expansion(name: name, position: lexer.position, body: macro.body)]
    macros[name]?.isExpanding = true
    return true
  }

  /// Have the macros come to their bound?
  var isExhausted: Bool { expandedTokens > Self.mostTokens }

  private static let mostTokens = 1 << 20

  func spelling(_ token: LayoutToken) -> String {
    if token.kind == .identifier { return token.name }
    if token.start < 0 { return token.name }
    return String(decoding: lexer.bytes[token.start..<token.end], as: UTF8.self)
  }
}
