internal import CLuaShm
internal import Glibc

/// What the command line asks the interpreter to run.
public struct Program: Sendable {
  /// What comes before the script, in order.
  public enum Step: Sendable {
    /// `-e`
    case run([UInt8])
    /// `-l`: `module` or `global=module`
    case require([UInt8])
    /// `-W`
    case warnings
  }

  /// All arguments, the interpreter's name first: Lua's `arg`.
  public var arguments: [[UInt8]]
  /// The index of the script's name in `arguments`; nil: there is none.
  public var script: Int?
  public var steps: [Step] = []
  /// Whether Lua's version is printed first: `-v`.
  public var showsVersion = false
  /// Whether `LUA_INIT`, `LUA_PATH` and `LUA_CPATH` count; not with `-E`.
  public var heedsEnvironment = true
  /// Whether standard input is run after all others, line by line: `-i` without a terminal.
  public var readsLines = false
  /// Whether standard input is run after the steps, as one chunk.
  public var standardInput = false

  public init(arguments: [[UInt8]]) { self.arguments = arguments }

  /// Plain buffers: an array of pointers would cost an instantiation of a generic type, which is
  /// a tenth of what an interpreter needs to start.
  borrowing func withPlainData(_ body: (UnsafePointer<luashm_program>) -> Bool) -> Bool {
    let texts = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
      capacity: arguments.count)
    for index in arguments.indices { texts[index] = Self.terminated(arguments[index]) }
    let plainSteps = UnsafeMutablePointer<luashm_step>.allocate(capacity: steps.count)
    for index in steps.indices { plainSteps[index] = steps[index].plainData }
    defer {
      for index in steps.indices { free(UnsafeMutablePointer(mutating: plainSteps[index].text)) }
      for index in arguments.indices { free(texts[index]) }
      plainSteps.deallocate()
      texts.deallocate()
    }
    let name = arguments.first.flatMap { $0.isEmpty ? nil : texts[0] }
    var program = luashm_program(
      count: Int32(arguments.count), arguments: texts, script: Int32(script ?? 0),
      steps: plainSteps, step_count: Int32(steps.count), version: showsVersion,
      environment: heedsEnvironment, lines: readsLines, standard_input: standardInput, name: name)
    return "moonpool".withCString { standIn in
      if name == nil { program.name = standIn }
      return body(&program)
    }
  }

  /// Bytes as they are, whatever they encode, with the NUL that C expects; the caller frees them.
  fileprivate static func terminated(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar> {
    let text = UnsafeMutableRawPointer(malloc(bytes.count + 1)!)
      .bindMemory(to: CChar.self, capacity: bytes.count + 1)
    bytes.withUnsafeBytes { source in
      if let start = source.baseAddress { memcpy(text, start, source.count) }
    }
    text[bytes.count] = 0
    return text
  }
}

extension Program.Step {
  fileprivate var plainData: luashm_step {
    switch self {
    case .run(let text): Self.plain(LUASHM_RUN, text)
    case .require(let text): Self.plain(LUASHM_REQUIRE, text)
    case .warnings: luashm_step(kind: Int64(LUASHM_WARN.rawValue), text: nil)
    }
  }

  private static func plain(_ kind: luashm_step_kind, _ text: [UInt8]) -> luashm_step {
    luashm_step(kind: Int64(kind.rawValue), text: Program.terminated(text))
  }
}
