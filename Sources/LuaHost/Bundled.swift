// swift-format-ignore-file
// Written by scripts/embed from scripts/*.lua and Sources/LuaHost/Lua/*.lua; not by hand.

/// The Lua texts inside the binary. Static: they cost nothing before somebody asks for one.
package enum Bundled {
  /// The scripts, each with its first comment line.
  package static let scripts: [(name: String, summary: String)] = [
    ("first", "The document's first process: writes a message and holds the name."),
    ("second", "The document's second process: shows the message of the first."),
  ]

  /// The text of scripts/NAME.lua.
  package static func script(_ name: String) -> StaticString? {
    switch name {
    case "first": script_first
    case "second": script_second
    default: nil
    }
  }

  private static let script_first: StaticString = #"""
-- The document's first process: writes a message and holds the name.
-- It ends, and the name with it, when a key is pressed.

local BUF_SIZE <const> = 256
local szName <const> = [[Global\MyFileMappingObject]]
local szMsg <const> = "Message from first process."

local hMapFile, _, failure = shm.create(
                 szName,                 -- name of mapping object
                 BUF_SIZE)               -- maximum object size

if not hMapFile then
   print(("Could not create file mapping object (%d)."):format(failure))
   os.exit(1)
end

local pBuf, _, failure = hMapFile:map {
                 access = "rw",          -- read/write permission
                 offset = 0,
                 length = BUF_SIZE }

if not pBuf then
   print(("Could not map view of file (%d)."):format(failure))

   hMapFile:close()

   os.exit(1)
end

pBuf:write(szMsg)
console.getch()

pBuf:close()

hMapFile:close()

"""#

  private static let script_second: StaticString = #"""
-- The document's second process: shows the message of the first.
-- It finds the object by its name, which must be held at that time.

local BUF_SIZE <const> = 256
local szName <const> = [[Global\MyFileMappingObject]]

local hMapFile, _, failure = shm.open(
                 szName)                 -- name of mapping object

if not hMapFile then
   print(("Could not open file mapping object (%d)."):format(failure))
   os.exit(1)
end

local pBuf, _, failure = hMapFile:map {
                 access = "rw",          -- read/write permission
                 offset = 0,
                 length = BUF_SIZE }

if not pBuf then
   print(("Could not map view of file (%d)."):format(failure))

   hMapFile:close()

   os.exit(1)
end

console.message_box(pBuf:read(), "Process2")

pBuf:close()

hMapFile:close()

"""#

  /// The text of Sources/LuaHost/Lua/NAME.lua.
  package static func module(_ name: String) -> StaticString? {
    switch name {
    case "help": module_help
    default: nil
    }
  }

  private static let module_help: StaticString = #"""
-- The help: what every function does, for the prompt, editors, the README and the manual.

local help = {}

return help

"""#
}
