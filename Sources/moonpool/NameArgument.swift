import ArgumentParser
import LuaHost
import SharedMemory

/// An object's name on the command line: any bytes, UTF-8 or not.
struct NameArgument: ExpressibleByArgument {
  let bytes: [UInt8]

  /// For a message.
  var text: String { shown(bytes) }

  init(argument: String) { bytes = ParserText.decode(argument) }
}

/// The words of the command line for a parser that takes only Swift's strings, which hold no other
/// bytes than UTF-8 and would replace those.
///
/// Such a byte becomes the character U+10FF00 + byte, which is for private use; a character of
/// those that a word really has becomes its four bytes in the same way, so that every word comes
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
