@preconcurrency import Glibc
import LuaHost
import SharedMemory
import Wine

/// `--complete KIND WORD`: answers the shells' completions with the names for a command.
///
/// Each name is its exact bytes followed by a NUL, as names may contain any other byte; the shells
/// quote them. Failures are not reported, as the user is in the middle of a line.
struct Completion {
  enum Kind: String, CaseIterable {
    /// Everything that lives in `Local\` and `Global\`, and memory under Wine.
    case names
    /// Those of them that have bytes to look at.
    case memory
    /// Those of them that messages go through.
    case messages
    /// Those of them that have a file.
    case files
    /// POSIX names, which are removed by hand.
    case posix
  }

  private let word: ArraySlice<UInt8>?
  private let typed: ArraySlice<UInt8>
  private var kind: Kind? { word.flatMap { Kind(rawValue: String(decoding: $0, as: UTF8.self)) } }

  /// - Parameter words: the command line, beginning with the program's name. Nil: it asks for no
  ///   completion.
  init?(_ words: Words) {
    let words = Array(words)
    guard words.count >= 2, words[1].elementsEqual("--complete".utf8) else { return nil }
    word = words.count > 2 ? words[2] : nil
    typed = words.count > 3 ? words[3] : []
  }

  func answer() {
    guard let kind else { refuse() }
    let isPosix = kind == .posix || typed.first == UInt8(ascii: "/") && kind != .messages
    let names = isPosix ? Self.posixNames() : livingNames(kind) + wineNames(kind)
    let fitting = names.filter { $0.starts(with: typed) }
      .sorted { $0.lexicographicallyPrecedes($1) }
    for name in fitting { put(name) }
  }

  private func refuse() -> Never {
    let kinds = Kind.allCases.map(\.rawValue)
    let list = kinds.dropLast().joined(separator: ", ") + " or " + kinds.last!
    let given = word.map { "'\(shown($0))' is none of these" } ?? "give one of these"
    ExitStatus.usage.exit("--complete: \(list): \(given)")
  }

  private func put(_ name: [UInt8]) {
    _ = (name + [0]).withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, stdout) }
  }

  // MARK: - Names

  private func livingNames(_ kind: Kind) -> [[UInt8]] {
    let census = Session.current.census(counting: false)
    let entries = Session.Place.allCases.flatMap { (try? census.list($0)) ?? [] }
    // A name that is known only in part would be another object's.
    return entries.filter { $0.isWhole && kind.fits($0.type) }
      .flatMap { spellings(of: $0.name) }
  }

  private static let local = Array(#"Local\"#.utf8)

  /// How a name may be written. A name in `Local\` is shorter without its prefix; it is offered
  /// with the prefix if that is typed, and if it would otherwise be read as an option.
  private func spellings(of name: [UInt8]) -> [[UInt8]] {
    guard name.starts(with: Self.local) else { return [name] }
    let short = Array(name.dropFirst(Self.local.count))
    if short.first == UInt8(ascii: "-") { return [name] }
    return typed.isEmpty ? [short] : [short, name]
  }

  /// Asks servers only if such a name may be meant.
  private func wineNames(_ kind: Kind) -> [[UInt8]] {
    guard kind != .files, kind != .messages,
      typed.starts(with: WineName.start) || WineName.start.starts(with: typed)
    else { return [] }
    return WinePrefixes.hasty.names().flatMap(wineSpellings)
  }

  private static let wineLocal = WineName.start + Array(#"Local\"#.utf8)

  /// The same, if `Local` is typed after the first backslash.
  private func wineSpellings(of name: [UInt8]) -> [[UInt8]] {
    guard name.starts(with: Self.wineLocal) else { return [name] }
    let short = WineName.start + Array(name.dropFirst(Self.wineLocal.count))
    guard (try? WineName(short, for: "complete"))?.bytes == name else { return [name] }
    return typed.count > WineName.start.count ? [short, name] : [short]
  }

  /// The files beside our directories that this user may remove; semaphores are not among them.
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

extension Completion.Kind {
  /// May an object of this type be meant?
  fileprivate func fits(_ type: String) -> Bool {
    switch self {
    case .memory: type == "mapping"
    case .messages: WaitableKinds.all.contains { $0.name == type && $0.ring != nil }
    default: true
    }
  }
}
