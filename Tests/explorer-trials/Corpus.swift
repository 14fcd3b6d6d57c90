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

  /// What can come of the program, and how many schedules it took.
  static func outcomes(
    _ model: Model, _ strategy: Search.Strategy, fault: Fault? = nil, most: Int = .max
  ) -> (outcomes: Set<String>, result: Search.Result) {
    let search = Search(model, .init())
    search.stopsAtFailure = false
    model.fault = fault
    var outcomes: Set<String> = []
    var count = 0
    search.onEnding = {
      outcomes.insert(model.outcome($0))
      count += 1
    }
    search.mostSchedules = most
    let result = search.explore(strategy)
    return (outcomes, result)
  }
}
