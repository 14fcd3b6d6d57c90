import LuaHost
import TestSupport

@testable import Explorer

/// The programs of Tests/Scenarios that are explored.
enum Corpus {
  static func path(_ name: String) -> String {
    "\(Places.repository)/Tests/Scenarios/\(name).lua"
  }

  static func text(_ name: String) -> Interpreter.PlayText {
    let bytes = Array(Traces.text(path(name)).utf8)
    return .init(
      bytes: bytes, name: "\(name.split(separator: "/").last!).lua", folder: "\(Places.repository)")
  }

  static func model(_ name: String, kills: Int = 1) throws -> Model {
    let model = try Model(text(name), .init())
    model.limits.kills = kills
    model.limits.earlyTimeouts = 1
    return model
  }

  static func refusable(_ text: String) throws(Model.Refusal) -> Model {
    try Model(.init(bytes: Array(text.utf8), name: "test.lua", folder: "."), .init())
  }

  static func model(text: String) throws -> Model {
    try Model(.init(bytes: Array(text.utf8), name: "test.lua", folder: "."), .init())
  }

  struct Outcomes {
    /// What can come of the program.
    var all: Set<String> = []
    /// The same, but that equal actors are not told apart.
    var ofEquals: Set<String> = []
    var result = Search.Result()
  }

  static func outcomes(
    _ model: Model, _ strategy: Search.Strategy, fault: Fault? = nil, most: Int = .max,
    isSymmetric: Bool = false
  ) -> Outcomes {
    let search = Search(model, .init())
    search.stopsAtFailure = false
    model.fault = fault
    model.usesSymmetry = isSymmetric
    var outcomes = Outcomes()
    search.onEnding = {
      outcomes.all.insert(model.outcome($0))
      outcomes.ofEquals.insert(ofEquals(model, $0))
    }
    search.mostSchedules = most
    outcomes.result = search.explore(strategy)
    return outcomes
  }

  /// An outcome, with one name for all equal actors.
  private static func ofEquals(_ model: Model, _ ending: Ending) -> String {
    let actors = model.outline.actors
    var renamed = ending
    renamed.failures = ending.failures.map { failure in
      var text = failure.text
      for actor in actors.indices.sorted(by: { actors[$0].name.count > actors[$1].name.count }) {
        text = text.replacing(actors[actor].name, with: actors[model.equals[actor]].name)
      }
      return .init(text: text, place: failure.place)
    }
    let parts = model.outcome(renamed).split(
      separator: ",", maxSplits: actors.count, omittingEmptySubsequences: false)
    guard parts.count == actors.count + 1 else { return model.outcome(renamed) }
    let objects = parts[0].lastIndex(of: ";").map { parts[0][...$0] } ?? ""
    let ends = parts.dropLast().enumerated().map { index, part in
      "\(actors[model.equals[index]].name) \(index == 0 ? part.dropFirst(objects.count) : part)"
    }
    return objects + ends.sorted().joined(separator: ",") + parts[actors.count]
  }
}
