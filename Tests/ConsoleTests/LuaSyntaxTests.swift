import Console
import Testing

@Suite struct LuaSyntaxTests {
  /// Each character's style as a letter.
  private func picture(_ text: String, cursor: Int = -1) -> String {
    var marks = Array(repeating: Character("."), count: text.count)
    for styled in LuaSyntax.styles(text, cursor: cursor) {
      let mark: Character =
        switch styled.style {
        case .keyword: "k"
        case .string: "s"
        case .number: "n"
        case .comment: "c"
        case .unbalanced: "!"
        case .match: "m"
        case .plain, .hint: "?"
        }
      for index in styled.range { marks[index] = mark }
    }
    return String(marks)
  }

  @Test(arguments: [
    ("local x = nil", "kkkkk.....kkk"), ("locals ende", "..........."), ("x.end", "..kkk"),
    ("'a\\'b' c", "ssssss.."), ("\"ä漢\"", "ssss"), ("'a", "!s"), ("'a\nb", "!s.."),
    ("'a\\\nb'", "ssssss"), ("'\\z \n a'", "ssssssss"), ("'\\", "!s"),
    ("[[a\n]]x", "ssssss."), ("[==[]]]==]x", "ssssssssss."), ("[=[a]]", "!sssss"),
    ("--a\nb", "ccc.."), ("--[[a\nb]]c", "ccccccccc."), ("--[=[a]]", "cccccccc"),
    ("--[a\nb", "cccc.."), ("#!lua\nx", "ccccc.."),
    ("0xFF.8p-3+1", "nnnnnnnnn.n"), ("1e+5-2", "nnnn.n"), (".5..1", "nnnnn"), ("3 ..x", "n...."),
    ("0xep1-1", "nnnnn.n"), ("a1", ".."),
    ("f(a[1])", "...." + "n" + ".."), ("(", "!"), (")", "!"), ("(]", "!!"), ("{(}", ".!."),
    ("')'", "sss"), ("a[[b]]", ".sssss"), ("a[=b", ".!.."),
  ])
  func tokensHaveTheirColours(_ text: String, _ expected: String) {
    #expect(picture(text) == expected)
  }

  @Test(arguments: [
    (0, "m..m"), (1, "m..m"), (2, "...."), (3, "m..m"), (4, "m..m"),
  ])
  func theBracketAtTheCursorAndItsPartnerAreMarked(_ cursor: Int, _ expected: String) {
    #expect(picture("(ab)", cursor: cursor) == expected)
  }

  @Test func theBracketUnderTheCursorCountsFirst() {
    #expect(picture("(())", cursor: 1) == ".mm.")
  }

  @Test func anyTextHasTokensThatFollowEachOther() {
    let parts = [
      "[", "[", "=", "]", "]", "--", "'", "\"", "\\", "\n", "z", "0x", "1", ".", "é", "(",
    ]
    for _ in 0..<300 {
      let text = (0..<12).map { _ in parts.randomElement()! }.joined()
      var end = 0
      for token in LuaSyntax.tokens(text) {
        #expect(token.range.lowerBound >= end && !token.range.isEmpty, "\(text.debugDescription)")
        end = token.range.upperBound
      }
      #expect(end <= text.count)
    }
  }
}
