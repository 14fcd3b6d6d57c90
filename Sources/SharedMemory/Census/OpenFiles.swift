/// The files that other processes have open, as far as we may look: `/proc/PID/fd`.
///
/// Only a process's owner and root see its descriptors; see `ptrace(2)`, "access mode checking".
struct OpenFiles {
  let system: System

  /// One descriptor of a process, and the file that is open behind it.
  struct Descriptor {
    let process: Int
    let number: [UInt8]
    let file: FileStatus

    /// The link that leads to the file, even if its name is gone.
    var path: [CChar] { path("fd") }

    fileprivate func path(_ folder: String) -> [CChar] {
      System.path(Array("/proc/\(process)/\(folder)/".utf8) + number)
    }
  }

  /// A descriptor's `fdinfo`; nil: it is gone, or not ours to see.
  ///
  /// At most 64 KiB, as the locks of one description on one object are a few lines.
  func information(_ descriptor: Descriptor) -> [UInt8]? {
    try? system.contents(descriptor.path("fdinfo"), limit: 65_536)
  }

  /// The numbers of all processes, sorted.
  func processes() -> [Int] {
    guard let stream = try? system.stream(System.path("/proc")),
      let names = try? system.entries(stream)
    else { return [] }
    return names.compactMap { Int(String(decoding: $0, as: UTF8.self)) }.sorted()
  }

  /// The descriptors of a process whose file satisfies the condition: `fstatat(2)` of each.
  func descriptors(of process: Int, where isWanted: (FileStatus) -> Bool) -> [Descriptor] {
    guard
      let folder = try? system.open(System.path("/proc/\(process)/fd"), [.directory, .noFollow]),
      let stream = try? system.stream(in: folder.number),
      let numbers = try? system.entries(stream)
    else { return [] }
    return numbers.compactMap { number in
      guard let file = try? system.target(in: folder.number, System.path(number)), isWanted(file)
      else { return nil }
      return Descriptor(process: process, number: number, file: file)
    }
  }

  /// Is the descriptor open for writing? The octal `flags:` of its `fdinfo`.
  static func mayWrite(_ information: [UInt8]) -> Bool {
    let line = information.split(separator: UInt8(ascii: "\n")).first {
      $0.starts(with: "flags:".utf8)
    }
    // The lowest two bits of the last octal digit are the access mode; 0 means reading only. The
    // digits' codes have the same low bits as the digits.
    return line?.last.map { ($0 & 3) != 0 } ?? false
  }

  /// How many mappings of the file a process has, and whether it may write one of them. Reads the
  /// first MiB of `/proc/PID/maps`, whose lines are `FROM-TO rw-s OFFSET 00:1b INODE PATH`.
  func mappings(of file: FileStatus, in process: Int) -> (count: Int, write: Bool) {
    let path = System.path("/proc/\(process)/maps")
    guard let text = try? system.contents(path, limit: 1 << 20) else { return (0, false) }
    let identity = FileIdentity(file)
    var found = (count: 0, write: false)
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
      guard words.count >= 5, FileIdentity(device: words[3], inode: words[4]) == identity else {
        continue
      }
      found.count += 1
      found.write = found.write || words[1].starts(with: "rw-s".utf8)
    }
    return found
  }
}
