import Console
import Testing

/// A state after keys; `|` in a picture is the cursor.
private struct Typist {
  var state: EditorState

  init(_ picture: String = "|", history: [String] = []) {
    state = EditorState(history: history)
    let parts = picture.split(separator: "|", omittingEmptySubsequences: false)
    if picture != "|" { press(.paste(parts.joined())) }
    state.cursor = parts[0].count
  }

  @discardableResult
  mutating func press(_ keys: Key...) -> EditorState.Effect {
    keys.reduce(.none) { state.apply($1) }
  }

  mutating func type(_ text: String) {
    for scalar in text.unicodeScalars { press(.text(String(scalar))) }
  }

  var picture: String {
    String(state.text[..<state.cursor]) + "|" + String(state.text[state.cursor...])
  }
}

@Suite struct EditorStateTests {
  @Test(
    arguments: [
      ("ab|c", .control("a"), "|abc"), ("a|bc", .control("e"), "abc|"),
      ("a\nb|c\nd", .home, "a\n|bc\nd"), ("a\n|bc\nd", .end, "a\nbc|\nd"),
      ("ab|c", .control("b"), "a|bc"), ("ab|c", .left, "a|bc"), ("a|bc", .control("f"), "ab|c"),
      ("a|bc", .right, "ab|c"), ("a|\nb", .right, "a\n|b"),
      ("|foo.bar_1 x", .meta("f"), "foo|.bar_1 x"), ("foo|.bar_1 x", .wordRight, "foo.bar_1| x"),
      ("foo.bar_1 |x", .meta("b"), "foo.|bar_1 x"), ("foo|", .wordLeft, "|foo"),
      ("ab|c", .control("d"), "ab|"), ("a|bc", .delete, "a|c"), ("ab|c", .backspace, "a|c"),
      ("a\n|b", .backspace, "a|b"), ("a👨‍👩‍👧|b", .backspace, "a|b"), ("e\u{301}|", .backspace, "|"),
      ("ab|cd\nef", .control("k"), "ab|\nef"), ("ab|\nef", .control("k"), "ab|ef"),
      ("ab\ncd|ef", .control("u"), "ab\n|ef"), ("ab\n|ef", .control("u"), "ab|ef"),
      ("a foo.bar |", .control("w"), "a |"), ("a foo.bar|", .wordBackspace, "a foo.|"),
      ("a| foo b", .meta("d"), "a| b"), ("|foo b", .wordDelete, "| b"),
      ("ab|c", .control("t"), "acb|"), ("abc|", .control("t"), "acb|"),
      ("a|b", .control("t"), "ba|"),
      ("|foo bar", .meta("u"), "FOO| bar"), ("|FOO bar", .meta("l"), "foo| bar"),
      ("| fOO bar", .meta("c"), " Foo| bar"), ("|straße", .meta("u"), "STRASSE|"),
      ("a|b", .metaEnter, "a\n|b"), ("a|b", .paste("x\ty\nz"), "ax\ty\nz|b"),
      ("ab\nc|d", .up, "a|b\ncd"), ("a|b\ncd", .control("n"), "ab\nc|d"),
      ("abc\nd\nefg|", .up, "abc\nd|\nefg"), ("漢|字\nabc", .down, "漢字\na|bc"),
    ] as [(String, Key, String)])
  func aKeyDoesWhatItIsFor(_ before: String, _ key: Key, _ after: String) {
    var typist = Typist(before)
    #expect(typist.press(key) == .none)
    #expect(typist.picture == after)
  }

  @Test(
    arguments: [
      ("|", .backspace), ("|", .left), ("a|", .right), ("|a", .control("t")), ("a|", .control("k")),
      ("|", .control("y")), ("|", .meta("y")), ("|", .up), ("|", .down), ("|", .control("_")),
      ("|", .meta("_")), ("a|", .delete), ("a|", .meta("u")), ("|a", .control("u")),
    ] as [(String, Key)])
  func aKeyThatCannotRingsAndChangesNothing(_ picture: String, _ key: Key) {
    var typist = Typist("|")
    typist.state = EditorState()
    if picture != "|" { typist = Typist(picture) }
    #expect(typist.press(key) == .bell)
    #expect(typist.picture == picture)
  }

  @Test func keysOfTheCallerAreReported() {
    var typist = Typist("a|")
    #expect(typist.press(.enter) == .enter)
    #expect(typist.press(.tab) == .complete)
    #expect(typist.press(.control("l")) == .clearScreen)
    #expect(typist.press(.control("z")) == .suspend)
    #expect(typist.press(.control("c")) == .interrupted)
    #expect(typist.press(.control("d")) == .bell)
    typist = Typist("|")
    #expect(typist.press(.control("d")) == .end)
  }

  @Test func upAndDownKeepTheirColumn() {
    var typist = Typist("abcdef\nx\nabcde|f")
    typist.press(.up, .up)
    #expect(typist.picture == "abcde|f\nx\nabcdef")
    typist.press(.down, .down)
    #expect(typist.picture == "abcdef\nx\nabcde|f")
  }

  // MARK: Characters

  @Test func aCombiningMarkJoinsTheLetterBefore() {
    var typist = Typist("|")
    typist.type("xe\u{301}y")
    #expect(typist.state.text.count == 3)
    typist.press(.left, .backspace)
    #expect(typist.picture == "x|y")
  }

  @Test func flagsPairUpAgainWhenOneHalfIsAdded() {
    var typist = Typist("|🇩🇪🇫🇷")
    typist.press(.text("\u{1F1E6}"))
    #expect(typist.state.text == Array(typist.state.string))
    typist.press(.control("_"))
    #expect(typist.picture == "|🇩🇪🇫🇷")
  }

  @Test func deletingBetweenALetterAndAMarkJoinsThem() {
    var typist = Typist("ax|")
    typist.press(.paste("\u{301}b"))
    #expect(typist.state.text == Array(typist.state.string))
    typist.press(.home, .right, .delete)
    #expect(typist.state.text == Array(typist.state.string))
  }

  // MARK: Kill and yank

  @Test func killsInARowAreOneYank() {
    var typist = Typist("one two three|")
    typist.press(.control("w"), .control("w"), .control("y"))
    #expect(typist.picture == "one two three|")
    typist.press(.control("a"), .meta("d"), .control("k"), .control("y"))
    #expect(typist.picture == "one two three|")
  }

  @Test func metaYGoesThroughEarlierKills() {
    var typist = Typist("|")
    for word in ["one", "two"] {
      typist.type(word)
      typist.press(.control("u"), .left)
    }
    typist.press(.control("y"))
    #expect(typist.picture == "two|")
    typist.press(.meta("y"))
    #expect(typist.picture == "one|")
    typist.press(.meta("y"))
    #expect(typist.picture == "two|")
    typist.press(.left)
    #expect(typist.press(.meta("y")) == .bell)
  }

  @Test func theKillRingOutlivesTheLine() {
    var typist = Typist("abc|")
    typist.press(.control("u"))
    typist.state = EditorState(killRing: typist.state.killRing)
    typist.press(.control("y"))
    #expect(typist.picture == "abc|")
  }

  // MARK: Undo

  @Test func typingIsUndoneByWords() {
    var typist = Typist("|")
    typist.type("local abc = 1")
    var seen: [String] = []
    while typist.press(.control("_")) == .none { seen.append(typist.picture) }
    #expect(seen == ["local abc = |", "local abc |", "local |", "|"])
    while typist.press(.meta("_")) == .none { seen.append(typist.picture) }
    #expect(seen.suffix(4) == ["local |", "local abc |", "local abc = |", "local abc = 1|"])
  }

  @Test(
    arguments: [
      .control("k"), .control("u"), .control("w"), .wordBackspace, .meta("d"), .control("t"),
      .backspace, .delete, .meta("u"), .meta("c"), .metaEnter, .paste("x\ny"), .text("ä"),
    ] as [Key])
  func anyChangeIsUndoneAndRedone(_ key: Key) {
    var typist = Typist("one two| three")
    typist.press(key)
    let after = typist.picture
    #expect(after != "one two| three")
    typist.press(.control("_"))
    #expect(typist.picture == "one two| three")
    typist.press(.meta("_"))
    #expect(typist.picture == after)
  }

  @Test func aNewChangeEndsRedo() {
    var typist = Typist("|")
    typist.type("a ")
    typist.press(.control("_"), .text("b"))
    #expect(typist.press(.meta("_")) == .bell)
    #expect(typist.picture == "b|")
  }

  @Test func typingAfterAMoveIsUndoneOnItsOwn() {
    var typist = Typist("|")
    typist.type("ab")
    typist.press(.left, .right)
    typist.type("cd")
    typist.press(.control("_"))
    #expect(typist.picture == "ab|")
  }

  /// Random keys: the invariant holds after each, undoing all gives the empty text, redoing all
  /// the last one.
  @Test(arguments: 0..<60)
  func undoingAllOfAnythingIsEmpty(_ run: Int) {
    let keys: [Key] = [
      .text("a"), .text(" "), .text("("), .text("e"), .text("\u{301}"), .text("\u{200D}"),
      .text("👩"), .text("\u{1F1E9}"), .text("漢"), .paste("x\n\ty"), .paste("\u{301}"), .metaEnter,
      .backspace, .delete, .wordBackspace, .wordDelete, .control("k"), .control("u"),
      .control("w"), .control("t"), .control("y"), .meta("y"), .control("_"), .meta("_"),
      .meta("u"), .meta("l"), .meta("c"), .up, .down, .left, .right, .home, .end, .wordLeft,
      .wordRight, .controlUp, .controlDown, .meta("<"), .meta(">"), .control("r"),
      .control("g"), .escape,
    ]
    var typist = Typist("|", history: ["first", "e\u{301}\n\u{301}x", "(a)"])
    for _ in 0..<200 {
      let key = keys.randomElement()!
      typist.press(key)
      #expect((0...typist.state.text.count).contains(typist.state.cursor), "\(key)")
      let isWhole = typist.state.text == Array(typist.state.string)
      #expect(isWhole, "\(key)")
      if !isWhole { return }
    }
    typist.press(.control("c"))
    let last = typist.state.string
    var moves = 0
    while typist.press(.control("_")) == .none { moves += 1 }
    #expect(typist.picture == "|")
    while typist.press(.meta("_")) == .none { moves -= 1 }
    // What was undone already at the end is redone, too.
    #expect(moves <= 0)
    if moves == 0 { #expect(typist.state.string.unicodeScalars.elementsEqual(last.unicodeScalars)) }
  }
}

@Suite struct EditorHistoryTests {
  @Test func upGoesToOlderEntriesAndDownBack() {
    var typist = Typist("|", history: ["one", "two"])
    typist.press(.up)
    #expect(typist.picture == "two|")
    typist.press(.control("p"))
    #expect(typist.picture == "one|")
    #expect(typist.press(.up) == .bell)
    typist.press(.down, .down)
    #expect(typist.picture == "|")
    typist.type("new")
    typist.press(.meta("<"))
    #expect(typist.picture == "one|")
    typist.press(.meta(">"))
    #expect(typist.picture == "new|")
  }

  private static let past = ["print(1)", "local x", "print(2)", "print(2)", "for i\nprint(3)"]

  @Test func upWithTextGoesThroughTheEntriesThatBeginWithIt() {
    var typist = Typist("|", history: Self.past)
    typist.type("pri")
    typist.press(.up)
    #expect(typist.picture == "print(2)|")
    typist.press(.up)
    #expect(typist.picture == "print(1)|")
    #expect(typist.press(.up) == .bell)
    #expect(typist.picture == "print(1)|")
    typist.press(.down, .down)
    #expect(typist.picture == "pri|")
    #expect(typist.press(.down) == .bell)
  }

  @Test func onlyWhatStandsBeforeTheCursorIsLookedFor() {
    var typist = Typist("|", history: Self.past)
    typist.type("local y")
    typist.press(.left)
    typist.press(.up)
    #expect(typist.picture == "local x|")
    // What was recalled and then left is a text like any other.
    typist.press(.home, .up)
    #expect(typist.picture == "print(1)|")
  }

  @Test func whereNothingBeginsWithTheTextItStays() {
    var typist = Typist("|", history: Self.past)
    typist.type("while")
    #expect(typist.press(.up) == .bell)
    #expect(typist.picture == "while|")
    typist.press(.controlUp)
    #expect(typist.picture == "for i\nprint(3)|")
  }

  @Test func theTextIsLookedForThroughEntriesOfSeveralLines() {
    var typist = Typist("|", history: ["for a", "x", "for b\nend", "y"])
    typist.type("for")
    typist.press(.up, .up, .up)
    #expect(typist.picture == "for a|")
  }

  @Test func upMovesInsideAnEntryOfSeveralLinesFirst() {
    var typist = Typist("|", history: ["one", "a\nb"])
    typist.press(.up)
    #expect(typist.picture == "a\nb|")
    typist.press(.up)
    #expect(typist.picture == "a|\nb")
    typist.press(.up)
    #expect(typist.picture == "one|")
    typist.press(.down)
    #expect(typist.picture == "a\nb|")
    typist.press(.up, .controlUp)
    #expect(typist.picture == "one|")
  }

  @Test func aChangedEntryStaysChangedUntilTheEnd() {
    var typist = Typist("|", history: ["one", "two"])
    typist.press(.up)
    typist.type("!")
    typist.press(.controlUp, .controlDown)
    #expect(typist.picture == "two!|")
  }

  @Test func recallIsUndone() {
    var typist = Typist("|", history: ["one", "two"])
    typist.type("t")
    typist.press(.up, .control("_"))
    #expect(typist.picture == "t|")
    typist.press(.up)
    #expect(typist.picture == "two|")
  }

  // MARK: Indentation

  @Test func aNewLineIsIndentedAndItsEndMovesBack() {
    var typist = Typist("do|")
    typist.state.insertNewline(Indentation(line: nil, following: 2))
    #expect(typist.picture == "do\n  |")
    typist.type("end")
    typist.state.insertNewline(Indentation(line: 0, following: 0))
    #expect(typist.picture == "do\nend\n|")
    typist.press(.control("_"), .control("_"))
    #expect(typist.picture == "do\n  end|")
  }

  @Test(
    arguments: [
      ("x\n    a|b", 2, "x\n  a|b"), ("x\n  |  ab", 0, "x\n|ab"), ("|  ab", 0, "|ab"),
      ("x\n\ta|\n  y", 2, "x\n  a|\n  y"), ("x\n  |", 0, "x\n|"), ("x|", 3, "   x|"),
    ])
  func theCursorStaysAtItsCharacter(before: String, blanks: Int, after: String) {
    var typist = Typist(before)
    typist.state.indentLine(blanks)
    #expect(typist.picture == after)
  }

  @Test(
    arguments: [
      ("x\n    |", "x\n  |"), ("x\n   |y", "x\n  |y"), ("x\n  |", "x\n|"), ("x\n|", "x|"),
      ("    |", "   |"), ("x\n  a |", "x\n  a|"),
    ])
  func backspaceTakesAStepOfIndentation(before: String, after: String) {
    var typist = Typist(before)
    typist.press(.backspace)
    #expect(typist.picture == after)
  }

  // MARK: Ctrl-R

  private static let entries = ["print(1)", "local x", "print(2)", "for i\nend"]

  private func searching(_ query: String) -> Typist {
    var typist = Typist("|", history: Self.entries)
    typist.press(.control("r"))
    typist.type(query)
    return typist
  }

  @Test func aSearchShowsTheNewestMatchAndAgainTheOlder() {
    var typist = searching("pri")
    #expect(typist.state.search?.text == Array("print(2)"))
    typist.press(.control("r"))
    #expect(typist.state.search?.text == Array("print(1)"))
    #expect(typist.press(.control("r")) == .bell)
    #expect(typist.state.search?.isFailing == true)
    typist.press(.control("s"))
    #expect(typist.state.search?.text == Array("print(2)"))
    #expect(typist.state.text.isEmpty)
  }

  @Test func enterTakesAndSubmitsTheMatch() {
    var typist = searching("x")
    #expect(typist.press(.enter) == .enter)
    #expect(typist.state.string == "local x")
  }

  @Test func anotherKeyTakesTheMatchAndEditsIt() {
    var typist = searching("local")
    typist.press(.end)
    typist.type("y")
    #expect(typist.picture == "local xy|")
    typist.press(.pageUp)
    #expect(typist.picture == "print(1)|")
  }

  @Test func controlGLeavesTheTextAsItWas() {
    var typist = Typist("|", history: Self.entries)
    typist.type("mine")
    typist.press(.left, .control("r"), .text("x"), .control("g"))
    #expect(typist.picture == "min|e")
    #expect(typist.state.search == nil)
  }

  @Test func controlCInASearchDropsTheLine() {
    var typist = searching("x")
    #expect(typist.press(.control("c")) == .interrupted)
  }

  @Test func backspaceLooksAgainFromTheNewest() {
    var typist = searching("l")
    typist.type("x")
    #expect(typist.state.search?.isFailing == true)
    typist.press(.backspace)
    #expect(typist.state.search?.isFailing == false)
    #expect(typist.state.search?.text == Array("local x"))
  }

  @Test func anEmptySearchTakesTheLastQuery() {
    var typist = searching("x")
    typist.press(.escape, .control("r"), .control("r"))
    #expect(typist.state.search?.query == ["x"])
  }
}
