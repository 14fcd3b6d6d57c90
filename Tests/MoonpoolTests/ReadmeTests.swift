import Glibc
import TestSupport
import Testing

/// The README's examples: what is printed under a script is what it prints.
struct ReadmeTests {
  private let lines = Traces.text("\(Places.repository)/README.md")
    .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)

  /// The blocks of a section, with their languages.
  private func blocks(of section: String) throws -> [(language: String, text: String)] {
    let start = try #require(lines.firstIndex(of: "### \(section)"))
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

  @Test(arguments: ["Numbers, texts, bytes", "C structures"])
  func aScriptPrintsWhatStandsUnderIt(section: String) throws {
    let blocks = try blocks(of: section)
    try #require(blocks.map(\.language) == ["lua", "text"])
    let outcome = moonpool("-e", blocks[0].text, session: Places.unique("readme"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output == blocks[1].text)
  }

  @Test func waitingAndLockingIsTrue() throws {
    let blocks = try blocks(of: "Waiting and locking")
    try #require(blocks.map(\.language) == ["lua", "lua", "lua"])
    let session = Places.unique("readme")
    let waiter = Child(
      Places.moonpool,
      [
        "-e",
        "io.stdout:setvbuf('no') keep = shm.create('turns', 64) print('ready')\n" + blocks[1].text,
      ],
      environment: ["MOONPOOL_SESSION": session])
    #expect(waiter.prints("ready"))
    #expect(moonpool("-e", blocks[0].text, session: session).status == 0)
    #expect(waiter.wait() == 0)
    let named = moonpool("-e", blocks[2].text, session: session)
    #expect(named.status == 0, "\(named.errors)")
    #expect(
      named.output == """
        nil\trelease free: ERROR_TOO_MANY_POSTS (298): 1 more would exceed the maximum, 8\t298
        1

        """)
  }
}
