internal import CLuaShm
internal import Glibc
package import SharedMemory

/// What a prompt does with an interpreter. Nothing raises: Lua's errors are returned as text.
extension Interpreter {
  /// The result of a chunk. The texts are meant for the terminal, colours included.
  package enum Evaluation: Equatable {
    case done([UInt8])
    /// More lines are needed.
    case incomplete
    case failed([UInt8])
  }

  /// An argument for the functions of the Lua module `prompt`.
  package enum Argument {
    case text([UInt8])
    case integer(Int)
  }

  package var session: Session { host.session }

  /// Loads the prompt's modules; call `open` first.
  package borrowing func openPrompt() throws(ScriptError) {
    host.fillPromptCalls()
    var text = luashm_text()
    let well = luashm_prompt_open(state, host.promptCalls, &text)
    let reason = text.taken() ?? Self.noMemory
    if !well { throw ScriptError(description: String(decoding: reason, as: UTF8.self)) }
  }

  /// Runs a chunk, as an expression if it is one, else as statements, and shows its results.
  ///
  /// - Parameters:
  ///   - final: no more lines can come, so an incomplete chunk fails.
  ///   - nanoseconds: how long the chunk ran, without showing its results; nil: it could not be
  ///     run.
  package borrowing func evaluate(
    _ chunk: [UInt8], final: Bool = false, nanoseconds: inout Int64?
  ) -> Evaluation {
    var text = luashm_text()
    var time: Int64 = -1
    let outcome = chunk.withPlainBytes {
      luashm_prompt_evaluate(state, $0, final, &time, &text)
    }
    nanoseconds = time < 0 ? nil : time
    let shown = text.taken()
    switch outcome {
    case LUASHM_DONE: return shown.map(Evaluation.done) ?? .failed(Self.noMemory)
    case LUASHM_INCOMPLETE: return .incomplete
    default: return .failed(shown ?? Self.noMemory)
    }
  }

  package borrowing func evaluate(_ chunk: [UInt8], final: Bool = false) -> Evaluation {
    var nanoseconds: Int64?
    return evaluate(chunk, final: final, nanoseconds: &nanoseconds)
  }

  /// Does the chunk need more lines? Runs nothing.
  package borrowing func isIncomplete(_ chunk: [UInt8]) -> Bool {
    chunk.withPlainBytes { luashm_prompt_is_incomplete(state, $0) }
  }

  /// Calls a function of the module `prompt`; returns nothing as an empty text.
  package borrowing func ask(
    _ function: String, _ arguments: [Argument] = []
  ) throws(ScriptError) -> [UInt8] {
    var text = luashm_text()
    let well = arguments.withPlainArguments {
      luashm_prompt_call(state, function, $0.baseAddress, Int32($0.count), &text)
    }
    let answer = text.taken() ?? Self.noMemory
    if well { return answer }
    throw ScriptError(description: String(decoding: answer, as: UTF8.self))
  }

  private static var noMemory: [UInt8] { Array("not enough memory\n".utf8) }
}

/// Ctrl-C during the life of a prompt: stops the running chunk and wakes whatever waits.
package enum Interruption {
  package static func begin() { luashm_interruption_begin() }
  package static func end() { luashm_interruption_end() }

  /// Has an interrupt come whose error is not raised yet? Then whatever waits gives up.
  package static var isPending: Bool { luashm_interrupted() }
}

/// Reads lines of standard input through the buffer that `io.read` uses, too.
package enum StandardInput {
  package enum Line {
    case line([UInt8])
    case interrupted
    case end
  }

  package static func readLine() -> Line {
    var text = luashm_text()
    var interrupted = false
    if luashm_read_line(&text, &interrupted) { return .line(text.taken() ?? []) }
    return interrupted ? .interrupted : .end
  }
}

extension luashm_text {
  /// The bytes; frees C's copy. Nil: memory ran out.
  fileprivate mutating func taken() -> [UInt8]? {
    defer {
      free(data)
      data = nil
    }
    return data.map { Array(UnsafeRawBufferPointer(start: $0, count: length)) }
  }
}

extension [UInt8] {
  func withPlainBytes<Result>(_ body: (luashm_bytes) -> Result) -> Result {
    // Never a null pointer: that would mean that there is no text.
    (self + [0]).withUnsafeBytes {
      body(luashm_bytes(data: $0.baseAddress!.assumingMemoryBound(to: CChar.self), length: count))
    }
  }
}

extension [Interpreter.Argument] {
  /// Puts all texts into one buffer, so that pointers into it stay valid.
  fileprivate func withPlainArguments<Result>(
    _ body: (UnsafeBufferPointer<luashm_argument>) -> Result
  ) -> Result {
    var bytes: [UInt8] = [0]
    var places: [Range<Int>?] = []
    for argument in self {
      guard case .text(let text) = argument else {
        places.append(nil)
        continue
      }
      places.append(bytes.count..<bytes.count + text.count)
      bytes += text
    }
    return bytes.withUnsafeBytes { buffer in
      let start = buffer.baseAddress!.assumingMemoryBound(to: CChar.self)
      let plain = zip(self, places).map { argument, place in
        var plain = luashm_argument()
        if let place {
          plain.bytes = luashm_bytes(data: start + place.lowerBound, length: place.count)
        }
        if case .integer(let value) = argument { plain.integer = Int64(value) }
        return plain
      }
      return plain.withUnsafeBufferPointer(body)
    }
  }
}
