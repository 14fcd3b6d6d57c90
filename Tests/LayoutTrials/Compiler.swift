import Glibc
import SharedMemory
import TestSupport

/// What a C compiler says of declarations, read out of an object file: nothing is run.
public struct Compiler: Sendable {
  public let abi: Layout.ABI
  public let command: String
  private let objcopy: String
  private let flags: [String]
  public let isCPlusPlus: Bool

  private init(
    _ abi: Layout.ABI, _ command: String, _ objcopy: String, _ flags: [String] = [],
    isCPlusPlus: Bool = false
  ) {
    self.abi = abi
    self.command = command
    self.objcopy = objcopy
    self.flags = flags + (isCPlusPlus ? ["-std=gnu++17", "-fno-access-control"] : ["-std=gnu17"])
    self.isCPlusPlus = isCPlusPlus
  }

  private static let windowsCopy = "x86_64-w64-mingw32-objcopy"
  private static let microsoftFlags = ["--target=x86_64-pc-windows-msvc", "-ffreestanding"]

  public static let gcc = Compiler(.linux, "gcc", "objcopy")
  public static let mingw = Compiler(.mingw, "x86_64-w64-mingw32-gcc", windowsCopy)
  /// Microsoft's ABI, of which the clang of Swift's toolchain is the judge.
  public static let microsoft = Compiler(.windows, clang, windowsCopy, microsoftFlags)
  public static let gxx = Compiler(.linux, "g++", "objcopy", isCPlusPlus: true)
  public static let mingwxx = Compiler(
    .mingw, "x86_64-w64-mingw32-g++", windowsCopy, isCPlusPlus: true)
  public static let microsoftxx = Compiler(
    .windows, clang, windowsCopy, microsoftFlags, isCPlusPlus: true)

  /// Beside the real `swift`.
  public static var clang: String {
    for folder in String(cString: getenv("PATH")).split(separator: ":") {
      guard let real = realpath("\(folder)/swift", nil) else { continue }
      defer { free(real) }
      let folder = String(cString: real).split(separator: "/").dropLast().joined(separator: "/")
      return "/\(folder)/clang"
    }
    return "clang"
  }

  /// For reports: the ABI and the language.
  public var name: String { "\(abi) \(isCPlusPlus ? "C++" : "C")" }

  public var isInstalled: Bool {
    let isThere = command.contains("/") ? access(command, X_OK) == 0 : Places.haveInstalled(command)
    return isThere && Places.haveInstalled(objcopy)
  }

  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// The numbers of the section `.mpnum`, and the bytes of `.mpbits`.
  public func sections(_ source: String) throws -> (numbers: [UInt64], bytes: [UInt8]) {
    let folder = "/tmp/\(Places.unique("moonpool-layout"))"
    mkdir(folder, 0o700)
    let name = isCPlusPlus ? "a.cc" : "a.c"
    let files = [name, "a.o", "numbers", "bytes"].map { "\(folder)/\($0)" }
    defer {
      for file in files { unlink(file) }
      rmdir(folder)
    }
    try write(source, to: files[0])
    try call(command, flags + ["-w", "-c", files[0], "-o", files[1]])
    try call(objcopy, ["-O", "binary", "-j", ".mpnum", files[1], files[2]])
    try call(objcopy, ["-O", "binary", "-j", ".mpbits", files[1], files[3]])
    let numbers = contents(files[2])
    let words = stride(from: 0, to: numbers.count / 8 * 8, by: 8).map { start in
      numbers[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    return (words, contents(files[3]))
  }

  /// What `-dM -E` says of an empty file, but clang's own names and versions.
  public func predefined() throws -> [String: String] {
    let target = flags.filter { $0.hasPrefix("--target") }
    let language = isCPlusPlus ? "c++" : "c"
    let outcome = run(command, target + ["-dM", "-E", "-x", language, "/dev/null"])
    var macros: [String: String] = [:]
    for line in outcome.output.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
      guard words.count > 1, !words[1].contains("(") else { continue }
      macros[String(words[1])] = words.count > 2 ? String(words[2]) : ""
    }
    for name in macros.keys where Self.isOwn(name) || (abi == .windows && Self.isClangs(name)) {
      macros[name] = nil
    }
    return macros
  }

  /// Which of these names the headers declare as types.
  public func types(_ names: [String], in headers: [String]) throws -> [String] {
    let lines = names.enumerated().map { "typedef \($1) moonpool_\($0);\n" }.joined()
    let path = "/tmp/\(Places.unique("moonpool-types")).c"
    defer { unlink(path) }
    try write(headers.map { "#include <\($0)>\n" }.joined() + lines, to: path)
    let outcome = run(command, flags + ["-w", "-fsyntax-only", "-fmax-errors=0", path])
    var unknown: Set<Substring> = []
    for line in outcome.errors.split(separator: "\n") {
      guard let reason = line.firstRange(of: "unknown type name ") else { continue }
      let word = line[reason.upperBound...].dropFirst()
      unknown.insert(word.prefix { $0 == "_" || $0.isLetter || $0.isNumber })
    }
    return names.filter { !unknown.contains($0[...]) }
  }

  /// Values that change with each compiler's version, or only with the tests' flags.
  private static func isOwn(_ name: String) -> Bool {
    name.contains("VERSION") || name.hasPrefix("__GNU") || name.hasPrefix("_MSC")
      || name == "__STDC_HOSTED__" || name == "linux" || name == "unix" || name == "__cplusplus"
      || name == "_MSVC_LANG" || name.hasPrefix("__cpp_") || name.hasPrefix("__GXX")
  }

  private static func isClangs(_ name: String) -> Bool {
    let words = [
      "clang", "CLANG", "llvm", "OPENCL", "MEMORY_SCOPE", "OBJC", "_FMT", "FPCLASS", "STDC_EMBED",
      "CONSTANT_CFSTRINGS", "BOOL_DEFINED",
    ]
    return words.contains { name.contains($0) }
  }

  private func call(_ command: String, _ arguments: [String]) throws {
    let outcome = run(command, arguments)
    if outcome.status != 0 {
      throw Failure(description: "\(command): \(outcome.errors.prefix(2000))")
    }
  }

  private func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw Failure(description: "cannot write \(path)") }
    fputs(text, file)
    fclose(file)
  }

  private func contents(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 {
      bytes += piece.prefix(count)
    }
    return bytes
  }
}

/// Asks a compiler and the library the same about many declarations.
public struct Comparison {
  /// Names that headers define; the library knows them.
  static let prelude = """
    #include <stdint.h>
    #include <stddef.h>
    #ifndef __cplusplus
    typedef __CHAR16_TYPE__ char16_t; typedef __CHAR32_TYPE__ char32_t;
    #endif
    typedef unsigned int DWORD; typedef unsigned short WORD; typedef unsigned char BYTE;
    typedef int BOOL; typedef uint16_t WCHAR; typedef long long LONGLONG; typedef float FLOAT;
    typedef void *HANDLE;

    """

  /// As many declarations of the seed, in translation units of 250.
  public static func differences(
    _ count: Int, seed: UInt64, _ compiler: Compiler
  ) throws -> [String] {
    var found: [String] = []
    for start in stride(from: 0, to: count, by: 250) {
      let declarations = (start..<min(start + 250, count)).map {
        compiler.isCPlusPlus
          ? ClassMaker.make($0, seed: seed) : DeclarationMaker.make($0, seed: seed, compiler.abi)
      }
      found += try differences(declarations, compiler)
    }
    return found
  }

  /// Where library and compiler differ, with the declaration.
  public static func differences(
    _ declarations: [Declaration], _ compiler: Compiler
  ) throws -> [String] {
    let (numbers, bytes) = try compiler.sections(source(declarations, compiler))
    var rest = numbers[...]
    var found: [String] = []
    for declaration in declarations {
      do {
        var options = Layout.Options(abi: compiler.abi, type: declaration.name)
        options.language = compiler.isCPlusPlus ? .cPlusPlus : .c
        let layout = try Layout(declaration.text, options: options)
        found += try compare(declaration, layout, &rest, bytes).map {
          "\(compiler.name): \(declaration.name) \($0)\n\(declaration.text)"
        }
      } catch {
        let count = 2 + declaration.members.count + declaration.bitFields.count
        rest = rest.dropFirst(count)
        found.append("\(compiler.name): \(declaration.name): \(error)\n\(declaration.text)")
      }
    }
    return found
  }

  private static func source(_ declarations: [Declaration], _ compiler: Compiler) -> String {
    var text = prelude
    var numbers: [String] = []
    var objects = ""
    var values: [String] = []
    for declaration in declarations {
      let name = declaration.name
      text += declaration.text
      numbers += ["sizeof(\(name))", "\(compiler.isCPlusPlus ? "alignof" : "_Alignof")(\(name))"]
      numbers += declaration.members.map { "offsetof(\(name), \($0))" }
      for (index, path) in declaration.bitFields.enumerated() {
        objects += "\(name) \(name)_\(index);\n"
        numbers.append("offsetof(struct all, \(name)_\(index))")
        values.append(".\(name)_\(index) = { .\(path) = -1 }")
      }
    }
    text += "struct all {\n\(objects)char end;\n};\n"
    text += "__attribute__((section(\".mpbits\"), used)) const struct all bits = {\n"
    text += values.joined(separator: ",\n") + "\n};\n"
    text += "__attribute__((section(\".mpnum\"), used)) const unsigned long long numbers[] = {\n"
    text += numbers.joined(separator: ",\n") + "\n};\n"
    return text
  }

  private static func compare(
    _ declaration: Declaration, _ layout: Layout, _ rest: inout ArraySlice<UInt64>,
    _ bytes: [UInt8]
  ) throws -> [String] {
    let answers = rest.prefix(2 + declaration.members.count + declaration.bitFields.count)
    rest = rest.dropFirst(answers.count)
    let answer = answers.map { Int($0) }
    var found: [String] = []
    if layout.size != answer[0] { found.append("sizeof \(layout.size), not \(answer[0])") }
    if layout.alignment != answer[1] {
      found.append("alignof \(layout.alignment), not \(answer[1])")
    }
    for (index, member) in declaration.members.enumerated() {
      let offset = try layout.offset(of: member)
      if offset != answer[2 + index] {
        found.append("offset of \(member) \(offset), not \(answer[2 + index])")
      }
    }
    for (index, path) in declaration.bitFields.enumerated() {
      let start = answer[2 + declaration.members.count + index]
      let theirs = Array(bytes[start..<start + answer[0]])
      let ours = try ones(path, in: layout)
      if ours != theirs { found.append("bits of \(path) \(short(ours)), not \(short(theirs))") }
    }
    return found
  }

  private static func short(_ bytes: [UInt8]) -> String {
    bytes.enumerated().filter { $0.element != 0 }
      .map { "\($0.offset):\(String($0.element, radix: 2))" }.joined(separator: " ")
  }

  /// An object whose bit-field is all ones.
  private static func ones(_ path: String, in layout: Layout) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: layout.size)
    guard let bits = try layout.bits(of: path) else { return bytes }
    for bit in bits.bit..<bits.bit + bits.width {
      let byte = try layout.offset(of: path) + bit / 8
      if byte < bytes.count { bytes[byte] |= 1 << (bit % 8) }
    }
    return bytes
  }
}
