import SharedMemory
import TestSupport
import Testing

@Suite struct WhatATerminalMayGet {
  @Test(arguments: CodePoints.all) func isEscapedByItsClass(text: CodePoints.Case) {
    #expect(shown(text.bytes) == text.shown)
  }

  /// Whatever a new Unicode brings: what is shown is never one of these, and nothing else is lost.
  @Test func isNeverAControlOrAFormatOfAnyCodePoint() {
    var complaints: [String] = []
    var kept = 0
    let all =
      Array(0...0x323FF as ClosedRange<UInt32>) + Array(0xE_0000...0xE_01FF)
      + Array(stride(from: 0xF_0000, through: 0x10_FFFF, by: 255))
    for scalar in all.compactMap(Unicode.Scalar.init) {
      var rule = Printable()
      _ = rule.shows("a", before: scalar)
      guard rule.shows(scalar, before: "b") else { continue }
      kept += 1
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
        .unassigned:
        complaints.append(scalar.escaped(asASCII: true))
      case .spaceSeparator where scalar.value != 0x20:
        complaints.append(scalar.escaped(asASCII: true))
      default: break
      }
    }
    #expect(complaints == [])
    #expect(kept > 140_000)
  }

  @Test func keepsLineEndsAndTabsWhereTextsHaveLines() {
    #expect(shown("a\tb\r\n\u{9B}".utf8, .lines) == "a\tb\\x0D\n\\u{9B}")
    #expect(shown("a\tb\n".utf8) == #"a\x09b\x0A"#)
  }

  @Test func isWrittenBetweenQuotesAsLuaReadsIt() {
    let text = "\"\\\0\u{7}\u{8}\t\n\u{B}\u{C}\r\u{1B}\u{1}\u{7F}é\u{9B}\u{0}1\u{1B}2"
    let quoted = #"\"\\\0\a\b\t\n\v\f\r\27\x01\x7Fé\u{9B}\x001\x1B2"#
    #expect(shown(text.utf8, .quoted) == quoted)
    #expect(shown([0xFF, 0x22], .quoted) == #"\xFF\""#)
  }

  @Test func growsByNoMoreThanFourBytesEach() {
    for text in CodePoints.all {
      for manner in [Printable.Manner.line, .lines, .quoted] {
        #expect(Printable.escaped(text.bytes, manner).count <= 4 * text.bytes.count)
      }
    }
  }

  @Test func holdsForTheMessagesOfAnError() {
    let error = SharedMemoryError(.fileNotFound, "open", shown([0x9B, 0x9B]), "start it")
    #expect(error.description == #"open \x9B\x9B: ERROR_FILE_NOT_FOUND (2): start it"#)
  }

  @Test(arguments: ["a\u{202E}", "\u{9B}b", "a\u{200B}b", "\u{301}", "ab\u{E0061}"])
  func isNoNameInALayout(name: String) {
    for text in ["struct { int \(name); } x;", "enum \(name) { A };", "#define \(name) 1\nint x;"] {
      do throws(LayoutError) {
        _ = try Layout(text)
        Issue.record("\(shown(text.utf8)) was taken")
      } catch {
        let word = shown(name.utf8)
        #expect(error.message == "the name '\(word)' has a character that cannot be shown")
        #expect(shown(error.description.utf8, .lines) == error.description)
      }
    }
    #expect(throws: Never.self) { try Layout("struct { int é, n\u{303}, 日本; } x; // \(name)") }
  }
}
