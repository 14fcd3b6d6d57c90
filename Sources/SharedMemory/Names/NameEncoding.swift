/// Encodes an object's name as the name of one file in its namespace's directory, and back.
///
/// A file name may contain any byte but `/` and NUL. Those two, `%` itself, a leading dot (so that
/// `.`, `..` and hidden files cannot arise) and control bytes (so that `ls` shows one object per
/// line) become `%XX`. If the encoding is too long for a file name, it keeps its readable
/// beginning, followed by `%~` and the SHA-256 of all the name's bytes, which nobody can find for a
/// second name. The whole name then stands in the file's extended attribute `user.moonpool.name`,
/// where the kernel has such attributes, and is compared when the file is opened.
package enum NameEncoding {
  /// NAME_MAX, the same for every Linux file system; see `limits.h`.
  package static let longest = 255
  /// The extended attribute that holds all bytes of a name whose file name is shortened.
  static let attribute = System.path("user.moonpool.name")
  private static let hashMark = Array("%~".utf8)
  private static let hashDigits = 64

  /// - Parameter room: how many bytes the file name may have.
  package static func encode(_ name: [UInt8], room: Int = longest) -> [UInt8] {
    // Nearly every name can be used as a file name unchanged.
    if name.count <= room, name.first != UInt8(ascii: "."),
      name.allSatisfy({ !mustEscape($0, first: false) })
    {
      return name
    }
    var encoded: [UInt8] = []
    encoded.reserveCapacity(name.count)
    for (index, byte) in name.enumerated() {
      if mustEscape(byte, first: index == 0) {
        encoded += [percent, digit(byte >> 4), digit(byte & 15)]
      } else {
        encoded.append(byte)
      }
    }
    return encoded.count <= room ? encoded : shortened(encoded, name, room)
  }

  /// Does this file name belong to an object's name that was too long for it?
  package static func isShortened(_ file: [UInt8]) -> Bool {
    file.count > hashDigits + 1
      && file.suffix(hashDigits + hashMark.count).starts(with: hashMark)
  }

  /// The object's name for a file name; nil: no name has this encoding (a foreign file), or the
  /// name is shortened and stands in the attribute.
  package static func decode(_ file: [UInt8]) -> [UInt8]? {
    var name: [UInt8] = []
    var index = 0
    while index < file.count {
      if file[index] == percent {
        guard index + 2 < file.count, let high = value(file[index + 1]),
          let low = value(file[index + 2])
        else { return nil }
        name.append(high << 4 | low)
        index += 3
      } else {
        name.append(file[index])
        index += 1
      }
    }
    return encode(name) == file ? name : nil
  }

  private static let percent = UInt8(ascii: "%")

  private static func mustEscape(_ byte: UInt8, first: Bool) -> Bool {
    byte == UInt8(ascii: "/") || byte == percent || byte < 0x20 || byte == 0x7F
      || (first && byte == UInt8(ascii: "."))
  }

  private static func shortened(_ encoded: [UInt8], _ name: [UInt8], _ room: Int) -> [UInt8] {
    var kept = encoded.prefix(room - hashMark.count - hashDigits)
    // Never keep half an escape.
    if let cut = kept.suffix(2).firstIndex(of: percent) { kept = kept.prefix(upTo: cut) }
    return kept + hashMark + SHA256.digest(name).flatMap { [digit($0 >> 4), digit($0 & 15)] }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
