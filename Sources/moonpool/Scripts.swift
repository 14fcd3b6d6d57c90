import ArgumentParser
import LuaHost

struct Scripts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scripts", abstract: "List the scripts that are inside the binary.")

  func run() {
    let width = Bundled.scripts.map(\.name.count).max() ?? 0
    for script in Bundled.scripts {
      let padding = String(repeating: " ", count: width - script.name.count)
      print("\(script.name)\(padding)  \(script.summary)")
    }
  }
}
