import Compilers
import Glibc
import LuaHost
import Scenarios
import SharedMemory

/// What the words of `moonpool play` mean: files, the Lua files of folders, scenarios inside the
/// binary.
struct ScenarioFiles {
  private let words: [String]

  init(_ words: [String]) { self.words = words }

  /// All of them, or what is wrong with a word.
  var found: (files: [Plays.File], complaint: String?) {
    var files: [Plays.File] = []
    for word in words {
      guard let more = Self.files(of: ParserText.decodedString(word)) else {
        return ([], Self.unknown(word))
      }
      files += more
    }
    return (files, nil)
  }

  static func isFolder(_ word: String) -> Bool {
    var status = stat()
    return stat(ParserText.decodedString(word), &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func unknown(_ word: String) -> String {
    let name = ParserText.decodedString(word)
    let near = Bundle.nearest(name, among: Bundle.scenarios.map(\.name))
    let advice = near.map { "did you mean '\($0)'?" } ?? "'moonpool scripts' lists those inside"
    let reason = access(name, F_OK) == 0 ? "cannot be read" : "no such file, and no such scenario"
    return "\(shown(Array(name.utf8))): \(reason); \(advice)"
  }

  private static func files(of word: String) -> [Plays.File]? {
    if isFolder(word) {
      return luaFiles(in: word).compactMap(file).filter { $0.mayBeScenario }
    }
    if let file = file(word) { return [file] }
    return Bundle.scenario(word).map { text in
      [
        Plays.File(
          shown: word,
          text: .init(bytes: Array(text.bytes), name: "\(word).lua", folder: "."))
      ]
    }
  }

  private static func file(_ path: String) -> Plays.File? {
    guard access(path, F_OK) == 0, !isFolder(path), let bytes = TextFile.read(path) else {
      return nil
    }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    return Plays.File(
      shown: path,
      text: .init(bytes: bytes, name: path, folder: folder.isEmpty ? "/" : folder))
  }

  private static func luaFiles(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".lua") { names.append(name) }
    }
    let stem = folder.hasSuffix("/") ? folder : folder + "/"
    return names.sorted().map { stem + $0 }
  }
}

extension Plays.File {
  /// Of a folder's files none runs that cannot be one: it has the word nowhere.
  fileprivate var mayBeScenario: Bool {
    text.bytes.firstRange(of: Array("scenario".utf8)) != nil
  }
}

extension ParserText {
  /// As text, for who opens files by it.
  static func decodedString(_ word: String) -> String {
    String(decoding: decode(word), as: UTF8.self)
  }
}
