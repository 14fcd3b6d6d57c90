import Glibc
import TestSupport
import Testing

/// Debian's C modules for Lua 5.4 find the interpreter's functions in this program.
struct DebianModuleTests {
  struct Module: Sendable, CustomTestStringConvertible {
    /// As `require` has it, and Debian's package.
    let name, package, check: String
    var testDescription: String { package }
  }

  private static let modules = [
    Module(
      name: "cjson", package: "lua-cjson",
      check: #"assert(m.encode(m.decode('{"a":[1,2]}')) == '{"a":[1,2]}')"#),
    Module(
      name: "lpeg", package: "lua-lpeg",
      check: #"assert((m.R'09'^1 / tonumber):match('42x') == 42)"#),
    Module(
      name: "socket", package: "lua-socket",
      check: #"local s = assert(m.bind('127.0.0.1', 0)) assert(s:getsockname() == '127.0.0.1')"#),
    Module(
      name: "lfs", package: "lua-filesystem",
      check: #"assert(m.attributes('/', 'mode') == 'directory')"#),
    Module(
      name: "luv", package: "lua-luv",
      check: "local n = 0 m.new_timer():start(1, 0, function() n = n + 1 end) m.run() "
        + "assert(n == 1) m.walk(function(h) if not h:is_closing() then h:close() end end) m.run()"),
  ]

  private static func isThere(_ module: Module) -> Bool {
    let search = "package.cpath .. ';' .. package.path"
    let text = "os.exit(package.searchpath('\(module.name)', \(search)) ~= nil)"
    return run(Places.moonpool, ["-e", text]).status == 0
  }

  private static let installed = modules.filter(isThere)
  private static let missing = modules.map(\.package)
    .filter { package in !installed.contains { $0.package == package } }

  @Test(
    .enabled(if: !installed.isEmpty, "none of Debian's C modules is installed"),
    arguments: installed)
  func aModuleLoadsAndWorks(_ module: Module) {
    let text = "local m = require '\(module.name)' \(module.check) print('works')"
    let outcome = run(Places.moonpool, ["-e", text])
    #expect(outcome.output == "works\n")
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }

  @Test(
    .enabled(
      if: missing.isEmpty,
      "not installed (scripts/setup test): \(missing.joined(separator: ", "))"))
  func allOfThemWereTried() { #expect(Self.installed.count == Self.modules.count) }
}
