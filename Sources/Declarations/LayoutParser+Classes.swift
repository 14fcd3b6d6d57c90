/// What C++ says about a struct in addition to its members: bases, functions, access.
struct LayoutClass {
  let tag: String
  /// Are the following members private or protected?
  var isHidden = false
  /// False: something makes it no plain old data, so that derived members may use its padding.
  var isPlain = true
  /// It contains something that processes cannot share.
  var refusal: LayoutFault?
}

extension LayoutParser {
  /// Reads `: public Base, public Other`, from the colon on; returns none if one cannot be used.
  mutating func baseClasses() throws(LayoutFault) -> [LayoutMember] {
    try needsCPlusPlus("a base class")
    var bases: [LayoutMember] = []
    repeat {
      try advance()
      guard let base = try baseClass() else { return [] }
      bases.append(base)
    } while at(.comma)
    return bases
  }

  /// Reads one base class; nil: it is refused.
  private mutating func baseClass() throws(LayoutFault) -> LayoutMember? {
    while ["public", "private", "protected"].contains(token.name) { try advance() }
    if at("virtual") { return try refusedBase(virtualFault("a virtual base class")) }
    let position = token.position
    let path = try qualified()
    if let type = try standardTemplate(path) {
      if let lacks = types[type].lacks { return try refusedBase(lacks.fault) }
      throw LayoutFault(position, "'\(types[type].name)' is no base class")
    }
    guard let type = try namedType(token, path) else {
      if token.kind != .identifier { throw unexpected("expected a base class") }
      var lacks = LayoutUnknown()
      lacks.add(.type, path ?? shown(token), at: position)
      mentioned.merge(lacks)
      return try refusedBase(lacks.fault)
    }
    let base = types[type]
    if let refusal = base.refusal {
      return try refusedBase(LayoutFault(base.refusalPosition, refusal))
    }
    if let lacks = base.lacks { return try refusedBase(lacks.fault) }
    guard base.kind == .record, base.isComplete, !base.isFlexible else {
      throw LayoutFault(position, "'\(shown(token))' is no struct that could be a base class")
    }
    try advance()
    return LayoutMember(name: "", type: type, isBase: true, position: position)
  }

  /// The class is known but cannot be used; whoever uses it is told why.
  private mutating func refusedBase(_ fault: LayoutFault?) throws(LayoutFault) -> LayoutMember? {
    while !at(.openBrace) {
      if token.kind == .end || at(.semicolon) { throw unexpected("expected '{'") }
      try advance()
    }
    baseRefusal = fault
    return nil
  }

  /// Throws why the type cannot be memory that processes share; most can.
  func checkShareable(_ type: LayoutType) throws(LayoutFault) {
    if let refusal = type.refusal { throw LayoutFault(type.refusalPosition, refusal) }
    if let fault = type.lacks?.fault { throw fault }
  }

  func virtualFault(_ what: String) -> LayoutFault {
    LayoutFault(
      token.position,
      "\(what): the object holds an address of the program that made it, so no other can use it")
  }

  /// A member that takes no place: functions, friends, templates. True: it was stepped over.
  mutating func acceptMethod(_ tag: String) throws(LayoutFault) -> Bool {
    if at("virtual") {
      try needsCPlusPlus("'virtual'")
      let last = classes.count - 1
      classes[last].refusal = classes[last].refusal ?? virtualFault("a virtual function")
      try skipFunction()
      return true
    }
    if at("friend") || at("template") {
      try needsCPlusPlus("'\(token.name)'")
      if at("template") {
        try skipTemplate()
      } else {
        try skipFunction()
      }
      return true
    }
    let isConstructor =
      !tag.isEmpty && at(tag) ? try peek().isMark(.openParenthesis) : false
    let isExplicit = ["explicit", "constexpr", "inline"].contains(token.name)
    let isMarked = isExplicit && !tag.isEmpty ? try ahead(1).name == tag : false
    let isMarkedConstructor = isMarked ? try ahead(2).isMark(.openParenthesis) : false
    let isDestructor = at(.tilde)
    guard isConstructor || isMarkedConstructor || isDestructor || at("explicit") || at("operator")
    else {
      guard token.kind == .identifier || at(.scope), try beginsFunction() else { return false }
      try needsCPlusPlus("a member function")
      // A word in capitals after an unknown word may be a macro.
      if try !beginsType(), try beginsFunction(isForeign: true) == false { return false }
      try method(isSpecial: false, tag)
      return true
    }
    try needsCPlusPlus("a member function")
    try method(
      isSpecial: isConstructor || isMarkedConstructor || isDestructor || at("explicit"), tag)
    return true
  }

  /// Skips a function. If it replaces one that the compiler would make, the class is no plain data.
  private mutating func method(isSpecial: Bool, _ tag: String) throws(LayoutFault) {
    let isExplicit = at("explicit")
    var words: [String] = []
    var isDefaulted = false
    var isConversion = false
    var isCopied = false
    var index = 0
    while index < 200 {
      let next = try ahead(index)
      index += 1
      if next.kind == .end || next.isMark(.semicolon) || next.isMark(.openBrace) { break }
      if next.name == "operator" {
        let mark = try ahead(index)
        isConversion = mark.kind == .identifier
        isCopied = mark.isMark(.assign) ? try copies(index + 1, tag) : false
      }
      if next.isMark(.assign), ["default", "delete"].contains(try ahead(index).name) {
        isDefaulted = true
        words.append(try ahead(index).name)
      }
    }
    let isSpecial = isSpecial && !isConversion
    if (isSpecial && (!isDefaulted || (isExplicit && words.contains("default"))))
      || (isCopied && !isDefaulted)
    {
      classes[classes.count - 1].isPlain = false
    }
    try skipFunction()
  }

  /// Is this `(const Tag &)` or `(Tag)`? Moves and other parameters leave the class plain.
  private mutating func copies(_ start: Int, _ tag: String) throws(LayoutFault) -> Bool {
    var index = start
    var isOwn = false
    while index < start + 20 {
      let next = try ahead(index)
      index += 1
      if next.isMark(.and) { return false }
      if next.name == tag { isOwn = true }
      if next.isMark(.closeParenthesis) { return isOwn }
    }
    return false
  }
}
