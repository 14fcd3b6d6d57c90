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
    #expect(terminal.waits(for: "> "))
    terminal.type("v = shm.open([[Wine\\tel\t]])\r")
    #expect(terminal.waits(for: "Wine\\telemetry]])"), "\(terminal.screen.text)")
    terminal.type("v:read()\r")
    #expect(terminal.waits(for: "from Windows"), "\(terminal.screen.text)")
    terminal.type(":ls\r")
    #expect(terminal.waits(for: "\(double.prefix)  Wine\\Local\\telemetry"))
    terminal.type(":q\r")
    #expect(terminal.wait() == 0)
  }
}
