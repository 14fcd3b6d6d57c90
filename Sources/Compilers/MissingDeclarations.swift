internal import Declarations
internal import Glibc

/// What a header needs that is compiled alone and on another system: the names of well-known headers
/// that are not here, as the library knows them, and the headers beside it that declare the rest.
/// Found by the compiler's errors; the compiler still has the last word on every place.
struct MissingDeclarations {
  private let bytes: [UInt8]
  private let source: String
  private let folders: [String]
  private let abi: Layout.ABI
  private let isCPlusPlus: Bool
  private let folder: String
  private var names: [String] = []
  private var headers: [String] = []
  /// Beside the header, to be included first; the last one that was found comes first.
  private var first: [(path: String, name: String)] = []
  private var rounds = 0

  private static let mostRounds = 8
  private static let mostFiles = 64
  private static let mostBytes = 1 << 20

  /// `folder`: a private one, for the files that are made.
  init(
    _ bytes: [UInt8], _ source: String, _ options: Layout.Options, _ language: Layout.Language,
    _ folder: String
  ) {
    self.bytes = bytes
    self.source = source
    self.folder = folder
    abi = options.abi
    isCPlusPlus = language == .cPlusPlus
    folders = [Self.parent(of: source)] + options.folders
  }

  private static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  /// For the compiler; none while nothing is missing.
  var arguments: [String] {
    if rounds == 0 { return [] }
    return ["-idirafter", folder, "-include", "\(folder)/known.h"]
      + first.reversed().flatMap { ["-include", $0.path] }
  }

  /// What was taken from elsewhere, for people.
  var notes: [String] {
    let known = headers + names
    let told =
      known.isEmpty ? [] : ["not here, as the library knows it: \(known.joined(separator: ", "))"]
    return told + first.map { "included first, for \($0.name): \($0.path)" }
  }

  /// What else can be tried; nil: nothing.
  private(set) var advice: String?

  /// Reads the compiler's errors. False: nothing in them can be helped.
  mutating func learn(_ errors: String) -> Bool {
    if rounds == Self.mostRounds { return false }
    let found = Self.missing(in: errors)
    if abi == .windows, found.headers.contains(where: { KnownDeclarations.isOfCPlusPlus($0) }) {
      advice = "C++'s own library is not here for windows; mingw's is: --abi mingw"
    }
    if abi == .linux {
      advice = found.names.sorted().compactMap { KnownDeclarations.meanings(of: $0) }.first
    }
    let isNew = addHeaders(found.headers) || addNames(found.names)
    guard isNew else { return false }
    rounds += 1
    var known = KnownDeclarations(abi, isCPlusPlus: isCPlusPlus)
    // Where the real header is, it and the tables would say the same twice.
    let text =
      abi == .mingw
      ? "#include <windows.h>\n#include <stdint.h>\n"
      : known.declare(names) + KnownDeclarations.macros(in: bytes)
    unlink("\(folder)/known.h")
    return TextFile.write(Array(text.utf8), to: "\(folder)/known.h")
  }

  private mutating func addHeaders(_ found: [String]) -> Bool {
    var isNew = false
    for header in found where !headers.contains(header) {
      let plain = KnownDeclarations.headerOfC(header)
      guard plain != nil || KnownDeclarations.isHeader(header) else { continue }
      if let slash = header.firstIndex(of: "/") { mkdir("\(folder)/\(header[..<slash])", 0o700) }
      let text = plain.map { "#include <\($0)>\n" } ?? KnownDeclarations.stub(header, abi)
      unlink("\(folder)/\(header)")  // of another language's try
      guard TextFile.write(Array(text.utf8), to: "\(folder)/\(header)") else { continue }
      headers.append(header)
      isNew = true
    }
    return isNew
  }

  private mutating func addNames(_ found: Set<String>) -> Bool {
    let known = KnownDeclarations(abi, isCPlusPlus: isCPlusPlus)
    let new = found.filter { known.knows($0) && !names.contains($0) }.sorted()
    names += new
    let others = found.filter { !known.knows($0) }
    return addFiles(others) || !new.isEmpty
  }

  /// Headers beside this one that declare a name, if only one of them does.
  private mutating func addFiles(_ missing: Set<String>) -> Bool {
    if missing.isEmpty { return false }
    var declaring: [String: [String]] = [:]
    for path in neighbours() {
      guard let bytes = TextFile.read(path), bytes.count <= Self.mostBytes else { continue }
      for name in KnownDeclarations.declared(missing, in: bytes) {
        declaring[name, default: []].append(path)
      }
    }
    var isNew = false
    for (name, paths) in declaring.sorted(by: { $0.key < $1.key }) where paths.count == 1 {
      if first.contains(where: { $0.path == paths[0] }) { continue }
      first.append((paths[0], name))
      isNew = true
    }
    return isNew
  }

  private func neighbours() -> [String] {
    var paths: [String] = []
    for folder in folders {
      guard let open = opendir(folder) else { continue }
      defer { closedir(open) }
      while let entry = readdir(open), paths.count < Self.mostFiles {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let isHeader = [".h", ".hpp", ".hh", ".hxx"].contains { name.hasSuffix($0) }
        if isHeader && "\(folder)/\(name)" != source { paths.append("\(folder)/\(name)") }
      }
    }
    return paths.sorted()
  }

  // MARK: The compilers' errors

  private static let reasons = [
    "unknown type name", "does not name a type", "undeclared", "not declared", "been declared",
    "incomplete type", "incomplete element type", "no type named", "undefined",
    "expected class name", "not a class",
  ]

  private static func missing(in errors: String) -> (headers: [String], names: Set<String>) {
    var headers: [String] = []
    var names: Set<String> = []
    for line in errors.split(separator: "\n") where line.contains("error:") {
      let text = line[(line.firstRange(of: "error:")?.upperBound ?? line.startIndex)...]
      if text.hasSuffix("No such file or directory") {
        headers.append(String(text.split(separator: ":")[0].drop { $0 == " " }))
      } else if text.hasSuffix("file not found"), let name = quoted(text).first {
        headers.append(name)
      } else if reasons.contains(where: { text.contains($0) }), let name = quoted(text).first {
        let word = name.split(separator: " ").last.map(String.init) ?? name
        names.insert(word)
      }
    }
    return (headers, names)
  }

  /// What stands in quotes of either kind.
  private static func quoted(_ line: Substring) -> [String] {
    var result: [String] = []
    var rest = line
    while let start = rest.firstIndex(where: { $0 == "'" || $0 == "\u{2018}" }) {
      rest = rest[rest.index(after: start)...]
      guard let end = rest.firstIndex(where: { $0 == "'" || $0 == "\u{2019}" }) else { break }
      result.append(String(rest[..<end]))
      rest = rest[rest.index(after: end)...]
    }
    return result
  }
}
