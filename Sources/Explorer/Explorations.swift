internal import CLuaShm
internal import CShm
internal import Glibc
package import LuaHost
internal import PrintableText

/// `moonpool explore`: files, options, and what is written where.
package struct Explorations {
  package var kills: Int?
  /// Seconds.
  package var budget: Double?
  package var seed: Int64 = 0
  package var strategy = "auto"
  package var save: String?
  package var isJSON = false
  /// Several files, or a folder: those without a scenario are passed over.
  package var passesOver = false

  package static let strategies = ["auto", "cache", "sleep", "plain", "random"]

  package init() {}

  /// One file's text, and what the page calls it.
  package struct File {
    package let shown: String
    package let text: Interpreter.PlayText

    package init(shown: String, text: Interpreter.PlayText) {
      self.shown = shown
      self.text = text
    }
  }

  /// Explores all of them; returns the worst exit status.
  package func perform(_ files: [File]) -> Int32 {
    for file in files {
      do {
        let model = try Model(file.text, .init(kills: kills ?? 1, seed: seed))
        let search = Search(model, .init())
        let start = cshm_now()
        let result = search.explore(Search.Strategy(rawValue: strategy) ?? .cache)
        print(
          file.shown, model.outline.title, result,
          result.failing.map { ScheduleText.text($0) } ?? "-", Double(cshm_now() - start) / 1e6)
        if model.isRefused { print(Model.refusal(model.shared)) }
        print(luashm_actor_size(model.actors[0]), "folded", model.isFolded)
      } catch {
        print("\(error)")
      }
    }
    return 0
  }
}
