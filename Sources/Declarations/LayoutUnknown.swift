/// Names that nobody declares. They are reported together, so that a header takes one try, not
/// twenty.
struct LayoutUnknown: Sendable, Equatable {
  enum Kind: CaseIterable, Sendable {
    case type, constant
    /// A word where none may stand, or a word with parentheses.
    case macro
    /// A name with which an `#if` computes.
    case number
    /// A name that an `#ifdef` inside a body asks for.
    case condition
    /// Not a name but a sentence about one.
    case note
  }

  private var names: [Kind: [String]] = [:]
  private var position = Int.max

  var isEmpty: Bool { names.isEmpty }

  static let most = 40

  /// Do they only affect the type in which they stand? A macro could do anything.
  var isOfTypesOnly: Bool {
    names.keys.allSatisfy { $0 == .type || $0 == .constant || $0 == .note }
  }

  mutating func add(_ kind: Kind, _ name: String, at place: Int) {
    position = min(position, place)
    if names[kind, default: []].count < Self.most && names[kind]?.contains(name) != true {
      names[kind, default: []].append(name)
    }
  }

  mutating func merge(_ other: LayoutUnknown) {
    for kind in Kind.allCases {
      for name in other.names[kind] ?? [] { add(kind, name, at: other.position) }
    }
  }

  /// Nil: nothing is unknown.
  var fault: LayoutFault? {
    if isEmpty { return nil }
    let (types, constants) = (names[.type] ?? [], names[.constant] ?? [])
    var known: [String] = []
    if !types.isEmpty { known.append("unknown type name" + Self.list(types)) }
    if !constants.isEmpty { known.append("unknown constant" + Self.list(constants)) }
    var parts = known.isEmpty ? [] : [known.joined(separator: ", ")]
    parts += [Kind.macro, .number, .condition].compactMap { sentence($0) }
    parts += names[.note] ?? []
    return LayoutFault(
      position, parts.joined(separator: "; "), isForeign: true, unknownTypes: types)
  }

  /// What is said about the names of this kind, and what to do.
  private func sentence(_ kind: Kind) -> String? {
    guard let names = names[kind] else { return nil }
    let all = names.map { "'\($0)'" }.joined(separator: ", ")
    let isOne = names.count == 1
    func defined(_ value: String) -> String {
      "define = { " + names.map { "\($0) = \(value)" }.joined(separator: ", ") + " }"
    }
    switch kind {
    case .macro:
      return isOne
        ? "\(all) is unknown: a macro? #define it, or \(defined("\"\""))"
        : "\(all) are unknown: macros? #define them, or \(defined("\"\""))"
    case .number:
      return isOne
        ? "\(all) is a number here and nobody defines it: \(defined("…"))"
        : "\(all) are numbers here and nobody defines them: \(defined("…"))"
    case .condition:
      return (isOne ? "does " : "do ") + names.joined(separator: ", ")
        + " hold? The headers are not here: \(defined("true")) or false"
    case .type, .constant, .note: return nil
    }
  }

  private static func list(_ names: [String]) -> String {
    (names.count > 1 ? "s " : " ") + names.map { "'\($0)'" }.joined(separator: ", ")
  }
}

extension LayoutParser {
  /// Continues as if the name were declared, if what follows looks like its use. Whatever has this
  /// type lacks it; a pointer to it has 8 bytes in any case.
  mutating func unknownType(_ name: LayoutToken) throws(LayoutFault) -> LayoutTypeID {
    let lacks = lacking(.type, name)
    let isKnownByName = preprocessor.isIncluding && !looksLikeMacro(name)
    let next = try peek()
    if next.isMark(.less) {
      let type = try unknownTemplate(shown(name), name.position)
      try advance()
      return type
    }
    let isPointer = next.isMark(.star) || (options.isCPlusPlus && next.isMark(.ampersand))
    let isAlone =
      isTypeName && [.semicolon, .closeParenthesis, .comma, .greater].contains { next.isMark($0) }
    guard next.kind == .identifier || isPointer || isAlone else {
      unknown.merge(lacks)
      throw unknown.fault ?? unexpected("expected a type")
    }
    if !isPointer || !isKnownByName { mentioned.merge(lacks) }
    if isPointer && !isKnownByName { unknown.merge(lacks) }
    try advance()
    if let known = lackingTypes[name.name] { return known }
    var type = LayoutBuiltins.scalar(shown(name), .signed, 4)
    type.lacks = lacks
    let id = try types.add(type, name.position)
    lackingTypes[name.name] = id
    return id
  }

  private func lacking(
    _ kind: LayoutUnknown.Kind, _ name: LayoutToken
  ) -> LayoutUnknown {
    var lacks = LayoutUnknown()
    if abi == .linux, let note = LayoutBuiltins.ambiguity(name.name) {
      lacks.add(.note, note, at: name.position)
    } else {
      lacks.add(kind, shown(name), at: name.position)
    }
    return lacks
  }

  /// What a used type lacks, the type that is being read lacks, too. True: it lacks something, so
  /// its size means nothing.
  mutating func isLacking(_ id: LayoutTypeID) -> Bool {
    guard let lacks = types[id].lacks else { return false }
    unknown.merge(lacks)
    return true
  }

  /// The type's members are unknown, so the text cannot be read further with it.
  mutating func addUnsized(_ type: LayoutType, at position: Int) {
    let what = type.name.isEmpty ? "its elements" : "'\(Self.shortened(type.name))'"
    unknown.add(.note, "the size of \(what) is not known here", at: position)
    mentioned.add(.note, "the size of \(what) is not known here", at: position)
  }

  mutating func unknownConstant(_ name: LayoutToken) throws(LayoutFault) -> LayoutConstant {
    let lacks = lacking(.constant, name)
    unknown.merge(lacks)
    mentioned.merge(lacks)
    try advance()
    if at(.openParenthesis), let fault = unknown.fault { throw fault }
    return LayoutConstant(truncating: 1)
  }

  /// The current word may be an undefined macro, which might pack what it stands beside: skips it
  /// and its parentheses.
  mutating func skipUnknownMacro() throws(LayoutFault) {
    unknown.add(.macro, shown(token), at: token.position)
    mentioned.add(.macro, shown(token), at: token.position)
    try advance()
    if at(.openParenthesis) { try skipBalanced() }
  }

  /// An error that ends the reading. Undeclared names often are its cause.
  mutating func needsCPlusPlus(_ what: String) throws(LayoutFault) {
    if options.isCPlusPlus { return }
    var fault = LayoutFault(token.position, "\(what) is C++: language = \"c++\"")
    fault.isCPlusPlus = options.isOpen
    throw fault
  }

  /// After a body at file scope: a word that looks like an undefined macro is not taken for a
  /// variable, as it might pack the struct.
  mutating func checkWords(after specifiers: LayoutSpecifiers) throws(LayoutFault) {
    while token.kind == .identifier {
      let next = try peek()
      if next.kind == .identifier {
        if Self.attributeWords.contains(next.name) { return }
        try skipUnknownMacro()
        continue
      }
      if specifiers.defined == nil && !specifiers.definesEnumeration { return }
      if specifiers.isTypedef { return checkTag(of: specifiers) }
      let isVariable =
        next.isMark(.assign) || next.isMark(.openBracket) || next.isMark(.comma)
      if !looksLikeMacro(token) || isVariable { return }
      try skipUnknownMacro()
    }
  }

  /// Macros at a struct, up to the token that is looked at, of which the text has only a default that
  /// is empty, and which a header that is not here may define otherwise: might they pack it?
  func addVanished(from start: Int, body: ClosedRange<Int>, to lacks: inout LayoutUnknown) {
    for macro in preprocessor.vanished.reversed() {
      if macro.position < start { return }
      if macro.position >= token.position { continue }
      // "char FAR *p;" is no attribute.
      let isQualifier =
        body.contains(macro.position) && !macro.isAtEnd && !macro.hasParameters
        && !Self.looksLikePacking(macro.name)
      if isQualifier { continue }
      let name = Self.shortened(macro.name)
      lacks.add(
        .note,
        "'\(name)' is empty here by default, and the headers that may define it are not here: "
          + "define = { \(name) = \"\" }, or what it stands for", at: macro.position)
    }
  }

  static func looksLikePacking(_ name: String) -> Bool {
    let name = name.uppercased()
    return name.contains("PACK") || name.contains("ALIGN")
  }

  private static let attributeWords: Set<String> = [
    "__attribute__", "__attribute", "__declspec", "alignas", "_Alignas",
  ]

  func looksLikeMacro(_ word: LayoutToken) -> Bool {
    guard word.kind == .identifier, !word.isPainted else { return false }
    return word.name.hasPrefix("_") || Self.isShouted(word.name)
  }

  /// Is the name without lower-case letters?
  static func isShouted(_ name: String) -> Bool {
    !name.utf8.contains { $0 &- 97 < 26 || $0 >= 0x80 }
  }

  /// `typedef struct PACKED { … } Name;`: is PACKED the tag or an undefined macro? A tag is used
  /// again, or resembles the name.
  private mutating func checkTag(of specifiers: LayoutSpecifiers) {
    guard let tag = specifiers.tag, Self.isMacroLike(tag.name), !tag.isPainted,
      tagUses[tag.name, default: 0] < 2, !Self.isAlike(tag.name, token.name)
    else { return }
    unknown.add(.macro, shown(tag), at: tag.position)
  }

  /// Words in capitals; one with a number only if it speaks of packing, as `T1` is a tag's name.
  private static func isMacroLike(_ name: String) -> Bool {
    guard isShouted(name) else { return false }
    return name.hasPrefix("__") || name.contains("PACK") || name.contains("ALIGN")
      || !name.utf8.contains { $0 &- 48 < 10 }
  }

  /// Do tag and name resemble each other, like _FOO_BAR and FooBar, FOO and FOO_T, tagFOO and FOO?
  static func isAlike(_ tag: String, _ name: String) -> Bool {
    let (left, right) = (letters(tag), letters(name))
    if left.isEmpty || right.isEmpty { return false }
    if left.contains(right) || right.contains(left) { return true }
    // Half of it is a common beginning: LINK_HEADER and LinkHead.
    let common = zip(left, right).prefix { $0 == $1 }.count
    return common >= 4 && common * 2 >= min(left.count, right.count)
  }

  private static func letters(_ name: String) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber }
  }
}
