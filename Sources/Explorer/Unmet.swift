internal import Scenarios

/// The marks and the sometimes that no schedule has met yet: those that the text names, and those
/// with a computed name from when one is met and is not true.
struct Unmet {
  private struct Name: Hashable {
    let kind, name: String
  }

  private var lines: [Name: Int] = [:]
  /// Of those that the text does not name.
  private var met: Set<Name> = []
  private let grows: Bool

  init(_ outline: Outline) {
    grows = outline.hasComputedNames
    for place in outline.places { lines[Name(kind: place.kind, name: place.name)] = place.line }
  }

  /// Nothing that comes can change it.
  var isSettled: Bool { lines.isEmpty && !grows }

  mutating func note(_ record: Ledger.Record) {
    switch record.kind {
    case "mark", "sometimes":
      let name = Name(kind: record.kind, name: record.text(2))
      lines[name] = nil
      if grows { met.insert(name) }
    case "unmet":
      let name = Name(kind: "sometimes", name: record.text(2))
      let line = record.text(1).split(separator: ":").last.flatMap { Int($0) } ?? 0
      if !met.contains(name) { lines[name] = min(lines[name] ?? line, line) }
    default: break
    }
  }

  /// In the order of the lines, each with its line; 0: not known.
  var complaints: [(text: String, line: Int)] {
    lines.sorted { ($0.value, $0.key.name) < ($1.value, $1.key.name) }.map { name, line in
      let what = name.kind == "mark" ? "was never reached" : "was never true"
      return ("\(name.kind) \"\(name.name)\" \(what)", line)
    }
  }

  // MARK: - From one process to another, when the search is over

  var text: String {
    lines.map { "\($0.key.kind)\0\($0.key.name)\0\($0.value)" }.joined(separator: "\0")
  }

  mutating func take(_ text: String) {
    let fields = text.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
    lines = [:]
    for at in stride(from: 0, to: fields.count - 2, by: 3) {
      lines[Name(kind: fields[at], name: fields[at + 1])] = Int(fields[at + 2]) ?? 0
    }
  }
}
