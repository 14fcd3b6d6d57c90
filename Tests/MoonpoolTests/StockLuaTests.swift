import Glibc
import TestSupport
import Testing

/// `require "shm"` from a `lua5.4` that is not ours.
@Suite(
  .enabled(if: access("/usr/bin/lua5.4", X_OK) == 0, "lua5.4 is not installed"),
  .enabled(
    if: access("\(Places.binaries)/libshm.so", F_OK) == 0,
    "libshm.so is not built (swift build --product shm)"))
struct StockLuaTests {
  private func lua(_ text: String, session: String = Places.unique()) -> Outcome {
    run(
      "/usr/bin/lua5.4", ["-e", text],
      environment: ["LUA_CPATH": "\(Places.binaries)/lib?.so", "MOONPOOL_SESSION": session])
  }

  private func remains(of session: String) -> Bool {
    !isRemoved("/dev/shm/moonpool-\(getuid())@\(session)")
  }

  @Test func theModuleIsATableAndNoGlobal() {
    let outcome = lua("local m = require 'shm' print(type(m.create), shm, package.loaded.shm == m)")
    #expect(outcome.output == "function\tnil\ttrue\n")
    #expect(outcome.errors == "")
  }

  @Test func aViewThatAFinalizerMakesOutlivesTheModule() {
    let outcome = lua(
      """
      local keep = {} -- the globals hold both until the end
      older = setmetatable({}, {__gc = function() print(#keep.v:read(16)) end})
      local shm = require 'shm'
      younger = setmetatable({}, {__gc = function() keep.v = shm.create(nil, 16) end})
      """)
    #expect(outcome.output == "16\n")
    #expect(outcome.status == 0)
  }

  @Test func theFunctionsAreThoseOfMoonpool() {
    let text = """
      local m = require 'shm'
      local names = {}
      for name in pairs(m) do names[#names + 1] = name end
      for name in pairs(getmetatable(m.create(nil, 1)).__index) do names[#names + 1] = name end
      table.sort(names)
      print(table.concat(names, ' '))
      """
    let ours = run(Places.moonpool, ["-e", text])
    #expect(lua(text).output == ours.output)
    #expect(ours.output.contains("create"))
  }

  @Test func errorsAndRefusalsAreThoseOfMoonpool() {
    let text = """
      local m = require 'shm'
      print(m.open('nobody'))
      print(m.create('a\\\\b\\\\c', 1))
      print(pcall(m.create, 'x', 'y'))
      print(pcall(m.create, 'x', 1, {wrong = 1}))
      local v <close> = m.create('x', 8)
      print(v, pcall(v.read, v, 9))
      v:close()
      print(v, pcall(v.read, v))
      """
    let session = Places.unique()
    let ours = run(Places.moonpool, ["-e", text], environment: ["MOONPOOL_SESSION": session])
    let theirs = lua(text, session: session)
    #expect(theirs.output == ours.output)
    #expect(theirs.errors == ours.errors)
    #expect(ours.output.contains("ERROR_FILE_NOT_FOUND"))
  }

  @Test func stockLuaAndMoonpoolShareAnObject() {
    let session = Places.unique()
    let holder = Child(
      Places.moonpool, ["-e", "view = shm.create('both', 64) print('made') io.read()"],
      environment: ["MOONPOOL_SESSION": session], input: .open)
    #expect(holder.prints("made"))
    let outcome = lua(
      "local v = assert(require 'shm'.open('both')) v:write('from stock') print(#v, v:read())",
      session: session)
    #expect(outcome.output == "64\tfrom stock\n")
    holder.closeInput()
    #expect(holder.wait() == 0)
    #expect(!remains(of: session))
  }

  @Test func nothingRemainsHoweverItEnds() {
    for ending in ["", "os.exit(0)", "os.exit(0, true)", "error('x')"] {
      let session = Places.unique()
      let outcome = lua("view = assert(require 'shm'.create('x', 8)) \(ending)", session: session)
      #expect(outcome.status == (ending.hasPrefix("error") ? 1 : 0))
      #expect(!remains(of: session))
    }
  }

  @Test func aFinalizerThatOutlivesTheModuleIsRefused() {
    // Older than the module, so it is finalized after the module's own end, and not before: a
    // global holds it.
    let outcome = lua(
      """
      older = setmetatable(
        {}, {__gc = function() print(m.create('late', 8)) print(m.path('x')) end})
      m = require 'shm'
      view = m.create('early', 8)
      """)
    #expect(outcome.output.hasPrefix("nil\tshm: ERROR_INVALID_HANDLE (6)"))
    #expect(outcome.status == 0)
  }

  /// Each call that needs no open object, and a process that is closed last of all.
  @Test(arguments: [
    "m.list()", "m.holders('x')", "m.process(m.pid())", "m.create('x', 8)", "m.open('x')",
    "m.unlink('/x')", "m.path('x')", "m.event('x')", "m.open_event('x')", "m.mutex('x')",
    "m.semaphore('x', 1, 1)",
  ])
  func whatAFinalizerCallsAfterTheModuleIsRefused(call: String) {
    let outcome = lua(
      """
      older = setmetatable({}, {__gc = function()
        print(select(3, \(call)))
        if process then print(process:close()) end
      end})
      m = require 'shm'
      younger = setmetatable({}, {__gc = function() process = m.process(m.pid()) end})
      """)
    #expect(outcome.output.hasPrefix("6\n"), "\(outcome)")
    #expect(outcome.status == 0)
  }

  @Test func theModuleCanBeLoadedAgain() {
    let outcome = lua(
      """
      for i = 1, 100 do
        local m = require 'shm'
        local view = assert(m.create('x', 8, {exclusive = i == 1}))
        view:write('again')
        view:close()
        package.loaded.shm = nil
        m, view = nil
        collectgarbage() collectgarbage()
      end
      print(assert(require 'shm'.create('x', 8)):read())
      """)
    #expect(outcome.output == "\n")
    #expect(outcome.errors == "")
  }
}
