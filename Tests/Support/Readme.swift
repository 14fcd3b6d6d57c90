/// The README, whose examples are tested.
public enum Readme {
  /// The blocks of code in a section `### …`, with their languages.
  public static func blocks(of section: String) -> [(language: String, text: String)] {
    let lines = Traces.text("\(Places.repository)/README.md")
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let start = lines.firstIndex(of: "### \(section)") else { return [] }
    var blocks: [(String, String)] = []
    var open: (language: String, lines: [String])?
    for line in lines[(start + 1)...] {
      if let block = open {
        if line == "```" {
          blocks.append((block.language, (block.lines + [""]).joined(separator: "\n")))
          open = nil
        } else {
          open?.lines.append(line)
        }
      } else if line.hasPrefix("```") {
        open = (String(line.dropFirst(3)), [])
      } else if line.hasPrefix("#") {
        break
      }
    }
    return blocks
  }
}
