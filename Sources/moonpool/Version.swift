import LuaHost

/// What `moonpool --version` prints.
enum Version {
  static let number = "0.2.0"

  /// `0.2.0 (0123456789ab, Lua 5.4.4)`: the number, the commit of a packaged binary, and the Lua
  /// that runs, which may differ from the one it was built with.
  static var full: String {
    let parts = Bundle.commit.isEmpty ? [] : [Bundle.commit]
    return "\(number) (\((parts + [Interpreter.luaRelease]).joined(separator: ", ")))"
  }
}
