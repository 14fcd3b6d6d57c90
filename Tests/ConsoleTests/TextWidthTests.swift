import Console
import TestSupport
import Testing

@Suite struct TextWidthTests {
  @Test(arguments: [
    ("", 0), ("plain", 5), ("日本語", 6), ("한국", 4), ("e\u{301}", 1), ("🦭", 2),
    ("\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}", 2), ("\u{1B}", 2), ("\u{202E}", 6),
  ])
  func aLineTakesTheColumnsOfItsCharacters(line: String, columns: Int) {
    #expect(TextWidth.columnsShown(of: line) == columns)
    #expect(StandardTerminal().columns(of: Array(line.utf8)) == columns)
  }

  /// The editor writes what it does not show in its own way, but which it is is the one rule.
  @Test(arguments: CodePoints.all) func aLineShowsWhatNamesShow(text: CodePoints.Case) {
    let typed = String(decoding: text.bytes, as: UTF8.self)
    let isWhole = Array(typed.utf8) == text.bytes
    let shown = TextWidth.shown(typed)
    #expect(
      shown.unicodeScalars.elementsEqual(typed.unicodeScalars)
        == (text.shown.utf8.elementsEqual(text.bytes)) || !isWhole)
    #expect(
      !shown.unicodeScalars.contains {
        [0x1B, 0x9B, 0x202E, 0x2028, 0xE0001, 0x200B].contains($0.value)
      })
  }
}
