import ArgumentParser
import Compilers
import SharedMemory

struct LayoutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layout",
    abstract: "Ask an installed compiler how a header's structures lie in memory.",
    discussion: """
      The header is compiled, not run. Names of well-known headers that are not here are the \
      library's; others come from the one header beside it that declares them. Both are told. --lua writes declarations with every offset in them, to keep \
      beside a script: the machine that runs it needs no compiler then. --check compares what \
      shm.layout reads with what the compiler says, for TYPE or for each structure of the header.
      """)

  enum Machine: String, ExpressibleByArgument, CaseIterable {
    case linux, windows, mingw

    var abi: Layout.ABI {
      switch self {
      case .linux: .linux
      case .windows: .windows
      case .mingw: .mingw
      }
    }
  }

  enum Language: String, ExpressibleByArgument, CaseIterable {
    case c
    case cPlusPlus = "c++"
  }

  @Argument(help: "The header.") var file: String
  @Argument(help: "A struct, union or typedef; the header's last by default.") var type: String?
  @Option(help: "Whose compiler: windows is Microsoft's, as clang knows it.") var abi = Machine
    .linux
  @Option(help: "A folder for #include; may be repeated.") var include: [String] = []
  @Option(help: "A macro, NAME or NAME=TEXT; may be repeated.") var define: [String] = []
  @Option(help: "C by default, and C++ where that fails.") var language: Language?
  @Option(help: "The compiler's name or path; any that is here by default.") var compiler = ""
  @Flag(help: "Print JSON.") var json = false
  @Flag(help: "Write a Lua module that returns the layout.") var lua = false
  @Flag(help: "Compare shm.layout's own reader with the compiler.") var check = false

  func validate() throws {
    if [json, lua, check].count(where: { $0 }) > 1 {
      throw ValidationError("--json, --lua and --check are three different outputs")
    }
  }

  func run() {
    // The compiler's folder is gone when the process ends: `exit` runs no deinitializer.
    if !succeeds() { ExitStatus.failure.exit() }
  }

  private func succeeds() -> Bool {
    do throws(LayoutError) {
      guard let bytes = TextFile.read(file) else { throw LayoutError("cannot read \(file)") }
      let compiled = try CompiledLayout(bytes, options, compiler)
      for note in compiled.notes { ExitStatus.note("layout: \(note)") }
      if check { return try compare(bytes, compiled) }
      let layout = try compiled.layout(type)
      if lua {
        print(try module(layout))
      } else {
        print(json ? Self.json(layout) : layout.description)
      }
      return true
    } catch {
      ExitStatus.failure.exit("layout: \(error.description)")
    }
  }

  private var options: Layout.Options {
    var options = Layout.Options(abi: abi.abi, type: type)
    options.file = file
    options.folders = include
    options.language = language.map { $0 == .c ? .c : .cPlusPlus }
    options.define = define.map { item in
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "1")
    }
    options.read = { TextFile.read($0) }
    return options
  }

  // MARK: Outputs

  /// The declarations are parsed again before they are printed, to be sure that they say the same.
  private func module(_ layout: Layout) throws(LayoutError) -> String {
    let text = layout.explicitDeclarations
    let again = try Layout(text, abi: .linux)
    if let difference = layout.difference(fromPadded: again) {
      throw LayoutError("the declarations do not say the same, \(difference)")
    }
    let name = layout.name.isEmpty ? "a structure" : layout.name
    return """
      -- \(name) of \(file), as \(abi.rawValue) has it. Written by moonpool layout --lua.
      return shm.layout [==[
      \(text)
      ]==]
      """
  }

  private static func json(_ layout: Layout) -> String {
    let members = layout.members.map { member in
      var fields: [JSON.Field] = [
        ("path", JSON.string(member.path)), ("offset", "\(member.offset)"),
        ("size", "\(member.size)"), ("type", JSON.string(member.type)),
        ("kind", JSON.string(member.kind)),
      ]
      if !member.counts.isEmpty {
        fields.append(("counts", "[" + member.counts.map { "\($0)" }.joined(separator: ", ") + "]"))
      }
      if member.width > 0 { fields += [("bit", "\(member.bit)"), ("width", "\(member.width)")] }
      if member.isBigEndian { fields.append(("order", JSON.string("big"))) }
      return JSON.object(fields)
    }
    let constants = layout.constants.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
    return JSON.object([
      ("name", JSON.string(layout.name)), ("size", "\(layout.size)"),
      ("alignment", "\(layout.alignment)"), ("members", JSON.array(members)),
      ("constants", JSON.object(constants)),
    ])
  }

  /// Exit status 1: some differ, or the library cannot read them.
  private func compare(
    _ bytes: [UInt8], _ compiled: CompiledLayout
  ) throws(LayoutError) -> Bool {
    var (bad, refused) = (0, 0)
    let names = type.map { [$0] } ?? compiled.names
    let own: LayoutDeclarations
    do throws(LayoutError) {
      own = try LayoutDeclarations(bytes, options)
    } catch {
      throw LayoutError("shm.layout cannot read it: \(error.description)")
    }
    let alignments = compiled.alignments(of: names)
    for name in names {
      let theirs: Layout
      do throws(LayoutError) {
        theirs = try compiled.layout(name, alignments)
      } catch {
        // Of virtual functions and the like: nobody's memory.
        refused += 1
        print(error.message)
        continue
      }
      do throws(LayoutError) {
        if let difference = try own.layout(name).difference(from: theirs) {
          bad += 1
          print("\(name): shm.layout and the compiler differ, \(difference)")
        }
      } catch {
        bad += 1
        print("\(name): shm.layout cannot read it: \(error.message)")
      }
    }
    let alike = names.count - bad - refused
    print(
      "\(names.count) structure\(names.count == 1 ? "" : "s"), \(alike) alike"
        + (refused > 0 ? ", \(refused) that cannot be shared" : ""))
    return bad == 0
  }
}
