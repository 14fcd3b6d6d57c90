import ArgumentParser
import LuaHost
import SharedMemory

/// An object's name on the command line: any bytes, UTF-8 or not.
struct NameArgument: ExpressibleByArgument {
  let bytes: [UInt8]

  /// The name as messages show it.
  var text: String { shown(bytes) }

  init(argument: String) { bytes = ParserText.decode(argument) }
}

/// Makes the command line's words fit for a parser that takes only Swift strings, which can hold
/// nothing but UTF-8 and would replace other bytes.
///
/// A byte that is not UTF-8 becomes the character U+10FF00 + byte, which is for private use. If a
/// word really contains such a character, its four bytes are encoded in the same way, so that every
/// word can be restored exactly.
/// back as it was.
enum ParserText {
  private static let first: UInt32 = 0x10_FF00

  static func encode(_ word: some Collection<UInt8>) -> String {
    let word = Array(word)
    var text = String.UnicodeScalarView()
    var index = 0
    while index < word.count {
      if let (scalar, length) = Printable.character(of: word, at: index), scalar.value < first {
        text.append(scalar)
        index += length
      } else {
        text.append(Unicode.Scalar(first + UInt32(word[index]))!)
        index += 1
      }
    }
    return String(text)
  }

  static func decode(_ text: String) -> [UInt8] {
    text.unicodeScalars.flatMap { scalar in
      scalar.value < first
        ? Array(String(scalar).utf8) : [UInt8(truncatingIfNeeded: scalar.value)]
    }
  }
}
