import Console
import Testing

@Suite struct KeyDecoderTests {
  /// The keys of bytes that come one by one, as over a slow line.
  private func keys(_ text: String) -> [Key] { keys(Array(text.utf8)) }

  private func keys(_ bytes: [UInt8]) -> [Key] {
    var decoder = KeyDecoder()
    return bytes.flatMap { decoder.feed($0) } + decoder.timeout()
  }

  @Test(
    arguments: [
      ("a", [Key.text("a")]), ("ä", [.text("ä")]), ("漢", [.text("漢")]), ("😀", [.text("😀")]),
      ("\u{1}", [.control("a")]), ("\u{1A}", [.control("z")]), ("\u{1F}", [.control("_")]),
      ("\u{0}", [.control("@")]), ("\u{1C}", [.control("\\")]),
      ("\r", [.enter]), ("\n", [.enter]), ("\t", [.tab]), ("\u{7F}", [.backspace]),
      ("\u{8}", [.backspace]),
      ("\u{1B}", [.escape]), ("\u{1B}\r", [.metaEnter]), ("\u{1B}\u{7F}", [.wordBackspace]),
      ("\u{1B}f", [.meta("f")]), ("\u{1B}_", [.meta("_")]), ("\u{1B}ä", [.meta("ä")]),
      ("\u{1B}[A", [.up]), ("\u{1B}OA", [.up]), ("\u{1B}[B", [.down]), ("\u{1B}[C", [.right]),
      ("\u{1B}[D", [.left]), ("\u{1B}[H", [.home]), ("\u{1B}OF", [.end]), ("\u{1B}[1~", [.home]),
      ("\u{1B}[8~", [.end]), ("\u{1B}[3~", [.delete]), ("\u{1B}[3;5~", [.wordDelete]),
      ("\u{1B}[5~", [.pageUp]), ("\u{1B}[6~", [.pageDown]), ("\u{1B}[Z", [.backTab]),
      ("\u{1B}[1;5C", [.wordRight]), ("\u{1B}[1;3D", [.wordLeft]), ("\u{1B}\u{1B}[D", [.wordLeft]),
      ("\u{1B}[1;5A", [.controlUp]), ("\u{1B}[1;2A", [.up]),
      ("\u{1B}[13;2u", [.metaEnter]), ("\u{1B}[27;3;13~", [.metaEnter]),
      ("\u{1B}[97;5u", [.control("a")]), ("\u{1B}[102;3u", [.meta("f")]),
      // What means nothing is swallowed whole.
      ("\u{1B}[[Ax", [.text("x")]), ("\u{1B}[12;34Rx", [.text("x")]),
      ("\u{1B}[?1;2cx", [.text("x")]),
      ("\u{1B}]11;rgb:0/0/0\u{1B}\\x", [.text("x")]), ("\u{1B}]11;rgb\u{7}x", [.text("x")]),
      ("\u{1B}[", [.meta("[")]), ("\u{1B}[1\u{3}", [.control("c")]), ("\u{1B}[1;5", []),
    ] as [(String, [Key])])
  func bytesOneByOneAreKeys(_ text: String, _ expected: [Key]) {
    #expect(keys(text) == expected)
  }

  @Test(
    arguments: [
      ([0xC3], ["\u{FFFD}"]), ([0xFF, 0x61], ["\u{FFFD}", "a"]),
      ([0xC3, 0x61], ["\u{FFFD}", "a"]),
      ([0x80], ["\u{FFFD}"]), ([0xE2, 0x82, 0xC3, 0xA4], ["\u{FFFD}", "ä"]),
      ([0xED, 0xA0, 0x80], ["\u{FFFD}"]), ([0xE0, 0x80, 0x80], ["\u{FFFD}"]),
      ([0xF4, 0x90, 0x80, 0x80], ["\u{FFFD}"]),
    ] as [([UInt8], [String])])
  func invalidUTF8IsAReplacementAndTheNextKeyCounts(_ bytes: [UInt8], _ expected: [String]) {
    #expect(keys(bytes) == expected.map { .text($0) })
  }

  @Test func aPasteIsOneKeyAsItWas() {
    let text = "if x then\r\tprint(\"ä\u{1B}[A\u{3}\")\r\nend"
    #expect(
      keys("\u{1B}[200~\(text)\u{1B}[201~q")
        == [.paste("if x then\n\tprint(\"ä\u{1B}[A\u{3}\")\nend"), .text("q")])
  }

  @Test func aPasteWaitsForItsEndHoweverLate() {
    var decoder = KeyDecoder()
    #expect(Array("\u{1B}[200~ab".utf8).flatMap { decoder.feed($0) } == [])
    #expect(decoder.isPasting && !decoder.isPending)
    #expect(decoder.timeout() == [])
    #expect(Array("c\u{1B}[201~".utf8).flatMap { decoder.feed($0) } == [.paste("abc")])
  }

  @Test func onlyTheBeginningOfASequenceIsPending() {
    var decoder = KeyDecoder()
    #expect(!decoder.isPending)
    _ = decoder.feed(0x1B)
    #expect(decoder.isPending)
    #expect(decoder.feed(UInt8(ascii: "b")) == [.meta("b")])
    #expect(!decoder.isPending)
  }

  @Test func noBytesMakeItStick() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      var decoder = KeyDecoder()
      for _ in 0..<50 {
        // Many of the bytes that mean something, and no paste's beginning.
        let byte = [0x1B, 0x5B, 0x4F, 0x3B, 0x31, 0x7E, 0xC3, .random(in: 0...255, using: &random)]
          .randomElement(using: &random)!
        _ = decoder.feed(UInt8(byte))
      }
      _ = decoder.timeout()
      #expect(decoder.feed(UInt8(ascii: "x")) == [.text("x")])
    }
  }
}
