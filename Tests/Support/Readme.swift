/// The README's fenced blocks, in their order.
public struct ReadmeBlock: Sendable {
  /// What stands behind the fence; empty: a picture.
  public let language: String
  /// With a newline at the end of each line.
  public let text: String
  /// The line of its opening fence, from 1.
  public let line: Int
  /// Does it begin in the line behind the end of the one before?
  public let follows: Bool

  public var place: String { "README.md:\(line) \(language)" }

  /// `speed.lua` of a block whose first line is the comment `-- speed.lua`.
  public var file: String? {
    let words = text.prefix { $0 != "\n" }.split(separator: " ")
    guard words.count == 2, ["--", "#", "//"].contains(words[0]), words[1].contains(".") else {
      return nil
    }
    return String(words[1])
  }

  public static let lines = Traces.text("\(Places.repository)/README.md")
    .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)

  public static let all: [ReadmeBlock] = {
    var blocks: [ReadmeBlock] = []
    var start: Int?
    var end = -1
    for (number, line) in lines.enumerated() where line.hasPrefix("```") {
      if let first = start {
        let text = lines[(first + 1)..<number].map { $0 + "\n" }.joined()
        blocks.append(
          ReadmeBlock(
            language: String(lines[first].dropFirst(3)), text: text, line: first + 1,
            follows: first == end + 1))
        (start, end) = (nil, number)
      } else {
        start = number
      }
    }
    return blocks
  }()
}
