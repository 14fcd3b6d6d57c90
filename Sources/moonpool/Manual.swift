import ArgumentParser
import LuaHost

struct Manual: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Print the manual page (moonpool manual | man -l -).")

  func run() throws { try Interpreter.write("require('moonpool.manual').page()") }
}
