import TestSupport
import Testing

/// The Lua suite: each file of `Tests/Lua` in a process and a session of its own.
@Test(arguments: luaSuites)
func everyLuaTestPasses(file: String) {
  let outcome = moonpool(
    "\(Places.repository)/Tests/Lua/\(file).lua", session: Places.unique("lua"))
  #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  #expect(outcome.output.hasSuffix(" passed, 0 failed\n"), "\(outcome.output)\(outcome.errors)")
}

private let luaSuites = Traces.names("\(Places.repository)/Tests/Lua")
  .filter { $0.hasSuffix(".lua") && !["harness.lua", "prompter.lua"].contains($0) }.map {
    String($0.dropLast(4))
  }

@Test func thereAreLuaTests() { #expect(luaSuites.count >= 17) }

@Test func theHarnessFailsWhereATestDoes() {
  let outcome = moonpool(
    "-e", "package.path = '\(Places.repository)/Tests/Lua/?.lua'",
    "-e",
    """
    local harness = require "harness"
    harness.test("good", function() harness.equals(1, 1) end)
    harness.test("float", function() harness.equals(1, 1.0) end)
    harness.test("silent", function() harness.raises("x", function() end) end)
    harness.test("other", function() harness.raises("x", function() error("y", 0) end) end)
    harness.test("code", function() harness.refused(2, nil, "ERROR (3)", 3) end)
    harness.test("message", function() harness.refused(2, nil, "ERROR (3)", 2) end)
    harness.finish()
    """, session: Places.unique())
  #expect(outcome.status == 1)
  #expect(
    outcome.output == """
      FAILED float: (command line):3: 1 instead of 1.0
      FAILED silent: (command line):4: no error was raised
      FAILED other: (command line):5: raised "y"
      FAILED code: (command line):6: 3 instead of 2
      FAILED message: (command line):7: a message without its code: ERROR (3)
      1 passed, 5 failed

      """)
}
