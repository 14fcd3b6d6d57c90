internal import CLuaShm

/// What the command line asks the interpreter to run.
public struct Program: Sendable {
  /// All arguments, the interpreter's name first: Lua's `arg`.
  public let arguments: Words
  /// The index of the script's name in `arguments`; nil: there is none.
  public var script: Int?
  /// The script's text, where it is inside the binary; nil: it is the file of that name.
  package var text: Bundle.Text?
  /// Whether Lua's version is printed first: `-v`.
  public var showsVersion = false
  /// Whether `LUA_INIT`, `LUA_PATH` and `LUA_CPATH` count; not with `-E`.
  public var heedsEnvironment = true
  /// Whether standard input is run after all others, line by line: `-i` without a terminal.
  public var readsLines = false
  /// Whether standard input is run after the steps, as one chunk.
  public var standardInput = false
  /// What comes before the script, in order, each with its option's letter before it.
  private var steps = Words()

  public init(arguments: Words) { self.arguments = arguments }

  /// How a program ends.
  public enum End: Sendable {
    case ran
    /// Standard error says how.
    case failed
    /// `SIGINT` stopped a text inside the binary, which had not caught it; nothing is said.
    case interrupted
  }

  /// `-e`: a text to run before the script.
  public mutating func addText(_ text: ArraySlice<UInt8>) { add(LUASHM_TEXT_STEP, text) }

  /// `-l`: a module to require before the script; `module` or `global=module`.
  public mutating func addModule(_ name: ArraySlice<UInt8>) { add(LUASHM_MODULE_STEP, name) }

  /// `-W`: from here on warnings are shown.
  public mutating func addWarnings() { add(LUASHM_WARNINGS_STEP, []) }

  private mutating func add(_ step: luashm_step, _ text: ArraySlice<UInt8>) {
    steps.append([UInt8(step.rawValue)] + text)
  }

  borrowing func withPlainData<Result>(
    _ body: (UnsafePointer<luashm_program>) -> Result
  ) -> Result {
    arguments.withPointers { words in
      steps.withPointers { steps in
        var program = luashm_program(
          count: Int32(arguments.count), arguments: words, script: Int32(script ?? 0),
          text: text?.bytes.baseAddress, text_length: text?.bytes.count ?? 0, steps: steps,
          version: showsVersion, environment: heedsEnvironment, lines: readsLines,
          standard_input: standardInput)
        return body(&program)
      }
    }
  }
}
