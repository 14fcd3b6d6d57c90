import Glibc

/// What a process has of shared memory: descriptors, mappings and locks, as the kernel counts
/// them. Exact only in a process of its own, as tests run in parallel: use it in exit tests.
public struct Traces: Equatable, Sendable, CustomStringConvertible {
  /// Open files of `/dev/shm` and `/proc`, and anonymous ones.
  public let descriptors: Int
  /// Mapped files of `/dev/shm`, and anonymous ones.
  public let mappings: Int

  public static func now() -> Traces {
    _ = settled
    return reading()
  }

  /// A process of a test's own begins while its runner still reads files of `/proc`.
  private static let settled: Void = {
    var before = reading()
    var equal = 0
    while equal < 4 {
      usleep(5000)
      let now = reading()
      equal = now == before ? equal + 1 : 0
      before = now
    }
  }()

  private static func reading() -> Traces {
    let maps = bytes("/proc/self/maps")
    return Traces(
      descriptors: names("/proc/self/fd").count(where: isOurs),
      mappings: occurrences("/dev/shm/", maps) + occurrences("/memfd:moonpool", maps))
  }

  /// The test runner opens and closes sockets and pipes at any time; we have files only.
  private static func isOurs(_ descriptor: String) -> Bool {
    var target = [CChar](repeating: 0, count: 4096)
    guard readlink("/proc/self/fd/\(descriptor)", &target, target.count - 1) > 0 else {
      return false
    }
    return ["/dev/shm", "/memfd:moonpool", "/proc"].contains { (start: String) in
      strncmp(target, start, start.utf8.count) == 0
    }
  }

  public var description: String { "\(descriptors) descriptors, \(mappings) mappings" }

  /// The locks on a file in the whole system, one an entry; from `/proc/locks`.
  public static func locks(on path: String) -> [String] {
    var status = stat()
    guard stat(path, &status) == 0 else { return [] }
    let all = bytes("/proc/locks")
    if occurrences(":\(status.st_ino) ", all) == 0 { return [] }
    return text("/proc/locks").split(separator: "\n").map(String.init).filter {
      $0.contains(":\(status.st_ino) ")
    }.map { String($0.drop { $0 != ":" }) }.sorted()
  }

  /// The names in a directory but `.` and `..`, sorted; none where there is no directory.
  public static func names(_ directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// A whole file, of `/proc`, too.
  public static func text(_ path: String) -> String {
    String(decoding: bytes(path).dropLast(), as: UTF8.self)
  }

  /// The same with a NUL at its end.
  private static func bytes(_ path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [0] }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count <= 0 { return bytes + [0] }
      bytes += chunk[..<count]
    }
  }

  private static func occurrences(_ word: String, _ bytes: [UInt8]) -> Int {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer.baseAddress!.assumingMemoryBound(to: CChar.self)
      var count = 0
      while let found = strstr(rest, word) {
        count += 1
        rest = UnsafePointer(found) + 1
      }
      return count
    }
  }

  /// Resident memory in bytes.
  public static var residentMemory: Int {
    let fields = text("/proc/self/statm").split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
  }
}
