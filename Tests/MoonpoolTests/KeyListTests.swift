import Console
import TestSupport
import Testing

/// `?keys` lists what the editor does with keys: all of it, and nothing else.
@Suite struct KeyListTests {
  private static let named: [(name: String, key: Key)] = [
    ("Tab", .tab), ("Enter", .enter), ("Alt-Enter", .metaEnter), ("Up", .up), ("Down", .down),
    ("PageUp", .pageUp), ("PageDown", .pageDown), ("Ctrl-Up", .controlUp),
    ("Ctrl-Down", .controlDown), ("Home", .home), ("End", .end), ("Left", .left),
    ("Right", .right), ("Ctrl-Left", .wordLeft), ("Ctrl-Right", .wordRight),
    ("Alt-Backspace", .wordBackspace), ("Ctrl-Delete", .wordDelete),
  ]
  private static let letters = "abcdefghijklmnopqrstuvwxyz_<>"
  private static let combined: [(name: String, key: Key)] = letters.flatMap { letter in
    [
      ("Ctrl-\(letter.uppercased())", Key.control(letter)),
      ("Alt-\(letter.uppercased())", Key.meta(letter)),
    ]
  }

  /// Texts in which each key has something to do.
  private static let states: [EditorState] = {
    var edited = EditorState(history: ["one", "two", "three"])
    _ = edited.apply(.paste("some words\nin two lines"))
    edited.cursor = 7
    var killed = edited
    _ = killed.apply(.control("w"))
    var undone = killed
    _ = undone.apply(.control("_"))
    var yanked = killed
    _ = yanked.apply(.control("k"))
    _ = yanked.apply(.right)
    _ = yanked.apply(.control("w"))
    _ = yanked.apply(.control("y"))
    var recalled = EditorState(history: ["one", "two", "three"])
    _ = recalled.apply(.up)
    _ = recalled.apply(.up)
    return [edited, killed, undone, yanked, recalled, EditorState()]
  }()

  private static let search: EditorState = {
    var state = EditorState(history: ["one", "two", "three"])
    _ = state.apply(.control("r"))
    _ = state.apply(.text("e"))
    _ = state.apply(.control("r"))
    return state
  }()

  private static func doesSomething(_ key: Key, in states: [EditorState] = states) -> Bool {
    states.contains { before in
      var after = before
      let effect = after.apply(key)
      return ![.none, .bell].contains(effect) || after.text != before.text
        || after.cursor != before.cursor || after.search?.text != before.search?.text
        || (after.search == nil) != (before.search == nil)
    }
  }

  @Test func eachKeyIsListedThatDoesSomething() {
    let list = Self.list()
    #expect(list.count > 40)
    for (name, key) in Self.named + Self.combined where Self.doesSomething(key) {
      #expect(list.contains(name), "\(name)")
    }
  }

  @Test func eachKeyThatIsListedDoesSomething() throws {
    let keys = Dictionary(
      uniqueKeysWithValues: (Self.named + Self.combined).map { ($0.name, $0.key) })
    for name in Self.list() {
      let key = try #require(keys[name], "\(name)")
      #expect(Self.doesSomething(key, in: Self.states + [Self.search]), "\(name)")
    }
  }

  /// The words of the help's text that are keys.
  private static func list() -> Set<String> {
    let source = "\(Places.repository)/Sources/CBundle/Api/api_prompt.lua"
    let script = """
      for _, subject in ipairs(dofile('\(source)').subjects) do
        if subject[1] == 'keys' then print(subject[3]) end
      end
      """
    let names = Set(named.map(\.name))
    let words = moonpool("-e", script, session: Places.unique()).output
      .split { $0.isWhitespace }.map { word in
        String([",", ";", "."].contains(word.last) ? word.dropLast() : word)
      }
    return Set(
      words.filter { $0.hasPrefix("Ctrl-") || $0.hasPrefix("Alt-") || names.contains($0) })
  }
}
