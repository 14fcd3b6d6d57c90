extension Bundle {
  /// The script that somebody meant who wrote `name`: the nearest within a few letters, with or
  /// without folder and `.lua`.
  package static func nearest(_ name: String) -> String? {
    let last = name.split(separator: "/").last ?? ""
    let stem = Array((last.hasSuffix(".lua") ? last.dropLast(4) : last).lowercased().prefix(64))
    return nearest(String(stem), among: scripts.map(\.name))
  }

  /// The nearest of these words, within a third of its letters.
  package static func nearest(_ word: String, among words: [String]) -> String? {
    let letters = Array(word.prefix(64))
    let near = words.map { (word: $0, far: distance(letters, Array($0))) }
      .min { $0.far < $1.far }
    guard let near, near.far <= max(1, near.word.count / 3) else { return nil }
    return near.word
  }

  /// Letters to add, drop, change or swap with their neighbour.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var rows = [Array(0...b.count)]
    for (i, letter) in a.enumerated() {
      var row = [i + 1]
      for (j, other) in b.enumerated() {
        var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (letter == other ? 0 : 1))
        if i > 0, j > 0, letter == b[j - 1], a[i - 1] == other {
          best = min(best, rows[i - 1][j - 1] + 1)
        }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
