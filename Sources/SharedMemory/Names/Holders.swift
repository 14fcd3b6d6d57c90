/// Who holds an object's name, as the kernel says it.
public enum Holders {
  /// A process with a handle to an object.
  public struct Holder: Sendable {
    /// The process's number in our PID namespace.
    public let process: Int
    /// The user it belongs to.
    public let user: UInt32
    /// Its command's name, at most 15 bytes.
    public let command: String
    /// The descriptors that carry the claim; handles that were inherited or duplicated share one.
    public let handles: Int
  }

  /// A file as `/proc/locks` names it: `MAJOR:MINOR:INODE`, the device in hexadecimal.
  struct File: Hashable {
    let major, minor, inode: UInt64

    init(_ status: FileStatus) {
      major = status.deviceMajor
      minor = status.deviceMinor
      inode = status.inode
    }

    fileprivate init?(_ word: Substring) {
      let parts = word.split(separator: ":")
      guard parts.count == 3, let major = UInt64(parts[0], radix: 16),
        let minor = UInt64(parts[1], radix: 16), let inode = UInt64(parts[2])
      else { return nil }
      self.major = major
      self.minor = minor
      self.inode = inode
    }
  }

  /// The number of claims on each file: read locks on `L` in `/proc/locks`, which lists them for
  /// every user, but without their process (OFD locks belong to none).
  ///
  /// The kernel hands the list out a page at a time, by position: what others lock and unlock in
  /// between shifts lines over the border, which are then seen twice or not at all. A list of
  /// more than a page is therefore read five times, and each file has its median.
  static func counts(_ system: System) throws(Errno) -> [File: Int] {
    let first = try reading(system)
    if first.isWhole { return first.counts }
    var readings = [first.counts]
    while readings.count < 5 { readings.append(try reading(system).counts) }
    let files = readings.reduce(into: Set<File>()) { $0.formUnion($1.keys) }
    return files.reduce(into: [:]) { counts, file in
      let median = readings.map { $0[file] ?? 0 }.sorted()[2]
      if median > 0 { counts[file] = median }
    }
  }

  /// The number of claims on one file, as two readings in a row agree on it.
  package static func count(of file: FileStatus, _ system: System) throws(Errno) -> Int {
    var before: Int?
    for _ in 0..<16 {
      let (counts, isWhole) = try reading(system)
      let count = counts[File(file)] ?? 0
      if isWhole || count == before { return count }
      before = count
    }
    return before ?? 0
  }

  private static func reading(
    _ system: System
  ) throws(Errno) -> (counts: [File: Int], isWhole: Bool) {
    let text = try system.contents(System.path("/proc/locks"))
    var counts: [File: Int] = [:]
    for case let file? in lines(text).map(claimed) { counts[file, default: 0] += 1 }
    return (counts, text.count < page)
  }

  /// What one `read(2)` of `/proc/locks` gives at most, less one line.
  private static let page = 4096 - 128

  /// The processes that hold the file's object, from the lock lines of `/proc/PID/fdinfo/N`.
  /// Those of other users are seen only by root.
  package static func processes(of file: FileStatus, _ system: System) -> [Holder] {
    numbers("/proc", system).sorted().compactMap { process in
      let handles = numbers("/proc/\(process)/fdinfo", system).count { descriptor in
        let path = System.path("/proc/\(process)/fdinfo/\(descriptor)")
        return (try? lines(path, system))?.contains { claimed($0) == File(file) } ?? false
      }
      return handles == 0 ? nil : holder(process, handles, system)
    }
  }

  /// Files of objects that are held but have no name any more: `/proc/PID/fd/N` says `(deleted)`,
  /// and the descriptor carries a claim.
  package static func removedFiles(
    under root: String, _ system: System
  ) -> [(process: Int, path: String)] {
    numbers("/proc", system).sorted().flatMap { process in
      numbers("/proc/\(process)/fd", system).compactMap { descriptor in
        guard let target = try? system.linkTarget(System.path("/proc/\(process)/fd/\(descriptor)")),
          let path = deleted(target, root),
          hasClaim(process, descriptor, system), isRemoved(process, descriptor, system)
        else { return nil }
        return (process, path)
      }
    }
  }

  private static func deleted(_ target: [UInt8], _ root: String) -> String? {
    let mark = Array(" (deleted)".utf8)
    guard target.starts(with: "\(root)/moonpool-".utf8),
      target.suffix(mark.count).elementsEqual(mark)
    else { return nil }
    return shown(target.dropLast(mark.count))
  }

  /// A file that was born without a name is called `(deleted)` even after it got one: only its
  /// links tell.
  private static func isRemoved(_ process: Int, _ descriptor: Int, _ system: System) -> Bool {
    let path = System.path("/proc/\(process)/fd/\(descriptor)")
    guard let file = try? system.open(path, .pathOnly) else { return false }
    return (try? system.status(file).links) == 0
  }

  private static func hasClaim(_ process: Int, _ descriptor: Int, _ system: System) -> Bool {
    let path = System.path("/proc/\(process)/fdinfo/\(descriptor)")
    return (try? lines(path, system))?.contains { claimed($0) != nil } ?? false
  }

  private static func holder(_ process: Int, _ handles: Int, _ system: System) -> Holder {
    let command = (try? system.contents(System.path("/proc/\(process)/comm"))) ?? []
    let owner = (try? system.status(System.path("/proc/\(process)")))?.owner ?? .max
    return Holder(
      process: process, user: owner, command: shown(command.prefix { $0 != 0x0A }),
      handles: handles)
  }

  /// The file that a line claims: `… OFDLCK ADVISORY READ -1 00:1b:42 START END`, alone or after
  /// `lock:`; a waiting lock has an arrow and counts for nothing.
  private static func claimed(_ line: Substring) -> File? {
    let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard words.count >= 8, words.contains("OFDLCK"), !words.contains("->"),
      words[words.count - 5] == "READ",
      let start = Int64(words[words.count - 2]), let end = Int64(words[words.count - 1])
    else { return nil }
    let life = LifetimeLock.life.start
    return start <= life && life <= end ? File(words[words.count - 3]) : nil
  }

  private static func lines(_ path: [CChar], _ system: System) throws(Errno) -> [Substring] {
    lines(try system.contents(path))
  }

  private static func lines(_ text: [UInt8]) -> [Substring] {
    String(decoding: text, as: UTF8.self).split(separator: "\n")
  }

  private static func numbers(_ path: String, _ system: System) -> [Int] {
    guard let stream = try? system.stream(System.path(path)),
      let names = try? system.entries(stream)
    else { return [] }
    return names.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
  }
}
