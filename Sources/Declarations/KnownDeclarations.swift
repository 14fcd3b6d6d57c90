/// What well-known headers declare, as C text, for a compiler that does not have them.
package struct KnownDeclarations {
  private let abi: Layout.ABI
  private let isCPlusPlus: Bool
  private var done: Set<String> = []
  private var text = ""

  package init(_ abi: Layout.ABI, isCPlusPlus: Bool) {
    self.abi = abi
    self.isCPlusPlus = isCPlusPlus
  }

  /// Is this a header of C, of the system or of its compilers, and not of C++'s library?
  package static func isHeader(_ path: String) -> Bool {
    LayoutBuiltins.isKnownHeader(path) && path.contains(".")
  }

  /// The text that replaces a missing header: it defines what conditions ask for.
  package static func stub(_ header: String, _ abi: Layout.ABI) -> String {
    let isWindows = header.lowercased() == "windows.h" && abi != .linux
    return isWindows ? "#ifndef _AMD64_\n#define _AMD64_ 1\n#endif\n" : ""
  }

  /// Does it belong to C++'s library, and is not just another name for a header of C's?
  package static func isOfCPlusPlus(_ path: String) -> Bool {
    LayoutBuiltins.isKnownHeader(path) && !path.contains(".") && headerOfC(path) == nil
  }

  /// C's name of such a header: `math.h` for `cmath`; nil: C has no such header.
  package static func headerOfC(_ path: String) -> String? {
    guard path.hasPrefix("c"), !path.contains(".") else { return nil }
    let header = path.dropFirst() + ".h"
    return isHeader(String(header)) ? String(header) : nil
  }

  /// Names that no header needs to declare for another.
  private static let words: Set<String> = [
    "bool", "wchar_t", "char16_t", "char32_t", "char8_t", "__wchar_t", "true", "false", "nullptr",
  ]

  private static let functions: Set<String> = [
    "memset", "memcpy", "memmove", "memcmp", "strlen", "strcmp", "strncmp", "strcpy", "strncpy",
    "sqrt", "sqrtf", "fabs", "fabsf", "abs", "sin", "cos", "tan", "atan2", "pow", "floor", "ceil",
  ]

  /// The declarations of those names that are known, and of what they consist of.
  package mutating func declare(_ names: [String]) -> String {
    for name in names { add(name, depth: 0) }
    return "#include <stdint.h>\n#include <stddef.h>\n" + text
  }

  /// Does a table have the name?
  package func knows(_ name: String) -> Bool {
    if isCPlusPlus && Self.words.contains(name) { return false }
    return LayoutBuiltins.type(name, abi, isUnicode: false) != nil || structure(name) != nil
      || LayoutBuiltins.constant(name, abi) != nil || Self.functions.contains(name)
      || ["TRUE", "FALSE"].contains(name)
  }

  /// Of a name that has another size in each header: what they say; nil: it is none.
  package static func meanings(of name: String) -> String? { LayoutBuiltins.ambiguity(name) }

  private func structure(_ name: String) -> String? {
    LayoutBuiltins.structure(name, isTag: false, abi)
      ?? LayoutBuiltins.structure(name, isTag: true, abi)
  }

  private mutating func add(_ name: String, depth: Int) {
    guard depth < 8, knows(name), done.insert(name).inserted else { return }
    if let structure = structure(name) {
      if !done.insert(structure).inserted { return }  // several names may share a text
      for token in (try? LayoutLexer.tokens(of: structure, at: 0)) ?? []
      where token.kind == .identifier && token.name != name {
        add(token.name, depth: depth + 1)
      }
      text += structure + "\n"
    } else if let type = LayoutBuiltins.type(name, abi, isUnicode: false) {
      // These come from the two headers that every compiler has itself.
      let isStandard = name.hasSuffix("_t") && LayoutBuiltins.standard.contains(name)
      if !isStandard { text += "typedef \(Self.spelling(type)) \(name);\n" }
    } else if let value = LayoutBuiltins.constant(name, abi) {
      text += "#define \(name) \(value)\n"
    } else {
      text += "#define \(name) __builtin_\(name)\n"
    }
  }

  private static func spelling(_ type: LayoutType) -> String {
    let sign = type.isUnsigned ? "unsigned " : "signed "
    switch type.kind {
    case .boolean: return "_Bool"
    case .floating: return type.size == 4 ? "float" : "double"
    case .pointer: return "void *"
    case .character: return "char"
    case .wide: return type.size == 2 ? "unsigned short" : "__WCHAR_TYPE__"
    default:
      return sign + ["char", "short", "int", "long long"][min(3, type.size.trailingZeroBitCount)]
    }
  }

  /// Macros of well-known headers that the text uses but does not define.
  package static func macros(in bytes: [UInt8]) -> String {
    var lexer = LayoutLexer(bytes)
    var used: [String] = []
    var own: Set<String> = []
    var before = ""
    while let token = try? lexer.next(), token.kind != .end {
      if token.kind == .identifier {
        if before == "define" { own.insert(token.name) }
        if !used.contains(token.name), LayoutBuiltins.text(ofMacro: token.name) != nil {
          used.append(token.name)
        }
      }
      before = token.name
    }
    return used.filter { !own.contains($0) }
      .map { name in
        let text = LayoutBuiltins.text(ofMacro: name) ?? ""
        return "#ifndef \(name)\n#define \(name)\(text.hasPrefix("(") ? "" : " ")\(text)\n#endif\n"
      }.joined()
  }

  /// Which of the names the text declares, as a tag with a body, a typedef, or a macro.
  package static func declared(_ names: Set<String>, in bytes: [UInt8]) -> Set<String> {
    var lexer = LayoutLexer(bytes)
    var found: Set<String> = []
    var before = LayoutToken(kind: .end, position: 0, start: 0, end: 0)
    var (candidate, isTypedef, depth) = ("", false, 0)
    while let token = try? lexer.next(), token.kind != .end {
      let isBody = token.isMark(.openBrace) || token.isMark(.colon)
      if !candidate.isEmpty && isBody { found.insert(candidate) }
      candidate = ""
      if token.isMark(.semicolon), before.kind == .identifier, names.contains(before.name),
        isTypedef, depth == 0
      {
        found.insert(before.name)
      }
      if token.kind == .identifier && names.contains(token.name) {
        if ["struct", "union", "class", "enum"].contains(before.name) { candidate = token.name }
        if before.name == "define" || before.name == "using" { found.insert(token.name) }
      }
      if token.name == "typedef" { (isTypedef, depth) = (true, 0) }
      if token.isMark(.semicolon) && depth == 0 { isTypedef = false }
      if token.isMark(.openBrace) { depth += 1 }
      if token.isMark(.closeBrace) { depth -= 1 }
      before = token
    }
    return found
  }
}
