import TestSupport
import Testing

/// The prompt, against a double.
@Suite struct DoublePromptTests {
  @Test func namesAreCompletedListedAndAskedFor() throws {
    let double = try Double()
    let terminal = PseudoTerminal(columns: 120)
    terminal.start(
      Places.moonpool, [],
      environment: [
        "MOONPOOL_WINE": double.prefix, "MOONPOOL_SESSION": Places.unique(),
        "HOME": double.prefix,
      ])
    #expect(terminal.waits(for: "leaves\n>"))
    // The prompt waits for no server for long; on a busy machine the first Tab may find nothing.
    var isComplete = false
    for _ in 0..<20 where !isComplete {
      terminal.type("\u{15}v = shm.open([[Wine\\tel\t")
      isComplete = terminal.waits(for: "Wine\\telemetry", within: 2)
    }
    #expect(isComplete, "\(terminal.screen.text)")
    terminal.type("\u{15}shm.open([[nobody\t")
    terminal.settle()
    #expect(terminal.screen.text.contains("[[nobody"), "\(terminal.screen.text)")
    terminal.type("\u{15}v = shm.open([[Wine\\telemetry]])\r")
    terminal.type("v:read()\r")
    #expect(terminal.waits(for: "from Windows"), "\(terminal.screen.text)")
    terminal.type(":ls\r")
    #expect(terminal.waits(for: "\(double.prefix)  Wine\\Local\\telemetry"))
    terminal.type(":q\r")
    #expect(terminal.wait() == 0)
  }
}
