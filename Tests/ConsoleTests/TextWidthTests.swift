import Console
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
}
