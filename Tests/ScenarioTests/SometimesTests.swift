import TestSupport
import Testing

/// What has to be true in some run counts under each name that it is met by, whether the file's text
/// has the name or makes it.
@Suite struct SometimesTests {
  private static func explore(_ text: String) -> Played {
    let file = ScenarioFile(text)
    return Played(run(Places.moonpool, ["explore", file.path]), file.folder)
  }

  /// Lines of the verdict that say what never was.
  private func missing(_ played: Played) -> [String] {
    played.verdict.split(separator: "\n").filter { $0.contains(" was never ") }.map {
      $0.split { $0 == " " }.joined(separator: " ")
    }
  }

  private static let computed = """
    local out = assert(shm.create("out", 64))
    scenario "computed"
    actor("a", function()
      for i = 1, 3 do sometimes("case " .. i, out:u32(0) == 2 or i == 2) end
      sometimes("literal", true)
    end)
    """

  @Test(arguments: ["play", "explore"]) func aComputedNameCountsFromWhenItIsMet(_ how: String) {
    let played = how == "play" ? play(Self.computed) : Self.explore(Self.computed)
    #expect(played.status == 1, "\(played.output)")
    #expect(played.verdict.hasPrefix("? computed"), "\(played.output)")
    #expect(
      missing(played) == [
        "sometimes \"case 1\" was never true s.lua:4",
        "sometimes \"case 3\" was never true s.lua:4",
      ], "\(played.output)")
  }

  /// False at first in one process, true in another or in a later run.
  @Test(arguments: ["play", "explore"]) func whatBecomesTrueIsMet(_ how: String) {
    let text = """
      local out = assert(shm.create("out", 64))
      scenario "both"
      local function often(name, condition) return sometimes(name, condition) end
      actor("a", function()
        out:u32(0, 1)
        local one = any(false, true)
        often("one" .. "", one)
        for i = 1, 2 do often("two" .. "", i == 2) end
      end)
      actor("b", function() often("a" .. "b", false) end)
      actor("c", function() often("a" .. "b", true) end)
      finally(function() for i = 1, 2 do often("three" .. "", i == 1) end end)
      """
    let played = how == "play" ? play(text) : Self.explore(text)
    #expect(played.status == 0, "\(played.output)")
    #expect(missing(played) == [])
  }

  /// By another name the word counts, too.
  @Test(arguments: ["play", "explore"]) func theWordMayHaveAnotherName(_ how: String) {
    let text = """
      local out = assert(shm.create("out", 64))
      scenario "renamed"
      local often = sometimes
      actor("a", function() out:u32(0, 1) often("never", false) often("always", true) end)
      """
    let played = how == "play" ? play(text) : Self.explore(text)
    #expect(played.status == 1, "\(played.output)")
    #expect(missing(played) == ["sometimes \"never\" was never true s.lua:4"], "\(played.output)")
  }

  @Test(arguments: ["play", "explore"]) func whatIsTrueInFinallyIsMet(_ how: String) {
    let text = """
      local out = assert(shm.create("out", 64))
      scenario "at the end"
      actor("a", function() out:u32(0, 1) end)
      finally(function() sometimes("one", out:u32(0) == 1) end)
      """
    let played = how == "play" ? play(text) : Self.explore(text)
    #expect(played.status == 0, "\(played.output)")
  }
}
