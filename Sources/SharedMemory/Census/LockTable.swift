/// What the kernel says about locks: the table of all of them, and those of one descriptor.
///
/// `/proc/locks` lists every claim of every user, but everybody pays for it: the kernel stops all
/// locking while it hands out each page of the table. So only a listing of all objects reads it,
/// once; whoever asks about one object asks its file (`F_OFD_GETLK`) and `/proc/PID/fd`.
struct LockTable {
  private let counts: [FileIdentity: Int]

  /// Reads `/proc/locks` once; see `proc(5)`.
  ///
  /// The kernel hands the table out by position: locks that come and go meanwhile shift lines over
  /// a page's border, and such lines are seen twice or not at all. So a count may be off by what
  /// came and went. Whether an object lives is never decided by it where its file can be asked.
  init(_ system: System) throws(Errno) {
    counts = Self.claimed(try system.contents(System.path("/proc/locks")))
      .reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  /// How many open file descriptions claim the file; those of other users included.
  func claims(on file: FileStatus) -> Int { counts[FileIdentity(file)] ?? 0 }

  /// Does a descriptor's `/proc/PID/fdinfo/N` say that it claims the file?
  static func claims(_ information: [UInt8], _ file: FileStatus) -> Bool {
    claimed(information).contains(FileIdentity(file))
  }

  private static func claimed(_ text: [UInt8]) -> [FileIdentity] {
    text.split(separator: UInt8(ascii: "\n")).compactMap(claimed)
  }

  /// The file that a line claims. Such a line reads
  /// `… OFDLCK ADVISORY READ -1 00:1b:42 START END`, alone or after `lock:`. A lock that is still
  /// waited for has an arrow and does not count.
  private static func claimed(_ line: ArraySlice<UInt8>) -> FileIdentity? {
    let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    guard words.count >= 8, words[words.count - 5].elementsEqual("READ".utf8),
      words.contains(where: { $0.elementsEqual("OFDLCK".utf8) }),
      !words.contains(where: { $0.elementsEqual("->".utf8) }),
      let start = number(words[words.count - 2], 10), let end = number(words[words.count - 1], 10)
    else { return nil }
    let life = UInt64(LifetimeLock.life.start)
    return start <= life && life <= end ? file(words[words.count - 3]) : nil
  }

  /// `MAJOR:MINOR:INODE`.
  private static func file(_ word: ArraySlice<UInt8>) -> FileIdentity? {
    guard let end = word.lastIndex(of: UInt8(ascii: ":")) else { return nil }
    return FileIdentity(device: word[..<end], inode: word[(end + 1)...])
  }

  /// Nil: no number, or one that is too large.
  fileprivate static func number(_ digits: ArraySlice<UInt8>, _ radix: UInt64) -> UInt64? {
    var value: UInt64 = 0
    for digit in digits {
      let one: UInt64
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): one = UInt64(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): one = UInt64(digit - UInt8(ascii: "a")) + 10
      default: return nil
      }
      let (shifted, isTooLarge) = value.multipliedReportingOverflow(by: radix)
      if isTooLarge || one >= radix { return nil }
      value = shifted &+ one
    }
    return digits.isEmpty ? nil : value
  }
}

extension FileIdentity {
  /// - Parameters:
  ///   - device: `MAJOR:MINOR` in hexadecimal, as the files of `/proc` have it.
  ///   - inode: in decimal.
  init?(device word: ArraySlice<UInt8>, inode digits: ArraySlice<UInt8>) {
    let parts = word.split(separator: UInt8(ascii: ":"))
    guard parts.count == 2, let major = LockTable.number(parts[0], 16),
      let minor = LockTable.number(parts[1], 16), let inode = LockTable.number(digits, 10)
    else { return nil }
    // Packs the device's numbers as `makedev(3)` does.
    device = (major & 0xFFF) << 8 | (major & ~0xFFF) << 32 | minor & 0xFF | (minor & ~0xFF) << 12
    self.inode = inode
  }
}
