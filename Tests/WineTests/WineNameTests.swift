import SharedMemory
import Testing
import Wine

@Suite struct WineNameTests {
  private func refusal(_ name: [UInt8]) -> Int32? {
    do throws(SharedMemoryError) {
      _ = try WineName(name, for: "open")
      return nil
    } catch { return error.code.rawValue }
  }

  @Test(arguments: [
    (#"Wine\x"#, WineName.Place.local, #"Wine\Local\x"#),
    (#"Wine\Local\x"#, .local, #"Wine\Local\x"#),
    (#"Wine\Global\My File/1"#, .global, #"Wine\Global\My File/1"#),
    (#"Wine\Ä€😀"#, .local, #"Wine\Local\Ä€😀"#),
    (#"Wine\Localx"#, .local, #"Wine\Local\Localx"#),
  ])
  func whatANameMeans(written: String, place: WineName.Place, whole: String) throws {
    let name = try WineName(Array(written.utf8), for: "open")
    #expect(name.place == place)
    #expect(name.bytes == Array(whole.utf8))
    #expect(name.text == written)
  }

  @Test(
    arguments: [
      (#"Wine\"#, 123), (#"Wine\Local\"#, 123), (#"Wine\Global\"#, 123), (#"Wine\a\b"#, 3),
      (#"Wine\local\x"#, 3), (#"Wine\Local\Global\x"#, 3), (#"Wine\\x"#, 161), (#"Wine\Global"#, 6),
      (#"Wine\Local"#, 6), (#"Wine\Session"#, 6), ("Wine\\a\0b", 123),
      ("Wine\\" + String(repeating: "x", count: 32_701), 206),
    ] as [(String, Int32)])
  func whatNoNameIs(written: String, code: Int32) {
    #expect(refusal(Array(written.utf8)) == code)
  }

  @Test func anyBytesAreANameOrAnError() {
    let start = Array(#"Wine\"#.utf8)
    #expect(refusal(start + Array(repeating: 0x78, count: 32_700)) == nil)
    for first in UInt8.min...UInt8.max {
      let expected: Int32? =
        switch first {
        case 0, 0x80...0xFF: 123
        case UInt8(ascii: "\\"): 123
        default: nil
        }
      // One backslash more ends an empty prefix: nothing follows.
      if first != UInt8(ascii: "\\") { #expect(refusal(start + [first]) == expected, "\(first)") }
    }
    // A lone surrogate of Windows' is kept; half of its bytes is no name.
    let lone: [UInt8] = [0xED, 0xA0, 0xBD]
    #expect(refusal(start + lone) == nil)
    #expect(refusal(start + lone.prefix(2)) == 123)
    #expect(refusal(start + [0xED, 0xC0, 0x80]) == 123)
    #expect((try? WineName(start + lone, for: "open"))?.bytes.suffix(3).elementsEqual(lone) == true)
  }

  @Test func onlyNamesWithThePrefixAreOnes() {
    for name in ["Wine", "wine\\x", "Wine/x", "x", "Local\\Wine\\x", ""] {
      #expect(!WineName.isOne(Array(name.utf8)))
    }
    #expect(WineName.isOne(Array("Wine\\".utf8)))
  }
}
