/// C's integer constant expressions (C11, 6.6), without the comma and assignments.
extension LayoutTokenSource {
  /// `condition ? a : b`, and everything that binds tighter.
  mutating func constantExpression() throws(LayoutFault) -> LayoutConstant {
    try descend()
    defer { depth -= 1 }
    let condition = try binaryExpression(1)
    if try !accept(.question) { return condition }
    // gcc's "a ?: b" means "a ? a : b".
    let isShort = at(.colon)
    let first = isShort ? condition : try half(condition.isTrue)
    try expect(.colon, ":")
    let second = try half(!condition.isTrue, conditional: true)
    return condition.isTrue ? first.converted(with: second) : second.converted(with: first)
  }

  /// An operand that is evaluated only if the one before it says so.
  private mutating func half(
    _ isEvaluated: Bool, conditional: Bool = false
  ) throws(LayoutFault) -> LayoutConstant {
    if !isEvaluated { unevaluated += 1 }
    defer { if !isEvaluated { unevaluated -= 1 } }
    return try constantExpression()
  }

  private mutating func binaryExpression(_ least: Int) throws(LayoutFault) -> LayoutConstant {
    var left = try unaryExpression()
    while token.kind == .mark, let strength = Self.strength(token.mark), strength >= least,
      !(isTemplateArgument && token.mark == .greater)
    {
      let (mark, position) = (token.mark, token.position)
      try advance()
      if mark == .and || mark == .or {
        left = try logical(mark, left, strength)
      } else {
        let right = try binaryExpression(strength + 1)
        left = try computed(position) { () throws(LayoutConstant.Failure) in
          try .binary(mark, left, right)
        }
      }
    }
    return left
  }

  private mutating func logical(
    _ mark: LayoutMark, _ left: LayoutConstant, _ strength: Int
  ) throws(LayoutFault) -> LayoutConstant {
    let isDecided = left.isTrue == (mark == .or)
    if isDecided { unevaluated += 1 }
    defer { if isDecided { unevaluated -= 1 } }
    let right = try binaryExpression(strength + 1)
    return LayoutConstant(isDecided ? mark == .or : right.isTrue)
  }

  mutating func unaryExpression() throws(LayoutFault) -> LayoutConstant {
    let (mark, position) = (token.mark, token.position)
    guard token.kind == .mark, [.plus, .minus, .tilde, .exclamation].contains(mark) else {
      return try operand()
    }
    try descend()
    defer { depth -= 1 }
    try advance()
    let value = try unaryExpression()
    return switch mark {
    case .plus: value
    case .tilde: value.complement
    case .exclamation: LayoutConstant(!value.isTrue)
    default: try computed(position) { () throws(LayoutConstant.Failure) in try value.negated() }
    }
  }

  private mutating func operand() throws(LayoutFault) -> LayoutConstant {
    if let value = try specialOperand() { return value }
    if token.kind == .number || token.kind == .character {
      let value = try literal(token)
      try advance()
      return value
    }
    if try accept(.openParenthesis) {
      let value = try constantExpression()
      try expect(.closeParenthesis, ")")
      return value
    }
    throw unexpected("expected a constant expression")
  }

  private func computed(
    _ position: Int, _ compute: () throws(LayoutConstant.Failure) -> LayoutConstant
  ) throws(LayoutFault) -> LayoutConstant {
    do {
      return try compute()
    } catch {
      if unevaluated > 0 { return LayoutConstant(truncating: 0) }
      throw LayoutFault(position, "\(error.rawValue) in the constant expression")
    }
  }

  /// How tightly a binary operator binds; nil: this is no binary operator.
  private static func strength(_ mark: LayoutMark) -> Int? {
    switch mark {
    case .or: 1
    case .and: 2
    case .bar: 3
    case .caret: 4
    case .ampersand: 5
    case .equal, .notEqual: 6
    case .less, .greater, .lessOrEqual, .greaterOrEqual: 7
    case .shiftLeft, .shiftRight: 8
    case .plus, .minus: 9
    case .star, .slash, .percent: 10
    default: nil
    }
  }
}
