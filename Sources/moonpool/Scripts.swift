import ArgumentParser
import LuaHost

struct Scripts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scripts", abstract: "List the scripts and scenarios that are inside the binary.")

  func run() {
    Self.list(Bundle.scripts)
    print("\nScenarios, for moonpool play:")
    Self.list(Bundle.scenarios)
  }

  private static func list(_ texts: [Bundle.Text]) {
    let width = texts.map(\.name.count).max() ?? 0
    for text in texts {
      let padding = String(repeating: " ", count: width - text.name.count)
      print("\(text.name)\(padding)  \(text.summary)")
    }
  }
}
