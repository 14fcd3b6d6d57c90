/// What a macro's name stands for: tokens, and parameters if it has some.
struct LayoutMacro {
  var body: [LayoutToken]
  /// Nil: it has no parentheses. If it is variadic, the last is `__VA_ARGS__`, or the name before
  /// `...`.
  var parameters: [String]?
  var isVariadic = false
  /// True while it is being expanded: then its name is an ordinary identifier.
  var isExpanding = false

  /// From a table's text: `"(n) __attribute__((aligned(n)))"`, or the body alone.
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

  /// A macro without parameters, whatever its text begins with.
  init(body text: String) {
    body = (try? LayoutLexer.tokens(of: text, at: 0)) ?? []
  }

  init(body: [LayoutToken], parameters: [String]? = nil, isVariadic: Bool = false) {
    self.body = body
    self.parameters = parameters
    self.isVariadic = isVariadic
  }
}

/// What is known about a name that a condition asks for.
enum LayoutKnowledge {
  case defined
  /// Nobody defines it on this machine and in this language, such as `_WIN32` on Linux.
  case undefined
  /// A compiler's option, or a header that is missing here, might define it.
  case unknown
}
