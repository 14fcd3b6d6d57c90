import TestSupport
import Testing

@testable import Explorer

/// What cannot be explored is refused with a sentence, never passed.
@Suite struct ExploreRefusalTests {
  private func explore(_ body: String) -> String? {
    let text = """
      local memory = assert(shm.create("refusals", 64))
      scenario "refusals"
      actor("one", function()
        \(body)
      end)
      """
    do {
      let model = try Corpus.model(text: text)
      let exploration = Exploration(model, file: "test.lua", .init())
      try exploration.run()
      return nil
    } catch Model.Refusal.misuse(let text) {
      return text
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [
    ("io.open('x')", "io.open"), ("io.write('x')", "io.write"), ("io.stdout:write('x')", "io.stdout"),
    ("os.execute('true')", "os.execute"), ("os.remove('x')", "os.remove"),
    ("os.getenv('HOME')", "os.getenv"), ("dofile('x')", "dofile"), ("loadfile('x')", "loadfile"),
    ("package.loadlib('x', 'y')", "package.loadlib"), ("console.getch()", "console.getch"),
    ("pcall(io.open, 'x')", "io.open"),
  ]) func theLibraryIsRefused(_ body: String, _ word: String) {
    #expect(explore(body) == "test.lua:4: \(word) cannot be explored; 'moonpool play' does it")
  }

  @Test(arguments: [
    ("shm.list()", "shm.list"), ("shm.holders('refusals')", "shm.holders"),
    ("shm.path('refusals')", "shm.path"), ("shm.create('Wine\\\\x', 8)", "a name under Wine"),
    ("shm.open('refusals', {access = 'copy'})", "access \"copy\""),
    ("shm.create(nil, 1 << 30)", "more than 64 MiB of objects"),
  ]) func operationsAreRefused(_ body: String, _ what: String) {
    #expect(explore(body) == "test.lua:4: \(what) cannot be explored; 'moonpool play' does it")
  }

  @Test func theTopLevelOnlyDeclares() {
    let text = "local v = shm.create('x', 8) v:u32(0, 1) scenario 'x' actor('a', function() end)"
    #expect(throws: Model.Refusal.self) { try Corpus.model(text: text) }
    #expect(throws: Model.Refusal.self) { try Corpus.model(text: "print(1)") }
  }

  @Test func aLoopWithoutOperationsEnds() throws {
    #expect(explore("while true do end") == nil)
  }

  @Test func usage() {
    func explore(_ words: String...) -> Int32 { run(Places.moonpool, ["explore"] + words).status }
    #expect(explore("--kills", "-1", "x.lua") == 64)
    #expect(explore("--strategy", "luck", "x.lua") == 64)
    #expect(explore("--budget", "0", "x.lua") == 64)
    #expect(explore("/nonexistent.lua") == 1)
  }
}
