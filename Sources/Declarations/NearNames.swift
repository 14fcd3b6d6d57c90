internal import COperations

/// Names that somebody may have meant who wrote another one.
package enum NearNames {
  /// The nearest words, all as near, in their order: no further than a third of a word's letters.
  package static func of(
    _ name: String, among words: some Sequence<String>, most: Int = 3
  ) -> [String] {
    var found: [String] = []
    var least = Int.max
    for word in words {
      let limit = min(cops_likeness(word.utf8.count), 2)
      let far = distance(name, word, limit)
      if far > limit || far > least || word == name { continue }
      if far < least { (found, least) = ([], far) }
      if found.count < most && !found.contains(word) { found.append(word) }
    }
    return found
  }

  /// `; near: a, b`, or else the first ones, `; it has: a, b, …`, as `shm.layout` says of fields.
  static func text(_ name: String, among words: [String]) -> String {
    let near = of(name, among: words)
    if !near.isEmpty { return "; near: " + near.map(shown).joined(separator: ", ") }
    if words.isEmpty { return "" }
    let first = words.prefix(8).map(shown).joined(separator: ", ")
    return "; it has: \(first)\(words.count > 8 ? ", …" : "")"
  }

  private static func shown(_ name: String) -> String { LayoutParser.shortened(name) }

  /// Letters to add, drop, change or swap with their neighbour; past the limit not counted.
  package static func distance(_ word: String, _ other: String, _ limit: Int) -> Int {
    var (word, other) = (word, other)
    return word.withUTF8 { word in
      other.withUTF8 { other in
        word.withMemoryRebound(to: CChar.self) { word in
          other.withMemoryRebound(to: CChar.self) { other in
            cops_distance(word.baseAddress, word.count, other.baseAddress, other.count, limit)
          }
        }
      }
    }
  }
}

extension LayoutFault {
  /// The same, with known types that are like those it does not know.
  func naming(nearTo parser: LayoutParser) -> LayoutFault {
    if unknownTypes.isEmpty { return self }
    let words = parser.ownNames + LayoutBuiltins.names(parser.abi)
    var near: [String] = []
    for name in unknownTypes {
      near += NearNames.of(name, among: words).filter { !near.contains($0) }
    }
    if near.isEmpty { return self }
    var fault = LayoutFault(
      position, message + "; near: " + near.prefix(8).joined(separator: ", "), isForeign: isForeign)
    fault.isCPlusPlus = isCPlusPlus
    return fault
  }
}
