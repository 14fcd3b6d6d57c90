import ArgumentParser
import LuaHost

struct Types: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "types",
    abstract: "Print the API as a definition file for editors (moonpool types > shm.d.lua).")

  func run() throws { try Interpreter.write("require('moonpool.types').file()") }
}
