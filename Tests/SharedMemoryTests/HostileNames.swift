import SharedMemory

/// The same numbers in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Names that try to leave their directory, to meet each other or to be lost; and what is
/// expected of their file names, written down independently of `NameEncoding`.
enum HostileNames {
  static let all: [[UInt8]] = bytes + pairs + lengths + words + random

  private static let special = Array("./%~\\:@ ".utf8) + [0, 0x0A, 0x1F, 0x7F, 0x80, 0xC3, 0xFF]

  private static let bytes = (0...255).map { [UInt8($0)] }

  private static let pairs = (0...255).flatMap { byte in
    special.flatMap { [[UInt8(byte), $0], [$0, UInt8(byte)]] }
  }

  private static let lengths = (1...300).flatMap { length in
    [UInt8(ascii: "a"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "%"), 0, 0xE9].map {
      [UInt8](repeating: $0, count: length)
    }
  }

  private static let words = [
    "..", "...", "../..", "../../etc/passwd", "./x", ".x", "..x", "%2E", "%2e", "%2F", "%00", "%",
    "%%", "%~", "a%~" + String(repeating: "0123456789ABCDEF", count: 4), "/dev/shm/x", "a/b", "x\n",
    "x\r\ny",
    "é", "e\u{301}", "日本語", "🦭", "\u{202E}x", "\u{FEFF}x", "moonpool-0", "-rf", "~", "*", "$(x)",
  ].map { Array($0.utf8) }

  private static let random = { () -> [[UInt8]] in
    var generator = SplitMix(state: 1)
    return (0..<5000).map { round in
      (0..<Int.random(in: 1...300, using: &generator)).map { _ in
        round % 2 == 0
          ? UInt8.random(in: 0...255, using: &generator) : special.randomElement(using: &generator)!
      }
    }
  }()

  private static func isEscaped(_ byte: UInt8, first: Bool) -> Bool {
    switch byte {
    case 0...0x1F, 0x7F, UInt8(ascii: "/"), UInt8(ascii: "%"): true
    case UInt8(ascii: "."): first
    default: false
    }
  }

  static func lengthEncoded(_ name: [UInt8]) -> Int {
    name.indices.reduce(0) { $0 + (isEscaped(name[$1], first: $1 == 0) ? 3 : 1) }
  }

  /// Why a directory must not get a file of this name; nil: it may.
  static func complaint(about file: [UInt8]) -> String? {
    if !(1...255).contains(file.count) { return "has \(file.count) bytes" }
    if file.first == UInt8(ascii: ".") { return "begins with a dot" }
    if file.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "/") }) {
      return "has a byte that must not stand in it"
    }
    return nil
  }

  /// Does a name give this file name, without being shortened?
  static func isFileOfAName(_ file: [UInt8]) -> Bool {
    var index = 0
    while index < file.count {
      if file[index] == UInt8(ascii: "%") {
        let text = String(decoding: file[index...].dropFirst().prefix(2), as: UTF8.self)
        guard text.utf8.count == 2, text == text.uppercased(), !text.hasPrefix("+"),
          let byte = UInt8(text, radix: 16), isEscaped(byte, first: index == 0)
        else { return false }
        index += 3
      } else {
        if isEscaped(file[index], first: index == 0) { return false }
        index += 1
      }
    }
    return file.count <= 255
  }

  /// A file name that is nearly one of a name.
  static func fileName(_ generator: inout SplitMix) -> [UInt8] {
    let pieces =
      ["a", "b.", ".", "%", "%2F", "%2f", "%2E", "%25", "%00", "%0A", "%7F", "%41", "%G0", "%2"]
      + ["~", "%~", "/", "%~" + String(repeating: "0", count: 64), "\u{0}", "\n", "é"]
    let common = pieces.prefix(2) + ["%2F", "%25", "%7F", "x"]
    let count = Int.random(in: 1...8, using: &generator)
    let mixed = (0..<count).flatMap { _ in
      let piece =
        Int.random(in: 0..<4, using: &generator) == 0
        ? pieces.randomElement(using: &generator)! : common.randomElement(using: &generator)!
      return Array(piece.utf8)
    }
    // Some at and past the longest file name.
    let padding = Int.random(in: 0..<8, using: &generator) == 0 ? 256 - mixed.count : 0
    return mixed + [UInt8](repeating: UInt8(ascii: "p"), count: max(padding - count % 3, 0))
  }
}
