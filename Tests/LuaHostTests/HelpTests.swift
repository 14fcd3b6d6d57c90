import Glibc
import LuaHost
import SharedMemory
import TestSupport
import Testing

/// Runs a chunk that knows the bundled modules; its errors fail the test.
private func check(_ chunk: String) throws {
  let interpreter = try Interpreter(session: Session(named: Places.unique("help")))
  try interpreter.open()
  try interpreter.preloadModules()
  try interpreter.run(
    """
    local help = require "moonpool.help"
    local function equals(found, expected)
      if found ~= expected then error(("%q instead of %q"):format(found, expected), 2) end
    end
    local function has(text, part)
      if not text:find(part, 1, true) then error(("no %q in %q"):format(part, text), 2) end
    end
    """ + "\n" + chunk)
}

@Suite struct HelpTests {
  @Test func everyFunctionIsDocumentedAndNothingElse() throws {
    try check(
      """
      local exists, owners = { tostring = true }, {}
      for name in pairs(shm) do exists["shm." .. name] = true end
      for name in pairs(console) do exists["console." .. name] = true end
      for _, class in ipairs(help.classes) do owners[class.class or ""] = class[1] end
      local _, types = debug.getupvalue(shm.open, 3)
      for number = 1, 255 do
        local metatable = types[number]
        if not metatable then goto next end
        local owner = owners[metatable.__name] or error(metatable.__name .. " is not described")
        for name in pairs(metatable.__methods or metatable.__index) do
          exists[owner .. ":" .. name] = true
        end
        ::next::
      end
      for _, entry in ipairs(help.functions) do
        if entry.word then exists[entry.name] = true end -- ScenarioTests look at these
        if not exists[entry.name] then error(entry.name .. " is documented and does not exist") end
        exists[entry.name] = nil
      end
      if next(exists) then error(next(exists) .. " is not documented") end
      """)
  }

  /// A call that ends another one's arguments passes all of its results: a number among the later
  /// ones may be taken for a value and written.
  @Test func noCallHasASecondNumberUnawares() throws {
    try check(
      """
      local known <const> = {
        ["cell:cas"] = "the first is a boolean, which is no offset and no value anywhere",
        ["topic:lost"] = "a pair of counts, neither of which is an offset or a value",
        ["layout:bits"] = "a pair, neither of which is an offset or a value",
        ["view:unpack"] = "as string.unpack, whose name it has: its help says parentheses",
      }
      local found = {}
      for _, entry in ipairs(help.functions) do
        for place, result in ipairs(entry.results) do
          if place > 1 and (result[2]:find("integer") or result[2]:find("number")) then
            found[entry.name] = true
            if not known[entry.name] then error(entry.name .. " has a number as result " .. place) end
          end
        end
      end
      for name in pairs(known) do
        if not found[name] then error(name .. " has no second number any more") end
      end
      """)
  }

  @Test func aFunctionIsFoundByItsIdentity() throws {
    try check(
      """
      local view <close> = shm.create(nil, 1)
      equals(help.signature(view.write), "view:write(data [, offset])")
      equals(help.signature(shm.open), "shm.open(name [, options])")
      equals(help.signature(console.getch), "console.getch()")
      local other = shm.create
      has(help.text(other), "shm.create(name, size [, options]) → view, existed\\n\\nMakes the object")
      shm, console = nil, nil
      equals(help.signature(other), "shm.create(name, size [, options])")
      """)
  }

  @Test func everyFunctionIsFoundByItsNames() throws {
    try check(
      """
      for _, entry in ipairs(help.functions) do
        local text = help.text(entry.name)
        has(text, entry.signature)
        has(text, (entry.example:gsub("\\n", "\\n  ")))
        equals(help.text((entry.name:gsub(":", "."))), text)
        has(help.text((entry.name:gsub("^.*[.:]", ""))), entry.signature)
        equals(help.text(" " .. entry.name .. "(x)"), text)
      end
      """)
  }

  @Test func luasOwnFunctionsHaveTheirSignatures() throws {
    try check(
      """
      equals(help.signature(string.rep), "string.rep(s, n [, sep])")
      equals(help.signature(print), "print(···)")
      equals(help.signature(table.insert), "table.insert(list, [pos,] value)")
      equals(help.signature(io.stdout.seek), "file:seek([whence [, offset]])")
      equals(help.signature(function(a, b, ...) return a, b, ... end), "function(a, b, ...)")
      equals(help.signature(12), nil)
      for owner, module in pairs(package.loaded) do
        for name, value in pairs(type(module) == "table" and module or {}) do
          if type(value) == "function" and not owner:find("^moonpool") then
            if not help.signature(value) then error(owner .. "." .. name .. " has no signature") end
          end
        end
      end
      """)
  }

  @Test func topicsAreListedAndEachHasAText() throws {
    try check(
      """
      equals(help.text(), help.text(""))
      for _, topic in ipairs(help.topics()) do
        has(help.text(), "  " .. topic[1])
        if help.text(topic[1]):find("^no help") then error(topic[1]) end
      end
      for _, name in ipairs { "names", "lifetime", "errors", "prompt", "options" } do
        assert(#help.text(name) > 200, name)
      end
      """)
  }

  @Test func whatIsUnknownGetsTheNearestNames() throws {
    try check(
      """
      has(help.text("wirte"), "view:write")
      equals(help.text("shm.crate"), "no help for 'shm.crate'; near: shm.create")
      equals(help.text("lifetmie"), "no help for 'lifetmie'; near: lifetime")
      equals(help.text("frobnicate"), "no help for 'frobnicate'; help() lists the topics")
      equals(help.text(("x"):rep(100000)):sub(1, 12), "no help for ")
      equals(help.text({}), "no help for a table; help() lists the topics")
      equals(help.text(1.5), "no help for a number; help() lists the topics")
      """)
  }

  @Test func modulesViewsAndErrorNumbersHaveHelp() throws {
    try check(
      """
      local view <close> = shm.create(nil, 1)
      equals(help.text(shm), help.text("shm"))
      equals(help.text(console), help.text("console"))
      equals(help.text(view), help.text("view"))
      has(help.text(shm), "shm.unlink")
      has(help.text(view), "view:size(), #view → bytes")
      equals(help.text(2), "2 is ERROR_FILE_NOT_FOUND: nobody holds an object of this name.")
      equals(help.text("2"), help.text(2))
      equals(help.text(7), '7 is no error code of shm; help "errors" lists them.')
      """)
  }

  @Test func theErrorsAreThoseOfTheLibrary() throws {
    let known = ErrorCode.allCases.map { "\($0.rawValue) \($0.symbol)" }.joined(separator: "\n")
    try check(
      """
      local codes, known = {}, {}
      for place, code in ipairs(help.codes) do
        codes[place] = code[1] .. " " .. code[2]
        known[code[1]] = true
      end
      equals(table.concat(codes, "\\n"), [[\(known)]])
      for _, entry in ipairs(help.functions) do
        for _, code in ipairs(entry.codes or {}) do assert(known[code], entry.name .. code) end
      end
      """)
  }

  @Test func textKeepsToTheWidth() throws {
    try check(
      """
      for _, entry in ipairs(help.functions) do
        local text = help.text(entry.name, 40)
        local body = text:sub(text:find("\\n"), text:find(entry.example:match("[^\\n]+"), 1, true))
        for line in body:gmatch("[^\\n]+") do
          if utf8.len(line) > 40 then error(entry.name .. ": " .. line) end
        end
      end
      """)
  }

  /// Each in an interpreter of its own; what follows `-->` is what the line printed.
  @Test func everyExampleRunsAndPrintsWhatItSays() throws {
    var count = 0
    while true {
      do {
        try check(
          """
          local entry = help.functions[\(count + 1)] or error("the end", 0)
          if entry.word then return end -- ScenarioTests play these
          local printed, expected = {}, {}
          function print(...)
            local words = table.pack(...)
            for place = 1, words.n do words[place] = tostring(words[place]) end
            printed[#printed + 1] = table.concat(words, "\\t")
          end
          for line in entry.example:gmatch("%-%->%s*([^\\n]*)") do expected[#expected + 1] = line end
          -- A POSIX name is the machine's.
          local ours = entry.example:gsub("moonpool%-example", "\(Places.unique("moonpool-example"))")
          assert(load(ours, "=" .. entry.name))()
          equals(table.concat(printed, "\\n"), table.concat(expected, "\\n"))
          """)
      } catch let error as Interpreter.ScriptError where error.description.hasPrefix("the end") {
        break
      }
      count += 1
    }
    #expect(count > 12)
  }
}

@Suite struct GeneratedTextTests {
  @Test func theReferenceIsThatOfTheHelp() throws {
    try check(
      """
      local file = "\(Places.repository)/Sources/CBundle/Reference.md"
      equals(assert(io.open(file)):read("a"), require("moonpool.manual").reference())
      """)
  }

  @Test func theDefinitionsAreLuaWithEveryFunction() throws {
    try check(
      """
      local text = require("moonpool.types").file()
      assert(text:find("^%-%-%-@meta shm\\n"))
      local defined = assert(load(text, "=shm.d.lua", "t", {}))()
      for _, entry in ipairs(help.functions) do
        if entry.field then
          has(text, ("\\n---@type %s\\n%s = {}\\n"):format(entry.field, entry.name))
          goto next
        end
        local name = entry.name:match("^shm%.(%w+)$")
        if name then assert(type(defined[name]) == "function", name) end
        if entry.keyword then
          has(text, ('%s["%s"] = '):format(entry.name:match("^(%w+):(%w+)$")))
        elseif not entry.global and entry.name ~= "expect" then
          local names = {}
          for place, param in ipairs(entry.params or {}) do names[place] = param[1] end
          has(text, ("\\nfunction %s(%s) end\\n"):format(entry.name, table.concat(names, ", ")))
        end
        ::next::
      end
      for _, option in ipairs(help.options) do has(text, "---@field " .. option[1] .. "? ") end
      for line in text:gmatch("%-%-%-@(%w+)") do
        assert(("meta class field operator param return overload type"):find(line, 1, true), line)
      end
      has(text, "---@overload fun(name: string, options?: shm.options): nil, string, integer")
      """)
  }

  @Test func bundledTextsAreTheFiles() throws {
    let modules = "\(Places.repository)/Sources/CBundle"
    let folders = ["Api", "Layouts", "Plays", "Prompt"].map { "\(modules)/\($0)" }
    #expect(names(in: [Places.scripts]) == Bundle.scripts.map(\.name).sorted())
    #expect(names(in: folders) == Bundle.modules.map(\.name).sorted())
    for (texts, folders) in [(Bundle.scripts, [Places.scripts]), (Bundle.modules, folders)] {
      for text in texts {
        let files: [String] = folders.map { "\($0)/\(text.name).lua" }
        let file = try #require(files.first { access($0, R_OK) == 0 })
        let read = run("cat", [file]).output
        #expect(String(decoding: text.bytes, as: UTF8.self) == read)
        #expect(text.bytes.baseAddress?.load(fromByteOffset: text.bytes.count, as: UInt8.self) == 0)
        let first = read.split(separator: "\n").first { !$0.hasPrefix("#!") } ?? ""
        #expect(text.summary == first.drop { $0 == "-" || $0 == " " })
      }
    }
    #expect(Bundle.script("no such") == nil)
    #expect(Bundle.module("no such") == nil)
  }

  /// The Lua files of folders, without `.lua`.
  private func names(in folders: [String]) -> [String] {
    folders.flatMap { Traces.names($0) }.filter { $0.hasSuffix(".lua") }
      .map { String($0.dropLast(4)) }.sorted()
  }

  @Test func aBundledScriptSeesItsNameAndArguments() throws {
    var program = Program(arguments: Words(["moonpool", "run", "word", "a", ""]))
    program.script = 2
    program.text = Bundle.Text(
      name: "word",
      """
      assert(arg[0] == "word" and arg[1] == "a" and arg[2] == "" and #arg == 2)
      assert(arg[-1] == "run" and arg[-2] == "moonpool" and select("#", ...) == 2)
      assert(debug.getinfo(1, "S").source == "@word.lua")
      """)
    let interpreter = try Interpreter(session: Session(named: Places.unique("help")))
    let ran = interpreter.run(program) == .ran
    #expect(ran)
  }

  @Test func theNearestScriptIsSuggested() {
    #expect(Bundle.nearest("frist") == "first")
    #expect(Bundle.nearest("scripts/second.lua") == "second")
    #expect(Bundle.nearest("WaitFor") == "wait-for")
    #expect(Bundle.nearest("zzz") == nil)
    #expect(Bundle.nearest("") == nil)
    #expect(Bundle.nearest(String(repeating: "f", count: 100_000)) == nil)
  }
}
