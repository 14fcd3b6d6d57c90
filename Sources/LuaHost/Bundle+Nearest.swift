internal import COperations

extension Bundle {
  /// The script that somebody probably meant by `name`: the nearest one within a few letters,
  /// compared with and without folder and `.lua`.
  package static func nearest(_ name: String) -> String? {
    let last = name.split(separator: "/").last ?? ""
    let stem = last.hasSuffix(".lua") ? last.dropLast(4) : last
    return nearest(String(stem), among: scripts.map(\.name))
  }

  /// The nearest of these words, if no more than a third of its letters differ.
  package static func nearest(_ word: String, among words: [String]) -> String? {
    words.compactMap { other in
      let limit = max(1, cops_likeness(other.utf8.count))
      let far = distance(word, other, limit)
      return far <= limit ? (word: other, far: far) : nil
    }.min { $0.far < $1.far }?.word
  }

  /// Letters to add, drop, change or swap with their neighbour; past the limit not counted.
  private static func distance(_ word: String, _ other: String, _ limit: Int) -> Int {
    var (word, other) = (word, other)
    return word.withUTF8 { word in
      other.withUTF8 { other in
        word.withMemoryRebound(to: CChar.self) { word in
          other.withMemoryRebound(to: CChar.self) { other in
            cops_distance(
              word.baseAddress, word.count, other.baseAddress, other.count, limit)
          }
        }
      }
    }
  }
}
