import Glibc
import TestSupport
import Testing

/// What `scripts/demo` says while it builds, with a compiler that only says what it does.
@Suite final class BuildProgressTests {
  private let folder = "/tmp/moonpool-\(Places.unique("build"))"

  init() {
    mkdir(folder, 0o700)
    let compiler = """
      #!/bin/bash
      for word in "$@"; do [ "$word" = --show-bin-path ] && echo \(folder) && exit; done
      for step in 1 2 3; do echo "[$step/3] Compiling Part$step"; sleep 0.7; done
      [ -z "$FAILS" ] || { echo "error: no such thing"; exit 1; }

      """
    let file = fopen("\(folder)/swift", "w")!
    fputs(compiler, file)
    fclose(file)
    chmod("\(folder)/swift", 0o755)
  }

  deinit { _ = run("/bin/rm", ["-rf", folder]) }

  private func environment(_ more: [String: String] = [:]) -> [String: String] {
    ["PATH": "\(folder):/usr/local/bin:/usr/bin:/bin"].merging(more) { $1 }
  }

  private func build(_ arguments: String..., fails: Bool = false) -> Outcome {
    run(
      "\(Places.scripts)/build", arguments,
      environment: environment(fails ? ["FAILS": "1"] : [:]))
  }

  @Test func withoutATerminalItIsAFewLines() {
    let outcome = build("--progress", "moonpool")
    #expect(outcome.output == "\(folder)/moonpool\n")
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.first == "Building moonpool …")
    #expect(lines.last?.hasPrefix("  done after ") == true && lines.last?.hasSuffix(" s") == true)
    #expect(lines.count == 2)
    #expect(outcome.status == 0)
  }

  @Test func onATerminalTheStepAndTheTimeAreARowThatChanges() {
    let terminal = PseudoTerminal(columns: 60)
    terminal.start(
      "\(Places.scripts)/build", ["--progress", "moonpool"], environment: environment())
    #expect(terminal.waits { $0.lines.contains { $0.hasSuffix(" s, [2/3] Compiling Part2") } })
    #expect(terminal.wait() == 0)
    #expect(terminal.screen.line(0) == "Building moonpool …")
    #expect(terminal.screen.line(1).hasPrefix("  done after "))
    #expect(terminal.screen.line(2).hasSuffix("/moonpool"))
  }

  @Test func aFailureShowsAllThatTheCompilerSaid() {
    let outcome = build("--progress", "moonpool", fails: true)
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasSuffix("[3/3] Compiling Part3\nerror: no such thing\n"))
    #expect(!outcome.errors.contains("done"))
  }

  @Test func nobodyIsToldWhoDidNotAsk() {
    #expect(build("moonpool").errors == "")
  }
}
