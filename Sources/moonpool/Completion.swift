@preconcurrency import Glibc
import LuaHost
import SharedMemory
import Wine

/// `--complete KIND WORD`: what the shells' completions ask for a command's names.
///
/// Each name as its exact bytes with a NUL behind it, as names may have everything else in them;
/// the shells quote them. Nobody is told of a failure in the middle of a line.
struct Completion {
  enum Kind: String {
    /// Whatever lives in `Local\` and `Global\`, and memory under Wine.
    case names
    /// Of that, what has bytes to look at.
    case memory
    /// Of that, what has a file.
    case files
    /// POSIX names, which are removed by hand.
    case posix
  }

  private let kind: Kind
  private let typed: ArraySlice<UInt8>

  /// - Parameter words: of the command line, the program's name first; nil: they ask nothing.
  init?(_ words: Words) {
    let words = Array(words)
    guard words.count >= 3, words[1].elementsEqual("--complete".utf8),
      let kind = Kind(rawValue: String(decoding: words[2], as: UTF8.self))
    else { return nil }
    self.kind = kind
    typed = words.count > 3 ? words[3] : []
  }

  func answer() {
    let isPosix = kind == .posix || typed.first == UInt8(ascii: "/")
    let names = isPosix ? Self.posixNames() : livingNames() + wineNames()
    let fitting = names.filter { $0.starts(with: typed) }
      .sorted { $0.lexicographicallyPrecedes($1) }
    for name in fitting { put(name) }
  }

  private func put(_ name: [UInt8]) {
    _ = (name + [0]).withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, stdout) }
  }

  // MARK: - Names

  private func livingNames() -> [[UInt8]] {
    let census = Session.current.census(counting: false)
    let entries = Session.Place.allCases.flatMap { (try? census.list($0)) ?? [] }
    // A name that is kept only cut would be another one's.
    return entries.filter { $0.isWhole && (kind != .memory || $0.type == "mapping") }
      .flatMap { spellings(of: $0.name) }
  }

  private static let local = Array(#"Local\"#.utf8)

  /// Without its prefix a name of `Local\` is shorter; with it where that is typed, and where an
  /// option would be read in its place.
  private func spellings(of name: [UInt8]) -> [[UInt8]] {
    guard name.starts(with: Self.local) else { return [name] }
    let short = Array(name.dropFirst(Self.local.count))
    if short.first == UInt8(ascii: "-") { return [name] }
    return typed.isEmpty ? [short] : [short, name]
  }

  /// Servers are asked only where such a name may be meant.
  private func wineNames() -> [[UInt8]] {
    guard kind != .files, typed.starts(with: WineName.start) || WineName.start.starts(with: typed)
    else { return [] }
    return WinePrefixes.hasty.names().flatMap(wineSpellings)
  }

  private static let wineLocal = WineName.start + Array(#"Local\"#.utf8)

  /// The same, where `Local` is typed after the first backslash.
  private func wineSpellings(of name: [UInt8]) -> [[UInt8]] {
    guard name.starts(with: Self.wineLocal) else { return [name] }
    let short = WineName.start + Array(name.dropFirst(Self.wineLocal.count))
    guard (try? WineName(short, for: "complete"))?.bytes == name else { return [name] }
    return typed.count > WineName.start.count ? [short, name] : [short]
  }

  /// The files beside our directories that are this user's to remove; semaphores are none.
  private static func posixNames() -> [[UInt8]] {
    guard let path = try? Session.current.path(of: Array("/x".utf8)) else { return [] }
    let folder = String(decoding: path.dropLast(2), as: UTF8.self)
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      var status = stat()
      let isFound = (name + [0]).withUnsafeBytes {
        fstatat(
          dirfd(stream), $0.baseAddress!.assumingMemoryBound(to: CChar.self), &status,
          AT_SYMLINK_NOFOLLOW) == 0
      }
      let isOurs = geteuid() == 0 || status.st_uid == geteuid()
      let isSemaphore = name.starts(with: "sem.".utf8)
      if isFound && isOurs && !isSemaphore && status.st_mode & S_IFMT == S_IFREG {
        names.append([UInt8(ascii: "/")] + name)
      }
    }
    return names
  }
}
