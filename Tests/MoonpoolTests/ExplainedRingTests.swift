import TestSupport
import Testing

/// `--explain` shows what a call on a queue or topic returned, also where there was nothing.
@Suite struct ExplainedRingTests {
  private let session = Places.unique("explainring")

  /// The calls, each with what stands behind its arrow.
  private func results(_ script: String) -> [String] {
    let lines = moonpool("--explain", "-e", script, session: session).errors
      .split(separator: "\n").map(String.init).prefix { !$0.hasPrefix("(end)") }
    var results: [String] = []
    for line in lines {
      if let call = line.firstMatch(of: #/^[^ ].*:\d+  (.*)$/#) {
        results.append(String(call.output.1))
      }
      if let result = line.firstMatch(of: #/^  → (.*)$/#), !results.isEmpty {
        results[results.count - 1] += " → \(result.output.1)"
      }
    }
    return results
  }

  @Test func whatFoundNothingIsNoValue() {
    let found = results(
      """
      q = shm.queue('q', 4096) q:peek() q:pop(0) q:take(0) q:pop_all(1, 0)
      q:push('x') q:peek() q:drain(0) q:pop() q:finish() q:peek()
      t = shm.topic('t', 4096) t:latest() t:next(0) t:publish('x') t:latest() t:next()
      """)
    #expect(
      found == [
        "shm.queue([[q]], 4096) → queue, false", "queue:peek() → false, \"empty\"",
        "queue:pop(0.0) → false, \"timeout\"", "queue:take(0.0) → false, \"timeout\"",
        "queue:pop_all(0.0) → false, \"timeout\"", "queue:push(\"x\") → true",
        "queue:peek() → value", "queue:drain(0.0) → false, \"timeout\"", "queue:pop() → value",
        "queue:finish() → true", "queue:peek() → nil, \"… ERROR_BROKEN_PIPE …\", 109",
        "shm.topic([[t]], 4096) → topic, false", "topic:latest() → nil",
        "topic:next(0.0) → false, \"timeout\"", "topic:publish(\"x\") → 1",
        "topic:latest() → value", "topic:next() → value",
      ], "\(found)")
  }

  @Test func anAgeIsNoTime() throws {
    let script = "t = shm.topic('t', 4096) t:publish('x') t:age() t:next() t:age() shm.now()"
    let found = results(script)
    try #require(found.count >= 6, "\(found)")
    #expect(found[2] == "topic:age() → nil")
    let age = try #require(found[4].wholeMatch(of: #/topic:age\(\) → (\S+)/#))
    let seconds = try #require(Double(age.output.1))
    #expect(seconds >= 0 && seconds < 600, "\(found)")
    #expect(found[5].hasPrefix("shm.now() → "))
    let whole = moonpool("--explain", "-e", script, session: session).errors
    let clocks = whole.split(separator: "\n").filter { $0.contains("QueryPerformanceCounter") }
    #expect(clocks.count == 1)
    #expect(
      whole.contains(
        """
          topic:age()
          Win32  (none)
          Linux     clock_gettime(CLOCK_MONOTONIC): no system call
          → nil

        """), "\(whole)")
  }

  /// What stands below system calls does not say that there are none.
  @Test func aPeekTakesALock() {
    let whole = moonpool(
      "--explain", "-e", "q = shm.queue('q', 4096) q:peek()", session: session
    ).errors
    #expect(
      whole.contains("          a lock by a compare-and-swap; memcpy out of the ring\n"), "\(whole)"
    )
    for call in whole.components(separatedBy: "\n  → ") where call.contains("no system call") {
      #expect(!call.contains("openat("), "\(call)")
    }
  }
}

extension String {
  fileprivate func components(separatedBy text: String) -> [String] {
    split(separator: text).map(String.init)
  }
}
