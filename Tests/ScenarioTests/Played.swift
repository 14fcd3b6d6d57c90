import Glibc
import TestSupport

/// A scenario in a file of its own, in a folder that goes with it.
final class ScenarioFile {
  let folder: String
  let path: String

  init(_ text: String, name: String = "s.lua") {
    folder = "/tmp/\(Places.unique("scenario"))"
    path = "\(folder)/\(name)"
    mkdir(folder, 0o700)
    add(text, name: name)
  }

  func add(_ text: String, name: String) {
    let file = fopen("\(folder)/\(name)", "w")!
    fputs(text, file)
    fclose(file)
  }

  func read(_ name: String) -> String { run("/bin/cat", ["\(folder)/\(name)"]).output }

  deinit { _ = run("/bin/rm", ["-rf", folder]) }

  func play(_ options: String..., environment: [String: String] = [:]) -> Played {
    Played(run(Places.moonpool, ["play", path] + options, environment: environment), folder)
  }
}

/// Plays a text, as a file `s.lua`.
func play(_ text: String, _ options: String...) -> Played {
  let file = ScenarioFile(text)
  return Played(run(Places.moonpool, ["play", file.path] + options), file.folder)
}

/// What `moonpool play` says, its paths without the folder.
struct Played {
  let status: Int32
  let output, errors: String

  init(_ outcome: Outcome, _ folder: String) {
    status = outcome.status
    output = outcome.output.replacing("\(folder)/", with: "")
    errors = outcome.errors.replacing("\(folder)/", with: "")
  }

  /// The lines from the verdict on; what stood in a column is two blanks from what is before it.
  var verdict: String {
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
    let from = lines.firstIndex { line in ["✓", "✗", "?", "~"].contains { line.hasPrefix($0) } }
    return from.map { lines[$0...].joined(separator: "\n") } ?? output
  }

  /// What happened in the run, without its times, process numbers and columns.
  var events: [String] {
    output.split(separator: "\n").compactMap { line -> String? in
      guard let match = line.firstMatch(of: #/^  \d+\.\d{3}  (.*)$/#) else { return nil }
      return String(match.output.1).replacing(#/process \d+/#, with: "process N")
        .replacing(#/^(\w+) +\| /#) { "\($0.output.1) | " }
    }
  }
}

extension Outcome {
  var events: [String] { Played(self, "/no/folder").events }
  var verdict: String { Played(self, "/no/folder").verdict }
}
