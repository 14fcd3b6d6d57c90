/// What a name stands for: tokens, and parameters where it has some.
struct LayoutMacro {
  var body: [LayoutToken]
  /// Nil: without parentheses. A variadic one's last is `__VA_ARGS__`, or the name before `...`.
  var parameters: [String]?
  var isVariadic = false
  /// It stands in its own expansion: there its name is an ordinary one.
  var isExpanding = false

  /// Of a table's text: `"(n) __attribute__((aligned(n)))"`, or the body alone.
  init(text: String) {
    var tokens = (try? LayoutLexer.tokens(of: text, at: 0)) ?? []
    if text.hasPrefix("("), let close = tokens.firstIndex(where: { $0.isMark(.closeParenthesis) }) {
      isVariadic = tokens[..<close].contains { $0.isMark(.ellipsis) }
      parameters = tokens[..<close].filter { $0.kind == .identifier }.map(\.name)
      if isVariadic { parameters?.append("__VA_ARGS__") }
      tokens.removeSubrange(...close)
    }
    body = tokens
  }

  /// Without parameters, whatever its text begins with.
  init(body text: String) {
    body = (try? LayoutLexer.tokens(of: text, at: 0)) ?? []
  }

  init(body: [LayoutToken], parameters: [String]? = nil, isVariadic: Bool = false) {
    self.body = body
    self.parameters = parameters
    self.isVariadic = isVariadic
  }
}

/// What is known of a name that a condition asks for.
enum LayoutKnowledge {
  case defined
  /// Nobody defines it on this machine and in this language: `_WIN32` on Linux.
  case undefined
  /// A compiler's option or a header that is not here might define it.
  case unknown
}
