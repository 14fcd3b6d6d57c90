package import Declarations

/// What a compiler says of declarations: it makes an object file with debugging information, and the
/// types are read out of that. Nothing is linked or run.
package struct CompiledLayout {
  package let compiler: InstalledCompiler
  private let types: ObjectTypes
  private let options: Layout.Options
  private let language: Layout.Language
  private let folder: PrivateFolder
  private let source: String
  /// What the compiler needs to find names that the header lacks.
  private let more: [String]
  private let constants: [(name: String, value: Int64)]
  /// What the header lacks and was taken from elsewhere, for people.
  package let notes: [String]

  /// `name`: the compiler's; empty: any that is here.
  ///
  /// - Throws: what the compiler says, or why its file cannot be read.
  package init(
    _ bytes: [UInt8], _ options: Layout.Options, _ name: String = ""
  ) throws(LayoutError) {
    guard let compiler = InstalledCompiler.find(name, options.abi) else {
      throw LayoutError(Self.missing(name, options.abi))
    }
    self.compiler = compiler
    self.options = options
    guard let folder = PrivateFolder() else {
      throw LayoutError("no folder for the compiler's files")
    }
    self.folder = folder
    source = options.file ?? "\(folder.path)/declarations.h"
    if options.file == nil, !TextFile.write(bytes, to: source) {
      throw LayoutError("cannot write \(source)")
    }
    // A header does not tell its language: C first, where nobody says it.
    let languages: [Layout.Language] =
      options.language.map { [$0] } ?? (Self.isCPlusPlus(source) ? [.cPlusPlus] : [.c, .cPlusPlus])
    var failure = LayoutError("the compiler was not started")
    for language in languages {
      do throws(LayoutError) {
        var missing = MissingDeclarations(bytes, source, options, language, folder.path)
        let object = try Self.compile(
          compiler, source, options, language, folder.path, &missing)
        types = try Self.read(object)
        constants = Self.constants(
          compiler, source, options, language, folder.path, missing.arguments)
        notes = missing.notes
        more = missing.arguments
        self.language = language
        return
      } catch {
        if error.message.hasSuffix(Self.tooSlow) { throw error }
        // Of two languages the errors of the last one: what C has not C++ may have. A gcc without
        // C++ says only that it lacks its `cc1plus`.
        let isLacking = language == .cPlusPlus && error.message.contains("cc1plus")
        if languages.count == 1 || !isLacking { failure = error }
      }
    }
    throw failure
  }

  /// Tags and typedefs of the structs and unions that the file defines.
  package var names: [String] { types.names }

  /// `alignments`: what `alignments(of:)` said; nil: the compiler is asked for this one.
  package func layout(
    _ name: String?, _ alignments: [String: Int]? = nil
  ) throws(LayoutError) -> Layout {
    do throws(ObjectFault) {
      let layout = try types.layout(name, options.abi, constants: constants)
      guard let spelling = types.spelling(of: name) else { return layout }
      let known = alignments ?? self.alignments(spelled: [spelling])
      return known[spelling].map { layout.aligned(to: $0) } ?? layout
    } catch {
      throw LayoutError("\(compiler.command[0]): \(error)")
    }
  }

  /// Debugging information tells no alignment of packed types: one more run of the compiler does, of
  /// as many as there are. By the types' names with their keywords; empty: it cannot say.
  package func alignments(of names: [String]) -> [String: Int] {
    alignments(spelled: names.compactMap { types.spelling(of: $0) })
  }

  private func alignments(spelled names: [String]) -> [String: Int] {
    let asked = language == .c ? "_Alignof" : "alignof"
    let lines = names.enumerated().map { index, name in
      "enum moonpool_\(index) { moonpool_alignment_\(index) = \(asked)(\(name)) } "
        + "moonpool_aligned_\(index);\n"
    }
    let main = "\(folder.path)/alignments.h"
    let before = more + ["-include", source] + (language == .c ? [] : ["-fno-access-control"])
    guard TextFile.write(Array(lines.joined().utf8), to: main),
      let object = try? Self.compile(compiler, main, options, language, folder.path, before),
      let told = try? Self.read(object)
    else { return [:] }
    var result: [String: Int] = [:]
    for (index, name) in names.enumerated() {
      result[name] = told.enumerator("moonpool_alignment_\(index)").map { Int($0) }
    }
    return result
  }

  /// The compiler's layout; where the library's own reader can answer, too, both must be the same.
  package static func checked(
    _ bytes: [UInt8], _ options: Layout.Options, _ name: String
  ) throws(LayoutError) -> Layout {
    let compiled = try CompiledLayout(bytes, options, name)
    let layout = try compiled.layout(options.type)
    guard let own = try? Layout(bytes: bytes, options) else { return layout }
    if let difference = own.difference(from: layout) {
      throw LayoutError(
        "the library and \(compiled.compiler.command[0]) differ in '\(layout.name)', \(difference): "
          + "say what is defined, or take one of them")
    }
    return layout
  }

  /// What to tell beside an error of the library's own reader; nil: no compiler is here.
  package static func advice(_ options: Layout.Options) -> String? {
    guard InstalledCompiler.find("", options.abi) != nil else { return nil }
    let abi = options.abi == .linux ? "" : " --abi \(options.abi)"
    return "a compiler is here and may know more: moonpool layout \(options.file ?? "FILE.h")\(abi)"
  }

  private static func missing(_ name: String, _ abi: Layout.ABI) -> String {
    if !name.isEmpty { return "there is no compiler '\(name)'" }
    return switch abi {
    case .linux: "no compiler is here: install gcc or clang"
    case .windows: "no clang is here, which knows Microsoft's ABI: install clang"
    case .mingw: "mingw's gcc is not here: install gcc-mingw-w64-x86-64"
    }
  }

  private static func isCPlusPlus(_ path: String) -> Bool {
    [".hpp", ".hh", ".hxx", ".h++", ".cpp", ".cc", ".cxx"].contains { path.hasSuffix($0) }
  }

  // MARK: Compiling

  /// The other language would take as long.
  private static let tooSlow = "took longer than 10 seconds"

  private static func arguments(
    _ options: Layout.Options, _ language: Layout.Language
  ) -> [String] {
    ["-x", language == .c ? "c" : "c++"] + options.folders.map { "-I\($0)" }
      + options.define.map { name, text in
        text.map { "-D\(name)=\($0)" } ?? "-U\(name)"
      }
  }

  /// Again and again while what the compiler misses is known. If that was not enough, its first
  /// errors and those that are left.
  private static func compile(
    _ compiler: InstalledCompiler, _ source: String, _ options: Layout.Options,
    _ language: Layout.Language, _ folder: String, _ missing: inout MissingDeclarations
  ) throws(LayoutError) -> [UInt8] {
    var failure: LayoutError?
    while true {
      do throws(LayoutError) {
        return try compile(compiler, source, options, language, folder, missing.arguments)
      } catch {
        let first = failure ?? error
        failure = first
        let errors = String(decoding: TextFile.read("\(folder)/errors") ?? [], as: UTF8.self)
        if missing.learn(errors) { continue }
        let left = first.message == error.message ? [] : missing.notes + [error.message]
        throw LayoutError(([first.message] + left).joined(separator: "\n"))
          .naming(command: missing.advice)
      }
    }
  }

  private static func compile(
    _ compiler: InstalledCompiler, _ source: String, _ options: Layout.Options,
    _ language: Layout.Language, _ folder: String, _ more: [String]
  ) throws(LayoutError) -> [UInt8] {
    let object = "\(folder)/declarations.o"
    // gcc tells of types that nobody uses only if it is asked to.
    let flags =
      [
        "-O0", "-g", "-gdwarf-5", "-fno-eliminate-unused-debug-types", "-fno-debug-types-section",
        "-gz=none", "-w", "-c", "-o", object,
      ]
      + (compiler.isClang
        ? ["-fstandalone-debug", "-ferror-limit=0"] : ["-femit-class-debug-always"])
    let command = compiler.command + flags + arguments(options, language) + more + [source]
    let errors = "\(folder)/errors"
    switch CompilerProcess.run(command, output: "\(folder)/output", errors: errors) {
    case .ended(0): break
    case .notStarted: throw LayoutError("\(compiler.command[0]) cannot be started")
    case .tooSlow: throw LayoutError("\(compiler.command[0]) \(tooSlow)")
    case .ended(let status):
      let text = String(decoding: TextFile.read(errors) ?? [], as: UTF8.self)
      let lines = text.split(separator: "\n").filter { $0.contains("error") }.prefix(5)
      throw LayoutError(
        lines.isEmpty
          ? "\(compiler.command[0]) failed with \(status)"
          : lines.map { $0.replacing("\(folder)/", with: "") }.joined(separator: "\n"))
    }
    guard let bytes = TextFile.read(object) else {
      throw LayoutError("\(compiler.command[0]) wrote no object file")
    }
    return bytes
  }

  private static func read(_ object: [UInt8]) throws(LayoutError) -> ObjectTypes {
    do throws(ObjectFault) {
      return try ObjectTypes(object)
    } catch {
      throw LayoutError("the object file: \(error)")
    }
  }

  /// `-E -dD` gives each `#define` with the file that it is in; those of system headers are left out.
  private static func constants(
    _ compiler: InstalledCompiler, _ source: String, _ options: Layout.Options,
    _ language: Layout.Language, _ folder: String, _ more: [String]
  ) -> [(name: String, value: Int64)] {
    let output = "\(folder)/macros"
    let command =
      compiler.command + ["-E", "-dD", "-w"] + arguments(options, language) + more + [source]
    let outcome = CompilerProcess.run(command, output: output, errors: "\(folder)/errors")
    guard outcome == .ended(0), let bytes = TextFile.read(output) else { return [] }
    return MacroConstants.values(bytes, options.abi)
  }
}
