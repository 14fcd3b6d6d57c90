internal import CLuaShm
internal import Glibc

/// What the command line asks the interpreter to run.
public struct Program: Sendable {
  /// All arguments, the interpreter's name first: Lua's `arg`.
  public var arguments: [[UInt8]]
  /// The index of the script's name in `arguments`; nil: there is none.
  public var script: Int?
  /// The script's text, where it is inside the binary; nil: it is the file of that name.
  public var text: StaticString?
  /// Texts to run first, in order: `-e`.
  public var chunks: [[UInt8]]
  /// Whether standard input is run after them.
  public var standardInput: Bool

  public init(
    arguments: [[UInt8]], script: Int? = nil, text: StaticString? = nil, chunks: [[UInt8]] = [],
    standardInput: Bool = false
  ) {
    self.arguments = arguments
    self.script = script
    self.text = text
    self.chunks = chunks
    self.standardInput = standardInput
  }

  borrowing func withPlainData(_ body: (UnsafePointer<luashm_program>) -> Bool) -> Bool {
    let arguments = arguments.map(Self.terminated)
    let chunks = chunks.map { UnsafePointer(Self.terminated($0)) } + [nil]
    defer {
      for text in arguments { free(text) }
      for text in chunks { free(UnsafeMutablePointer(mutating: text)) }
    }
    return arguments.withUnsafeBufferPointer { arguments in
      chunks.withUnsafeBufferPointer { chunks in
        var program = luashm_program(
          count: Int32(arguments.count), arguments: arguments.baseAddress,
          script: Int32(script ?? 0), text: text.map { UnsafeRawPointer($0.utf8Start) },
          text_length: text?.utf8CodeUnitCount ?? 0, chunks: chunks.baseAddress,
          standard_input: standardInput, name: arguments.first ?? nil)
        return body(&program)
      }
    }
  }

  /// Bytes as they are, whatever they encode, with the NUL that C expects; the caller frees them.
  private static func terminated(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
    (bytes + [0]).withUnsafeBufferPointer {
      strdup(UnsafeRawPointer($0.baseAddress!).assumingMemoryBound(to: CChar.self))
    }
  }
}
