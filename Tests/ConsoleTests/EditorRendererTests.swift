import Console
import TestSupport
import Testing

/// A renderer with the screen that it paints on; every paint is compared with a fresh one.
private struct Painter {
  var screen: Screen
  var renderer: EditorRenderer
  var view = EditorView()

  init(columns: Int, rows: Int = 12, isColoured: Bool = true) {
    screen = Screen(columns: columns, rows: rows)
    renderer = EditorRenderer(columns: columns, rows: rows, isColoured: isColoured)
    view.prompt = "> "
    view.continuation = ">> "
  }

  /// - Parameter picture: the text, with `|` for the cursor.
  mutating func paint(_ picture: String) {
    let parts = picture.split(separator: "|", omittingEmptySubsequences: false).map(Array.init)
    view.text = Array(parts.joined())
    view.cursor = parts[0].count
    view.styles = LuaSyntax.styles(String(view.text), cursor: -1)
    screen.feed(renderer.paint(view))
  }

  /// - Parameter isAsked: whether the terminal is asked where its cursor is.
  mutating func resize(columns: Int, rows: Int = 12, isAsked: Bool = false) {
    screen.resize(columns: columns, rows: rows)
    let column = isAsked ? screen.cursor.column : nil
    screen.feed(renderer.resize(columns: columns, rows: rows, cursorColumn: column))
    screen.feed(renderer.paint(view))
  }

  /// The row and column of the cursor.
  var cursor: [Int] { [screen.cursor.row, screen.cursor.column] }
}

@Suite struct EditorRendererTests {
  @Test(arguments: [40, 80]) func aShortLineIsItsPromptAndItsText(_ columns: Int) {
    var painter = Painter(columns: columns)
    painter.paint("local x| = 1")
    #expect(painter.screen.lines == ["> local x = 1"])
    #expect(painter.cursor == [0, 9])
    #expect(painter.screen.isCursorVisible)
  }

  @Test(arguments: [40, 80]) func aLongLineWrapsAndComesBack(_ columns: Int) {
    var painter = Painter(columns: columns)
    let text = String((0..<(2 * columns)).map { Character(String($0 % 10)) })
    painter.paint(text + "|")
    #expect(painter.screen.lines.count == 3)
    #expect(painter.screen.lines.joined() == "> " + text)
    #expect(painter.cursor == [2, 2])
    painter.paint("short|")
    #expect(painter.screen.lines == ["> short"])
    #expect(painter.cursor == [0, 7])
  }

  @Test func atTheMarginTheCursorIsInTheNextRow() {
    var painter = Painter(columns: 40)
    let full = String(repeating: "x", count: 38)
    painter.paint(full + "|")
    #expect(painter.screen.lines == ["> " + full])
    #expect(painter.cursor == [1, 0])
    painter.paint("|" + full)
    #expect(painter.cursor == [0, 2])
    painter.paint(full + "y|")
    #expect(painter.screen.lines == ["> " + full, "y"])
    #expect(painter.cursor == [1, 1])
    painter.paint(full + "|\nz")
    #expect(painter.screen.lines == ["> " + full, "", ">> z"])
    #expect(painter.cursor == [1, 0])
    painter.paint(full + "\nz|")
    #expect(painter.screen.lines == ["> " + full, ">> z"])
  }

  @Test func wideCharactersStayWholeAtTheMargin() {
    var painter = Painter(columns: 40)
    painter.paint("x" + String(repeating: "漢", count: 19) + "|")
    #expect(painter.screen.lines == ["> x" + String(repeating: "漢", count: 18), "漢"])
    #expect(painter.cursor == [1, 2])
    // What was in the last column before is gone.
    painter.paint(String(repeating: "x", count: 50) + "|")
    painter.paint("x" + String(repeating: "漢", count: 19) + "|")
    #expect(painter.screen.lines == ["> x" + String(repeating: "漢", count: 18), "漢"])
  }

  @Test func combiningMarksTakeNoColumn() {
    var painter = Painter(columns: 40)
    painter.paint("e\u{301}a\u{308}|x")
    #expect(painter.screen.lines == ["> e\u{301}a\u{308}x"])
    #expect(painter.cursor == [0, 4])
  }

  @Test func controlCharactersAreSeenAndDoNothing() {
    var painter = Painter(columns: 40)
    painter.paint("a\u{1B}[2J\u{7}\u{9B}\u{202E}\u{7F}|b")
    #expect(painter.screen.lines == ["> a^[[2J^G<9B><202E>^?b"])
    #expect(painter.cursor == [0, 22])
    #expect(painter.screen.bells == 0)
  }

  @Test func tabsGoToTheNextStopOfTheText() {
    var painter = Painter(columns: 40)
    painter.paint("a\tb\n\tc|")
    #expect(painter.screen.lines == ["> a       b", ">>         c"])
    #expect(painter.cursor == [1, 12])
  }

  @Test func eachLineHasItsPrompt() {
    var painter = Painter(columns: 40)
    painter.paint("for i = 1, 2 do\n  print|(i)\nend")
    #expect(painter.screen.lines == ["> for i = 1, 2 do", ">>   print(i)", ">> end"])
    #expect(painter.cursor == [1, 10])
  }

  @Test func coloursAreTheSixteen() {
    var painter = Painter(columns: 40)
    painter.paint("return 'a', 12 --c|")
    #expect(painter.screen.style(of: "return") == "35")
    #expect(painter.screen.style(of: "'a'") == "32")
    #expect(painter.screen.style(of: "12") == "36")
    #expect(painter.screen.style(of: "--c") == "90")
    #expect(painter.screen.style(of: ",") == "")
    painter.paint("f(|")
    #expect(painter.screen.style(of: "(") == "1;31")
  }

  @Test func withoutColourNoColourIsWritten() {
    var painter = Painter(columns: 40, isColoured: false)
    painter.view.hint = "name"
    painter.paint("return ('a', 12 --c|")
    let styles = (0..<30).map { painter.screen.style(row: 0, column: $0) }
    #expect(Set(styles).isSubset(of: ["", "4", "1", "2", "0"]))
  }

  @Test func aColourGoesOnOverAWrap() {
    var painter = Painter(columns: 40)
    painter.paint("'" + String(repeating: "x", count: 60) + "'|")
    #expect(painter.screen.style(row: 1, column: 5) == "32")
    painter.paint("|")
    #expect(painter.screen.lines == [">"])
  }

  @Test func aPromptMayBeColoured() {
    var painter = Painter(columns: 40)
    painter.view.prompt = "\u{1B}[1mlua\u{1B}[m> "
    painter.paint("x|")
    #expect(painter.screen.lines == ["lua> x"])
    #expect(painter.screen.style(of: "lua") == "1")
    #expect(painter.cursor == [0, 6])
  }

  // MARK: Hints

  @Test func aHintIsGreyBehindTheCursor() {
    var painter = Painter(columns: 40)
    painter.view.hint = "name, size"
    painter.paint("f(|")
    #expect(painter.screen.lines == ["> f(name, size"])
    #expect(painter.screen.style(of: "name") == "90")
    #expect(painter.cursor == [0, 4])
    painter.view.hint = nil
    painter.paint("f(1|")
    #expect(painter.screen.lines == ["> f(1"])
  }

  @Test func aHintBeforeTextIsAtTheEndOfTheLine() {
    var painter = Painter(columns: 40)
    painter.view.hint = "name"
    painter.paint("f(|)\ng()")
    #expect(painter.screen.lines == ["> f()  name", ">> g()"])
  }

  @Test func aLongHintIsCut() {
    var painter = Painter(columns: 40)
    painter.view.hint = String(repeating: "word ", count: 30)
    painter.paint("f(|")
    #expect(painter.screen.lines.count == 2)
    #expect(painter.screen.line(1).hasSuffix("…"))
    #expect(painter.cursor == [0, 4])
  }

  // MARK: More than a screen

  @Test func aTextHigherThanTheScreenShowsThePartOfTheCursor() {
    var painter = Painter(columns: 40, rows: 5)
    let lines = (0..<20).map { "line\($0)" }
    painter.paint(lines.joined(separator: "\n") + "|")
    #expect(painter.screen.lines == (15..<20).map { ">> line\($0)" })
    #expect(painter.cursor == [4, 9])
    painter.paint("|" + lines.joined(separator: "\n"))
    #expect(painter.screen.lines == ["> line0"] + (1..<5).map { ">> line\($0)" })
    #expect(painter.cursor == [0, 2])
    painter.paint("x|")
    #expect(painter.screen.lines == ["> x"])
  }

  @Test func outputAboveStaysWhereItIs() {
    var painter = Painter(columns: 40, rows: 6)
    painter.screen.feed("one\r\ntwo\r\n")
    painter.paint("a\nb\nc|")
    painter.paint("a|")
    painter.screen.feed(painter.renderer.leave())
    #expect(painter.screen.lines == ["one", "two", "> a"])
    #expect(painter.cursor == [3, 0])
  }

  @Test func leavingGoesBelowAllRows() {
    var painter = Painter(columns: 40)
    painter.paint("a|\nb\nc")
    painter.screen.feed(painter.renderer.leave() + "out")
    #expect(painter.screen.lines == ["> a", ">> b", ">> c", "out"])
  }

  // MARK: Another size

  @Test(arguments: [(80, 40), (40, 80), (80, 31), (40, 13)])
  func afterAResizeNothingIsLeftAndNothingLost(_ before: Int, _ after: Int) {
    let text =
      "local name = 'Global/" + String(repeating: "漢字x", count: 20) + "|' -- end\nprint(name)"
    var painter = Painter(columns: before, rows: 20)
    painter.screen.feed("output\r\n")
    painter.paint(text)
    painter.resize(columns: after, rows: 20)
    var fresh = Painter(columns: after, rows: 20)
    fresh.screen.feed("output\r\n")
    fresh.paint(text)
    #expect(painter.screen.lines == fresh.screen.lines)
    #expect(painter.cursor == fresh.cursor)
    painter.resize(columns: before, rows: 20)
    painter.paint("short|")
    #expect(painter.screen.lines == ["output", "> short"])
  }

  @Test func aResizeOfARowThatEndsAtTheMarginKeepsTheOutputAbove() {
    var painter = Painter(columns: 40)
    painter.screen.feed("output\r\n")
    painter.paint(String(repeating: "x", count: 38) + "|")
    painter.resize(columns: 60)
    #expect(painter.screen.lines == ["output", "> " + String(repeating: "x", count: 38)])
    painter.resize(columns: 20)
    #expect(
      painter.screen.lines == [
        "output", "> " + String(repeating: "x", count: 18),
        String(repeating: "x", count: 20),
      ])
    #expect(painter.cursor == [3, 0])
  }

  /// Whatever the terminal does with its rows, once it has shown it; with texts that end at a
  /// margin before or after.
  @Test(arguments: Screen.Wrapping.allCases)
  func aTerminalThatTellsItsCursorKeepsNoOldRow(_ wrapping: Screen.Wrapping) {
    let widths = [60, 40, 80, 30, 90, 20, 60, 25]
    for count in [3, 38, 58, 78, 88, 118, 150] {
      var painter = Painter(columns: 80, rows: 20)
      painter.screen.wrapping = wrapping
      painter.screen.feed("output\r\n")
      painter.paint(String(repeating: "x", count: 90) + "|")
      painter.resize(columns: 70, rows: 20, isAsked: true)
      painter.paint(String(repeating: "x", count: count) + "|")
      for width in widths {
        painter.resize(columns: width, rows: 20, isAsked: true)
        var fresh = Painter(columns: width, rows: 20)
        fresh.screen.feed("output\r\n")
        fresh.paint(String(repeating: "x", count: count) + "|")
        #expect(painter.screen.lines == fresh.screen.lines, "\(count) in \(width)")
        #expect(painter.cursor == fresh.cursor, "\(count) in \(width)")
      }
    }
  }

  /// Any text after any other, and after any size, looks as if it were the first.
  @Test(arguments: [40, 80]) func noPaintDependsOnTheOneBefore(_ columns: Int) {
    let parts = [
      "x", "漢", "e\u{301}", "\n", "\t", "(", "'", String(repeating: "w", count: 37), " ",
    ]
    var painter = Painter(columns: columns, rows: 8)
    var columns = columns
    for step in 0..<300 {
      var text = (0..<Int.random(in: 0...9)).map { _ in parts.randomElement()! }
      text.insert("|", at: Int.random(in: 0...text.count))
      let picture = text.joined()
      painter.view.hint = Bool.random() ? "hint" : nil
      painter.paint(picture)
      if step % 10 == 9 {
        columns = [40, 80, 25, 61].randomElement()!
        painter.resize(columns: columns, rows: 8)
      }
      var fresh = Painter(columns: columns, rows: 8)
      fresh.view.hint = painter.view.hint
      fresh.paint(picture)
      let isScrolled = fresh.screen.lines.count == 8
      if !isScrolled {
        // The frame may begin lower, but not look otherwise.
        let seen = Array(painter.screen.lines.suffix(fresh.screen.lines.count))
        #expect(seen == fresh.screen.lines, "\(picture.debugDescription)")
        #expect(painter.screen.cursor.column == fresh.screen.cursor.column)
        if seen != fresh.screen.lines { return }
      }
    }
  }

  // MARK: Candidates

  @Test func candidatesAreListedInColumnsBelow() {
    var painter = Painter(columns: 40)
    painter.paint("x|")
    painter.screen.feed(
      painter.renderer.list(["alpha", "beta", "gamma", "delta\u{1B}", "eps", "漢"]))
    painter.paint("x|")
    #expect(
      painter.screen.lines == ["> x", "alpha    gamma    eps", "beta     delta^[  漢", "> x"])
  }

  @Test func tooManyCandidatesAreCounted() {
    var painter = Painter(columns: 40, rows: 8)
    painter.paint("|")
    painter.screen.feed(painter.renderer.list((100..<200).map { "name\($0)" }))
    #expect(painter.screen.lines.last == "… 80 more")
    #expect(painter.screen.lines.count == 7)
  }
}
