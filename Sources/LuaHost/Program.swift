internal import CLuaShm

/// What the command line asks the interpreter to run.
public struct Program: Sendable {
  /// All arguments, beginning with the interpreter's name: Lua's `arg`.
  public let arguments: Words
  /// The index of the script's name in `arguments`; nil: there is none.
  public var script: Int?
  /// The script's text if it is inside the binary; nil: it is in the file of that name.
  package var text: Bundle.Text?
  /// Print Lua's version first: `-v`.
  public var showsVersion = false
  /// Use `LUA_INIT`, `LUA_PATH` and `LUA_CPATH`; false with `-E`.
  public var heedsEnvironment = true
  /// Run standard input after everything else, line by line: `-i` without a terminal.
  public var readsLines = false
  /// Run standard input after the steps, as one chunk.
  public var standardInput = false
  /// What runs before the script, in order; each item begins with its option's letter.
  private var steps = Words()

  public init(arguments: Words) { self.arguments = arguments }

  /// How a program ended.
  public enum End: Sendable {
    case ran
    /// It failed; the reason is on standard error.
    case failed
    /// `SIGINT` stopped a text inside the binary that did not catch it; nothing was printed.
    case interrupted
  }

  /// `-e`: adds a text that runs before the script.
  public mutating func addText(_ text: ArraySlice<UInt8>) { add(LUASHM_TEXT_STEP, text) }

  /// `-l`: adds a module that is required before the script; `module` or `global=module`.
  public mutating func addModule(_ name: ArraySlice<UInt8>) { add(LUASHM_MODULE_STEP, name) }

  /// `-W`: warnings are shown from here on.
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
