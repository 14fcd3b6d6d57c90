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

  /// The number of claims on the file's object: read locks on `L` in `/proc/locks`, which lists
  /// them for every user, but without their process (OFD locks belong to none).
  ///
  /// The kernel hands the list out a page at a time, by position: what others lock and unlock in
  /// between shifts lines over the border, which are then seen twice or not at all. A list of
  /// more than a page is therefore read until two readings agree.
  package static func count(of file: FileStatus, _ system: System) throws(Errno) -> Int {
    var before: Int?
    for _ in 0..<16 {
      let text = try system.contents(System.path("/proc/locks"))
      let count = lines(text).count { isClaim($0, on: file) }
      if count == before || text.count < page { return count }
      before = count
    }
    return before ?? 0
  }

  /// What one `read(2)` of `/proc/locks` gives at most, less one line.
  private static let page = 4096 - 128

  /// The processes that hold the file's object, from the lock lines of `/proc/PID/fdinfo/N`.
  /// Those of other users are seen only by root.
  package static func processes(of file: FileStatus, _ system: System) -> [Holder] {
    numbers("/proc", system).sorted().compactMap { process in
      let handles = numbers("/proc/\(process)/fdinfo", system).count { descriptor in
        let path = System.path("/proc/\(process)/fdinfo/\(descriptor)")
        return (try? lines(path, system))?.contains { isClaim($0, on: file) } ?? false
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
          hasClaim(process, descriptor, system)
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

  private static func hasClaim(_ process: Int, _ descriptor: Int, _ system: System) -> Bool {
    let path = System.path("/proc/\(process)/fdinfo/\(descriptor)")
    return (try? lines(path, system))?.contains { isLife($0) } ?? false
  }

  private static func holder(_ process: Int, _ handles: Int, _ system: System) -> Holder {
    let command = (try? system.contents(System.path("/proc/\(process)/comm"))) ?? []
    let owner = (try? system.status(System.path("/proc/\(process)")))?.owner ?? .max
    return Holder(
      process: process, user: owner, command: shown(command.prefix { $0 != 0x0A }),
      handles: handles)
  }

  /// `… OFDLCK ADVISORY READ -1 00:1b:42 START END`, alone or after `lock:`; a waiting lock has
  /// an arrow and counts for nothing.
  private static func isClaim(_ line: Substring, on file: FileStatus) -> Bool {
    isLife(line) && isFile(words(line)[words(line).count - 3], file)
  }

  private static func isLife(_ line: Substring) -> Bool {
    let words = words(line)
    guard words.count >= 8, words.contains("OFDLCK"), !words.contains("->"),
      words[words.count - 5] == "READ",
      let start = Int64(words[words.count - 2]), let end = Int64(words[words.count - 1])
    else { return false }
    let life = LifetimeLock.life.start
    return start <= life && life <= end
  }

  private static func words(_ line: Substring) -> [Substring] {
    line.split(whereSeparator: { $0 == " " || $0 == "\t" })
  }

  /// `MAJOR:MINOR:INODE`, the device in hexadecimal.
  private static func isFile(_ word: Substring, _ file: FileStatus) -> Bool {
    let parts = word.split(separator: ":")
    guard parts.count == 3, let major = UInt64(parts[0], radix: 16),
      let minor = UInt64(parts[1], radix: 16), UInt64(parts[2]) == file.inode
    else { return false }
    return major == file.deviceMajor && minor == file.deviceMinor
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
