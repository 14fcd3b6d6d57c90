internal import CLuaShm

extension Interpreter {
  /// Lets scripts `require "moonpool.NAME"` the modules inside the binary; each is compiled when it
  /// is first required. Without this call a script sees stock Lua's `package.preload`.
  package borrowing func preloadModules() throws(OutOfMemory) {
    for module in Bundle.modules {
      let bytes = module.bytes.assumingMemoryBound(to: CChar.self)
      if !luashm_preload(state, "moonpool.\(module.name)", bytes.baseAddress, bytes.count) {
        throw OutOfMemory()
      }
    }
  }

  /// Evaluates an expression that uses the bundled modules; returns the text that the chunk writes.
  package static func write(_ expression: String) throws {
    let interpreter = try Interpreter()
    try interpreter.open()
    try interpreter.preloadModules()
    try interpreter.run("io.write(\(expression))", name: "=moonpool")
  }
}

extension Interpreter {
  /// The release of the loaded Lua: `Lua 5.4.4`.
  package static var luaRelease: String {
    let ident = String(cString: luashm_lua_ident())
    let words = ident.split(separator: " ").drop { $0 != "Lua" }.prefix(2)
    return words.joined(separator: " ")
  }
}
