internal import COperations
internal import SharedMemory

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
      let far = NearNames.distance(word, other, limit)
      return far <= limit ? (word: other, far: far) : nil
    }.min { $0.far < $1.far }?.word
  }
}
