import Glibc
import LuaHost
import SharedMemory
import TestSupport
import Testing

/// The pages that tell of scenarios say what is so.
@Suite struct ScenarioPageTests {
  private static let page = Traces.text("\(Places.repository)/Tests/Scenarios/README.md")

  private static func block(_ language: String, _ number: Int) -> String {
    let blocks = page.split(separator: "```\(language)\n").dropFirst()
      .map { $0.prefix(upTo: $0.firstRange(of: "\n```")!.lowerBound) + "\n" }
    return String(Array(blocks)[number])
  }

  /// Times and numbers of processes are not the same twice.
  private static func withoutNumbers(_ text: String) -> String {
    text.replacing(#/\d+\.\d+/#, with: "N").replacing(#/process \d+/#, with: "process N")
  }

  @Test func itShowsTheTransfersAndWhatPlaySays() {
    #expect(
      Self.block("lua", 0) == String(decoding: Bundle.scenario("transfer")!.bytes, as: UTF8.self))
    let text = Self.block("lua", 1)
    #expect(text == String(decoding: Bundle.scenario("transfer-mended")!.bytes, as: UTF8.self))
    let file = ScenarioFile(text, name: "transfer-mended.lua")
    #expect(Self.withoutNumbers(file.play().output) == Self.withoutNumbers(Self.block("text", 1)))
    #expect(
      Self.withoutNumbers(file.play("--sweep").output) == Self.withoutNumbers(Self.block("text", 2))
    )
  }

  /// Without the note that tells the next one what to finish.
  @Test func withoutTheNoteCoinsAreLost() {
    let text = Self.block("lua", 1).replacing("  moving:store(30) ", with: "  moving:load()    ")
    let file = ScenarioFile(text, name: "transfer-mended.lua")
    let swept = file.play("--sweep")
    #expect(swept.status == 1)
    // Its path is that of a test's folder.
    #expect(
      swept.verdict.replacing(#/play \S+ /#, with: "play transfer-mended.lua ")
        == Self.block("text", 3))
  }

  /// Each example of a word is a whole scenario, and passes.
  @Test func everyExampleOfAWordPasses() throws {
    let folder = ScenarioFile("").folder
    mkdir(folder, 0o700)
    defer { _ = run("/bin/rm", ["-rf", folder]) }
    let interpreter = try Interpreter(session: Session(named: Places.unique("examples")))
    try interpreter.open()
    try interpreter.preloadModules()
    try interpreter.run(
      """
      local count = 0
      for _, entry in ipairs(require("moonpool.help").functions) do
        if entry.word then
          local file = assert(io.open("\(folder)/" .. entry.name .. ".lua", "w"))
          file:write(entry.example, "\\n"):close()
          count = count + 1
        end
      end
      assert(count >= 20)
      """)
    let outcome = run(Places.moonpool, ["play", folder])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.matches(of: #/(?m)^✓ /#).count >= 20)
  }

  /// Behind `?` at the prompt.
  @Test func wordsAreCompleted() throws {
    let interpreter = try Interpreter(session: Session(named: Places.unique("complete")))
    try interpreter.open()
    try interpreter.preloadModules()
    try interpreter.run(
      """
      local help = require "moonpool.help"
      assert(table.concat(help.names("act"), " ") == "actor actors")
      assert(table.concat(help.names("fault."), " "):find("fault.freeze fault.full fault.kill"))
      assert(help.text("actor"):find("actor(name [, {kill=, after=}], fn)", 1, true))
      assert(require("moonpool.types").file():find("function expect.equal(got, wanted, what) end", 1, true))
      assert(require("moonpool.manual").page():find("fault.truncate", 1, true))
      """)
  }

  /// The words are those that the help knows, and no others.
  @Test func everyWordHasHelp() throws {
    let interpreter = try Interpreter(session: Session(named: Places.unique("words")))
    try interpreter.open()
    try interpreter.preloadModules()
    let known = ScenarioFile("")
    mkdir(known.folder, 0o700)
    try interpreter.run(
      """
      local file = assert(io.open("\(known.folder)/words", "w"))
      for _, entry in ipairs(require("moonpool.help").functions) do
        if entry.word then file:write(entry.name, "\\n") end
      end
      file:close()
      """)
    let outcome = play(
      """
      local known = {}
      for name in io.lines("\(known.folder)/words") do known[name] = true end
      scenario "words"
      actor("a", function()
        for _, owner in ipairs { "fault", "expect" } do
          for name in next, _G[owner] do expect(known[owner .. "." .. name], owner .. "." .. name) end
        end
        for name in pairs(known) do
          local owner, key = name:match("^(%w+)%.(%w+)$")
          expect(owner and _G[owner][key] or not owner and _G[name], name)
        end
      end)
      """)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    _ = run("/bin/rm", ["-rf", known.folder])
  }
}
