import CLuaShm
import LuaHost
import SharedMemory
import TestSupport

/// Whether a kind of what can be waited for is whole: its C file, its Swift file and its help say
/// the same.
enum KindParts {
  /// What is missing, one line each.
  ///
  /// - Parameter prelude: a chunk that runs before help is loaded.
  static func missing(_ number: UInt32, prelude: String = "") throws -> [String] {
    let swift = WaitableKinds.numbered(number)
    guard let c = luashm_waitable(number)?.pointee else {
      return swift.map {
        ["kind \(number) '\($0.name)' has no C file: no struct luashm_waitable has its number"]
      } ?? ["kind \(number) has neither a C nor a Swift file"]
    }
    let name = String(cString: c.name)
    guard let swift else {
      return ["kind \(number) '\(name)' has no Swift file: no WaitableKind has its number"]
    }
    if swift.name != name {
      return ["kind \(number) is '\(name)' in C and '\(swift.name)' in Swift"]
    }
    return values(swift, number) + acts(swift, c) + (try help(number, prelude))
  }

  private static func values(_ swift: any WaitableKind, _ number: UInt32) -> [String] {
    let inC = KindValues(number).map(\.name)
    return inC.filter { !swift.options.contains($0) }.map {
      "'\($0)' of a new \(swift.name) is in its C file alone"
    }
      + swift.options.filter { !inC.contains($0) }.map {
        "'\($0)' of a new \(swift.name) is in its Swift file alone"
      }
  }

  private static func acts(_ swift: any WaitableKind, _ c: luashm_waitable) -> [String] {
    var lines: [String] = []
    var verbs: Set<String> = []
    var next = c.acts!
    while let verb = next.pointee.verb.map({ String(cString: $0) }) {
      verbs.insert(verb)
      let act = swift.acts.first { $0.verb == verb }
      if act == nil {
        lines.append("\(verb) has no WaitableAct, which says what it is on Windows")
      } else if next.pointee.told != .LUASHM_ACQUIRE && act?.perform == nil && !copies(act) {
        lines.append("\(verb) is no wait, and its WaitableAct performs nothing")
      }
      next += 1
    }
    return lines
      + swift.acts.filter { !verbs.contains($0.verb) }.map {
        "\($0.verb) is an act of the Swift file alone"
      }
  }

  /// Does it copy a message, as a look at the next one does? That is an operation of its own.
  private static func copies(_ act: WaitableAct?) -> Bool {
    if case .object = act?.result { true } else { false }
  }

  /// All that a script can call.
  private static func help(_ number: UInt32, _ prelude: String) throws -> [String] {
    let interpreter = try Interpreter(session: Session(named: Places.unique("kind")))
    try interpreter.open()
    try interpreter.preloadModules()
    do {
      try interpreter.run(
        """
        \(prelude)
        local help = require "moonpool.help"
        local known, missing, owners = {}, {}, {}
        for _, entry in ipairs(help.functions) do known[entry.name] = true end
        for _, class in ipairs(help.classes) do owners[class.class or ""] = class[1] end
        local _, types = debug.getupvalue(shm.open, 3)
        for _, first in ipairs { 0x40, 0x80 } do
          local metatable = types[first + \(number)]
          local class = metatable and metatable.__name
          if class then
            local word = owners[class] or class:match("%w+$")
            if not owners[class] then missing[#missing + 1] = class end
            if first == 0x40 then
              for _, call in ipairs { "shm." .. word, "shm.open_" .. word } do
                if not known[call] then missing[#missing + 1] = call end
              end
            end
            for method in pairs(metatable.__index) do
              local name = word .. ":" .. method
              if not known[name] then missing[#missing + 1] = name end
            end
          end
        end
        table.sort(missing)
        if #missing > 0 then error(table.concat(missing, " "), 0) end
        """, name: "=help")
      return []
    } catch {
      let words = "\(error)".prefix { $0 != "\n" }.split(separator: " ")
      return words.map { "\($0) has no help (api_kinds.lua, api_KIND.lua)" }
    }
  }
}
