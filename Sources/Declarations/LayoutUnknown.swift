/// Names that nobody declares: all are told at once, so that a header needs one try and not twenty.
struct LayoutUnknown {
  private(set) var types: [String] = []
  private(set) var constants: [String] = []
  private var position = 0

  var isEmpty: Bool { types.isEmpty && constants.isEmpty }

  static let most = 40

  mutating func add(type name: String, at place: Int) {
    if isEmpty { position = place }
    if types.count < Self.most && !types.contains(name) { types.append(name) }
  }

  mutating func add(constant name: String, at place: Int) {
    if isEmpty { position = place }
    if constants.count < Self.most && !constants.contains(name) { constants.append(name) }
  }

  /// Nil: nothing is unknown.
  var fault: LayoutFault? {
    if isEmpty { return nil }
    var parts: [String] = []
    if !types.isEmpty { parts.append("unknown type name" + Self.list(types)) }
    if !constants.isEmpty { parts.append("unknown constant" + Self.list(constants)) }
    return LayoutFault(position, parts.joined(separator: ", "), isForeign: true)
  }

  private static func list(_ names: [String]) -> String {
    (names.count > 1 ? "s " : " ") + names.map { "'\($0)'" }.joined(separator: ", ")
  }
}

extension LayoutParser {
  /// Goes on as if the name were declared, where what follows looks like its use.
  mutating func unknownType(_ name: LayoutToken) throws(LayoutFault) -> LayoutTypeID {
    unknown.add(type: shown(name), at: name.position)
    let next = try peek()
    let isUse = next.kind == .identifier || next.isMark(.star)
    if !isUse, let fault = unknown.fault { throw fault }
    try advance()
    return try types.builtin(LayoutBuiltins.scalar("int", .signed, 4), name.position)
  }

  mutating func unknownConstant(_ name: LayoutToken) throws(LayoutFault) -> LayoutConstant {
    unknown.add(constant: shown(name), at: name.position)
    try advance()
    if at(.openParenthesis), let fault = unknown.fault { throw fault }
    return LayoutConstant(truncating: 1)
  }

  /// An error that ends the reading; those names that are unknown are the cause of much.
  mutating func needsCPlusPlus(_ what: String) throws(LayoutFault) {
    if options.isCPlusPlus { return }
    var fault = LayoutFault(token.position, "\(what) is C++: language = \"c++\"")
    fault.isCPlusPlus = options.isOpen
    throw fault
  }

  /// After a body at file scope: what looks like a macro that nobody defines is no variable, as it
  /// might pack the struct.
  mutating func checkWords(after specifiers: LayoutSpecifiers) throws(LayoutFault) {
    guard token.kind == .identifier else { return }
    let next = try peek()
    if next.kind == .identifier {
      if ["__attribute__", "__attribute", "__declspec", "alignas", "_Alignas"].contains(next.name) {
        return
      }
      throw macroFault(token)
    }
    if specifiers.defined == nil && !specifiers.definesEnumeration { return }
    if specifiers.isTypedef { return try checkTag(of: specifiers) }
    let isVariable = next.isMark(.assign) || next.isMark(.openBracket) || next.isMark(.comma)
    if looksLikeMacro(token) && !isVariable { throw macroFault(token) }
  }

  func looksLikeMacro(_ word: LayoutToken) -> Bool {
    guard word.kind == .identifier, !word.isPainted else { return false }
    return word.name.hasPrefix("_") || Self.isShouted(word.name)
  }

  /// Has a name no lower-case letter?
  static func isShouted(_ name: String) -> Bool {
    !name.utf8.contains { $0 &- 97 < 26 || $0 >= 0x80 }
  }

  func macroFault(_ word: LayoutToken) -> LayoutFault {
    let name = shown(word)
    return LayoutFault(
      word.position,
      "'\(name)' is unknown: a macro? #define it, or define = { \(name) = \"\" }", isForeign: true)
  }

  /// `typedef struct PACKED { … } Name;`: is PACKED the tag, or a macro that nobody defines? A tag
  /// is used again, or is like the name.
  private func checkTag(of specifiers: LayoutSpecifiers) throws(LayoutFault) {
    guard let tag = specifiers.tag, Self.isMacroLike(tag.name), !tag.isPainted,
      tagUses[tag.name, default: 0] < 2, !Self.isAlike(tag.name, token.name)
    else { return }
    throw macroFault(tag)
  }

  /// Words in capitals; with a number only those that speak of packing, as `T1` is a tag's name.
  private static func isMacroLike(_ name: String) -> Bool {
    guard isShouted(name) else { return false }
    return name.hasPrefix("__") || name.contains("PACK") || name.contains("ALIGN")
      || !name.utf8.contains { $0 &- 48 < 10 }
  }

  /// `_FOO_BAR` and `FooBar`, `FOO` and `FOO_T`, `tagFOO` and `FOO`.
  static func isAlike(_ tag: String, _ name: String) -> Bool {
    let (left, right) = (letters(tag), letters(name))
    if left.isEmpty || right.isEmpty { return false }
    if left.contains(right) || right.contains(left) { return true }
    // A common beginning of half of it: LINK_HEADER and LinkHead.
    let common = zip(left, right).prefix { $0 == $1 }.count
    return common >= 4 && common * 2 >= min(left.count, right.count)
  }

  private static func letters(_ name: String) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber }
  }
}
