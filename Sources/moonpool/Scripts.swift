import ArgumentParser
import LuaHost

struct Scripts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scripts", abstract: "List the scripts that are inside the binary.")

  func run() {
    let scripts = Bundle.scripts
    let width = scripts.map(\.name.count).max() ?? 0
    for script in scripts {
      let padding = String(repeating: " ", count: width - script.name.count)
      print("\(script.name)\(padding)  \(script.summary)")
    }
  }
}
