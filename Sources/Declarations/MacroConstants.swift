/// The integers among a preprocessor's `#define`s.
package enum MacroConstants {
  /// `text` is the output of `-E -dD`: definitions between lines that name their files. Definitions
  /// from system files (flag 3; "Preprocessor Output" in gcc's cpp manual) and of the compiler
  /// itself are used, but not returned.
  package static func values(
    _ text: [UInt8], _ abi: Layout.ABI
  ) -> [(name: String, value: Int64)] {
    var isOwn = false
    var own: Set<String> = []
    var lines: [ArraySlice<UInt8>] = []
    for line in text.split(separator: UInt8(ascii: "\n")) {
      if line.starts(with: "# ".utf8) {
        let words = line.split(separator: UInt8(ascii: " "))
        let isSystem = words.dropFirst(3).contains { $0.elementsEqual("3".utf8) }
        isOwn = !isSystem && words.count > 2 && words[2].dropFirst().first != UInt8(ascii: "<")
      } else if line.starts(with: "#define ".utf8) {
        lines.append(line)
        let name = line.dropFirst(8).prefix { LayoutLexer.isWordByte($0) }
        if isOwn { own.insert(String(decoding: name, as: UTF8.self)) }
      } else if line.starts(with: "#undef ".utf8) {
        lines.append(line)
      }
    }
    var source = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    source += Array("\nstruct none { int a; };\n".utf8)
    guard let layout = try? Layout(bytes: source, abi: abi, type: nil) else { return [] }
    return layout.orderedConstants.filter { own.contains($0.name) }
  }
}
