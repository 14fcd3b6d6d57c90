import Glibc
import TestSupport
import Testing

/// The README's examples: what is printed under a script is what it prints.
struct ReadmeTests {
  @Test(arguments: ["Numbers, texts, bytes", "C structures"])
  func aScriptPrintsWhatStandsUnderIt(section: String) throws {
    let blocks = Readme.blocks(of: section)
    try #require(blocks.map(\.language) == ["lua", "text"])
    let outcome = moonpool("-e", blocks[0].text, session: Places.unique("readme"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output == blocks[1].text)
  }

  @Test func waitingAndLockingIsTrue() throws {
    let blocks = Readme.blocks(of: "Waiting and locking")
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
