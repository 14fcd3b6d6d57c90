/// `#pragma pack`, and the pragmas that must not be ignored.
extension LayoutPreprocessor {
  mutating func pragma() throws(LayoutFault) {
    let name = try lexer.next()
    switch spelling(name) {
    case "pack": try pack(name, expand(line()))
    case "once": if let file = files.last { pragmaOnce.insert(file.path) }
    case "scalar_storage_order":
      let word = try lexer.next()
      let isDashed = try lexer.next().isMark(.minus)
      switch spelling(word) {
      case "default": isBigEndian = options.isBigEndian
      case "big" where isDashed: isBigEndian = true
      case "little" where isDashed: isBigEndian = false
      default:
        throw LayoutFault(word.position, "scalar_storage_order is big-endian or little-endian")
      }
    case "ms_struct":
      if try ["off", "reset"].contains(spelling(lexer.next())) { break }
      throw LayoutFault(
        name.position,
        "#pragma ms_struct is obeyed by clang and not by gcc: write __attribute__((ms_struct))")
    default: break
    }
  }

  /// Obeys `()`, `(n)`, `(push)`, `(push, n)`, `(push, name, n)`, `(pop)`, `(pop, name)` and `(pop,
  /// n)`; Microsoft's "pack pragma", which gcc follows ("Structure-Layout Pragmas").
  mutating func pack(_ word: LayoutToken, _ line: [LayoutToken]) throws(LayoutFault) {
    guard line.count >= 2, line[0].kind == .mark, line[0].mark == .openParenthesis,
      let last = line.last, last.kind == .mark, last.mark == .closeParenthesis
    else { throw LayoutFault(word.position, "#pragma pack needs a value in parentheses") }
    var names: [LayoutToken] = []
    var values: [UInt64] = []
    for (index, token) in line.dropFirst().dropLast().enumerated() {
      if index % 2 == 1 {
        guard token.kind == .mark, token.mark == .comma else { throw unclear(token) }
      } else if token.kind == .number {
        values.append(try packing(token))
      } else if token.kind == .identifier, values.isEmpty {
        names.append(token)
      } else {
        throw unclear(token)
      }
    }
    if names.count > 2 || values.count > 1 { throw unclear(line[1]) }
    try pack(word, names, values.first)
  }

  private func unclear(_ token: LayoutToken) -> LayoutFault {
    LayoutFault(token.position, "#pragma pack knows (n), (push, n), (pop) and ()")
  }

  private func packing(_ token: LayoutToken) throws(LayoutFault) -> UInt64 {
    switch spelling(token) {
    case "0": 0
    case "1": 1
    case "2": 2
    case "4": 4
    case "8": 8
    case "16": 16
    default: throw LayoutFault(token.position, "#pragma pack needs 1, 2, 4, 8 or 16")
    }
  }

  private mutating func pack(
    _ word: LayoutToken, _ names: [LayoutToken], _ value: UInt64?
  ) throws(LayoutFault) {
    guard let verb = names.first else {
      packing = value ?? 0
      return
    }
    let label = names.count == 2 ? names[1].name : ""
    switch verb.name {
    case "push":
      if packStack.count == 100 { throw LayoutFault(word.position, "more than 100 pushes") }
      packStack.append((label, packing))
      packing = value ?? packing
    case "pop":
      try pop(word, label)
      packing = value ?? packing
    case "show" where names.count == 1 && value == nil: break
    default: throw unclear(verb)
    }
  }

  /// A pop with a name also removes everything that was pushed since that name.
  private mutating func pop(_ word: LayoutToken, _ name: String) throws(LayoutFault) {
    guard let index = packStack.lastIndex(where: { name.isEmpty || $0.name == name }) else {
      let what = name.isEmpty ? "" : " of '\(name)'"
      throw LayoutFault(word.position, "#pragma pack(pop) without a push\(what)")
    }
    packing = packStack[index].packing
    packStack.removeSubrange(index...)
  }
}
