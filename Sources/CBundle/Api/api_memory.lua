-- The API, told once: objects, views and the console. See help.lua for the tables' forms.

local memory = {}

memory.classes = {
  { "shm", line = "memory, events, mutexes, semaphores; layouts of C structures" },
  { "view", class = "shm.view", line = "what views can do: read, write, map, close …",
    text = "A window on shared memory, and its handle. tostring(view) tells name, size and access.",
    operators = { "len: integer" } },
  { "console", line = "a key, a box with a text in it, texts for a terminal" },
}

-- What every call that finds or makes an object may be refused with.
local naming <const> = { 3, 6, 123, 161, 206 }

local function with(list, ...)
  return table.move({ ... }, 1, select("#", ...), #list + 1, table.move(list, 1, #list, 1, {}))
end

memory.functions = {
  {
    name = "shm.create", signature = "shm.create(name, size [, options])",
    results = { { "view", "shm.view" }, { "existed", "boolean", "whether it was opened" } },
    brief = "makes the object, or opens the one that exists (its size wins); `name` nil: without "
      .. "a name",
    params = {
      { "name", "string?", "`Local\\x` or `x`, `Global\\x`, `/x`, `Wine\\…`; nil for memory without a name" },
      { "size", "integer", "bytes, from 1; an object that exists keeps its own" },
      { "options", "shm.create.options?", "access, offset, length, mode, exclusive, reserve, wine, hold" },
    },
    text = "The memory is zeroed and committed before anybody sees the name. The name lives until "
      .. "the last handle in any process is closed.",
    codes = with(naming, 2, 4, 5, 8, 50, 87, 170, 183, 999, 1006, 1132, 1455),
    raises = "a name that is no string, a size that is no integer, an unknown option",
    example = [=[
local view <close>, existed = assert(shm.create([[Local\greeting]], 256))
view:write("hello")
print(view:read(), existed)  --> hello	false]=],
  },
  {
    name = "shm.open", signature = "shm.open(name [, options])",
    results = { { "view", "shm.view" } },
    brief = "opens an object that exists",
    params = {
      { "name", "string", "as it was created" },
      { "options", "shm.options?", "access, offset, length, wine, hold" },
    },
    text = "The view shows the whole object, or the window that the options name.",
    codes = with(naming, 2, 4, 5, 8, 50, 87, 170, 999, 1006, 1132),
    raises = "a name that is no string, an unknown option",
    example = [=[
local first <close> = assert(shm.create("greeting", 16))
first:write("hello")
local second <close> = assert(shm.open("greeting", { access = "r" }))
print(second:read())  --> hello]=],
  },
  {
    name = "shm.unlink", signature = 'shm.unlink("/name")',
    results = { { "true", "boolean" } },
    brief = "removes a POSIX name; all other names go by themselves",
    params = { { "name", "string", "a name that begins with a slash" } },
    text = "Views that are open keep the memory; nobody else finds it any more.",
    codes = { 2, 3, 5, 50, 87, 123, 161, 206 },
    raises = "a name that is no string",
    example = [=[
local view <close> = assert(shm.create("/moonpool-example", 4096))
assert(shm.unlink("/moonpool-example"))
print(select(3, shm.open("/moonpool-example")))  --> 2]=],
  },
  {
    name = "shm.path", signature = "shm.path(name)",
    results = { { "path", "string" } },
    brief = "the file that a name means, for other programs to map",
    params = { { "name", "string", "it need not exist" } },
    text = "The file holds the object's bytes from offset 0 and nothing else.",
    codes = with(naming, 50),
    raises = "a name that is no string",
    example = [=[
print(shm.path("/frames"))  --> /dev/shm/frames]=],
  },
  {
    name = "view:write", signature = "view:write(data [, offset])",
    results = { { "view", "shm.view", "the same, for a chain of writes" } },
    brief = "copies the bytes, adds no terminator",
    params = {
      { "data", "string", "any bytes" },
      { "offset", "integer?", "where the first goes, from 0 (the default)" },
    },
    text = "All or nothing: data that does not fit writes no byte.",
    raises = "bytes past the view's end, a read-only view, a closed view, memory that is gone "
      .. "(error 999)",
    example = [=[
local view <close> = assert(shm.create(nil, 16))
view:write("hello"):write("J", 0)
print(view:read())  --> Jello]=],
  },
  {
    name = "view:read", signature = "view:read([length [, offset]])",
    results = { { "data", "string" } },
    brief = "`length` bytes; without `length` the text up to the first NUL or the view's end",
    params = {
      { "length", "integer?", "bytes; nil for a text that ends at a NUL" },
      { "offset", "integer?", "the first byte to read, from 0 (the default)" },
    },
    raises = "bytes past the view's end, a closed view, memory that is gone (error 999)",
    example = [=[
local view <close> = assert(shm.create(nil, 16))
view:write("hello")
print(view:read(), #view:read(8), view:read(nil, 1))  --> hello	8	ello]=],
  },
  {
    name = "view:close", signature = "view:close()",
    results = { { "true", "boolean" }, { "warning", "string?", "the name had been removed" } },
    brief = "unmaps and closes; again is harmless; `<close>` and the collector do the same",
    text = "With the last handle of all processes the name goes, at once.",
    example = [=[
local view = assert(shm.create("greeting", 16))
view:close()
print(select(3, shm.open("greeting")))  --> 2]=],
  },
  {
    name = "view:map", signature = "view:map{offset=, length=, access=}",
    results = { { "view", "shm.view" } },
    brief = "another window on the same object, which holds it as this one does",
    params = { { "options", "shm.options?", "without access: that of the handle" } },
    text = "Offsets count from the object's beginning, not from this view's.",
    codes = { 4, 5, 8, 87, 1132 },
    raises = "a closed view, an unknown option",
    example = [=[
local view <close> = assert(shm.create(nil, 131072))
local second <close> = assert(view:map { offset = 65536, access = "r" })
view:write("hello", 65536)
print(second:read(), #second)  --> hello	65536]=],
  },
  {
    name = "view:check", signature = "view:check()",
    results = { { "true", "boolean" } },
    brief = "is the name still there, and the memory?",
    text = "It says no when another program removed the object's file or cut it short.",
    codes = { 2, 999 },
    raises = "a closed view",
    example = [=[
local view <close> = assert(shm.create("greeting", 16))
print(view:check())  --> true]=],
  },
  {
    name = "view:size", signature = "view:size()", also = { "#view" },
    results = { { "bytes", "integer" } },
    brief = "how many bytes the window has",
    raises = "a closed view",
    example = [=[
local view <close> = assert(shm.create(nil, 100))
print(view:size(), #view)  --> 100	100]=],
  },
  {
    name = "view:name", signature = "view:name()",
    results = { { "name", "string?" } },
    brief = "the object's name as it was given; nil without one",
    text = "A closed view tells it, too.",
    example = [=[
local view <close> = assert(shm.create([[Local\greeting]], 16))
print(view:name())  --> Local\greeting]=],
  },
  {
    name = "view:access", signature = "view:access()",
    results = { { "access", '"rw"|"r"|"copy"' } },
    brief = "what the view allows",
    raises = "a closed view",
    example = [=[
local view <close> = assert(shm.create(nil, 16))
print(view:access())  --> rw]=],
  },
  {
    name = "tostring", signature = "tostring(view)", global = true,
    results = { { "text", "string" } },
    brief = "name, size and access in words",
    example = [=[
local view <close> = assert(shm.create("greeting", 16))
print(view)  --> view of greeting (16 bytes, rw)]=],
  },
  {
    name = "console.getch", signature = "console.getch()",
    results = { { "key", "string?" } },
    brief = "one key of the terminal, or one byte of standard input; nil at its end",
    text = "On a terminal it waits for no Enter and shows nothing.",
    example = [=[
local key = console.getch()
print(key == nil or #key == 1)  --> true]=],
  },
  {
    name = "console.message_box", signature = "console.message_box(text [, title])",
    results = {},
    brief = "a box that waits for Enter on a terminal, otherwise a line",
    params = {
      { "text", "any", "shown as tostring does" },
      { "title", "string?", "on the box's frame; not shown in a line" },
    },
    raises = "a title that is no string",
    example = [=[
console.message_box("Message from first process.", "Process2")]=],
  },
  {
    name = "console.printable", signature = "console.printable(text [, manner])",
    results = { { "shown", "string" } },
    brief = "a text that anybody may have written, as it may reach a terminal",
    params = {
      { "text", "string", "any bytes" },
      { "manner", '"line"|"lines"|"quoted"', '`"line"` (default) for a part of one line; `"lines"` '
        .. 'keeps line ends and tabs; `"quoted"` writes what stands between `""` in Lua' },
    },
    text = "Letters, marks, numbers, punctuation, symbols and the space are kept. Controls, "
      .. "bidirectional and other format characters, separators, what has no width, and bytes "
      .. "that are no UTF-8 become `\\xNN` or `\\u{NNNN}`. Names in messages, `tostring`, "
      .. "listings and the prompt follow the same rule; `print` and `io.write` write bytes as "
      .. "they are.",
    raises = "a text that is no string, another manner",
    example = [=[
print(console.printable("bell\7, caf\u{E9}, \u{202E}back"))  --> bell\x07, café, \u{202E}back]=],
  },
}

memory.options = {
  { "access", '"rw"|"r"|"copy"', "all",
    '`"rw"` (default), `"r"`, `"copy"` (what is written stays private)' },
  { "offset", "integer", "all",
    "the window's first byte, a multiple of 65,536; default 0" },
  { "length", "integer", "all", "the window's bytes; 0, the default, is all to the end" },
  { "mode", "integer|string", "create",
    'permission bits, octal digits or an integer, which is decimal: `mode = "0644"`; default 0600' },
  { "exclusive", "boolean", "create", "an existing name is error 183" },
  { "reserve", "boolean", "create", "do not commit the pages at once" },
}

memory.codes = {
  { 2, "ERROR_FILE_NOT_FOUND", "nobody holds an object of this name" },
  { 3, "ERROR_PATH_NOT_FOUND", "a stray backslash in the name, or a missing folder" },
  { 4, "ERROR_TOO_MANY_OPEN_FILES",
    "no descriptors left; an object takes two, a mutex, queue or topic in use three (`ulimit -n`)" },
  { 5, "ERROR_ACCESS_DENIED",
    "the mode, the directory's owner or the handle's access forbids it; a length past the end" },
  { 6, "ERROR_INVALID_HANDLE", "the name belongs to another type of object, or is reserved" },
  { 8, "ERROR_NOT_ENOUGH_MEMORY", "no memory left" },
  { 13, "ERROR_INVALID_DATA", "a message is no value, or another program damaged the object" },
  { 24, "ERROR_BAD_LENGTH", "the message is larger than half the queue, or a quarter of the topic" },
  { 87, "ERROR_INVALID_PARAMETER",
    "a size or mode that cannot be, an offset past the end, or a number that no process has" },
  { 109, "ERROR_BROKEN_PIPE", "the end of a queue or topic: nobody adds messages any more, and there are none left" },
  { 123, "ERROR_INVALID_NAME", "nothing after a prefix, or a second slash in a POSIX name" },
  { 161, "ERROR_BAD_PATHNAME", "a backslash first" },
  { 170, "ERROR_BUSY",
    "another process, perhaps a stopped one, keeps a name's fate open, or a queue or topic; try again" },
  { 183, "ERROR_ALREADY_EXISTS", "the name exists, and `exclusive` was asked for" },
  { 206, "ERROR_FILENAME_EXCED_RANGE", "the name is too long, or its file is that of another long name" },
  { 232, "ERROR_NO_DATA", "the queue is finished; or full, and nobody who takes is left" },
  { 288, "ERROR_NOT_OWNER", "the mutex is not locked by this interpreter, or the job is another's by now" },
  { 298, "ERROR_TOO_MANY_POSTS", "the semaphore's count would pass its maximum; it is unchanged" },
  { 999, "ERROR_SWAPERROR",
    "the object's memory is gone; close the view and create the object again" },
  { 1006, "ERROR_FILE_INVALID",
    "a POSIX object to which its creator has given no size yet, or a section under Wine whose file "
      .. "was cut" },
  { 1117, "ERROR_IO_DEVICE", "the kernel refused as the message says; of a strict topic: messages were lost" },
  { 1132, "ERROR_MAPPED_ALIGNMENT", "an offset that is no multiple of 65,536" },
  { 1455, "ERROR_COMMITMENT_LIMIT",
    "`/dev/shm` has no room for it; the message says how much is needed and free" },
  { 1460, "ERROR_TIMEOUT", "it did not happen within the time that was given" },
}

memory.subjects = {
  { "names", "where a name lives and who sees it", [=[
Local\x, or x, is one of the user's objects; MOONPOOL_SESSION=word narrows it to one session.
It lives in /dev/shm/moonpool-<uid>/, in a user namespace with the uid outside.

Global\x is for every user; the mode decides who may open it. It lives in
/dev/shm/moonpool-global/. With MOONPOOL_GLOBAL=strict only root creates there.

/x is the POSIX object shm_open("/x") in /dev/shm/x, with POSIX's lifetime: it stays until
shm.unlink.

Wine\x is memory of Windows programs under Wine: help "wine". What a name's file is called:
help "files".

Names are bytes (text is UTF-8) and case sensitive; all but a further backslash is legal, and an
empty name is none, as nil. In Lua write them in long brackets, so that a backslash is one:
  shm.open([[Global\MyFileMappingObject]])]=] },
  { "lifetime", "when objects come and go", [[
A name exists while at least one handle in any process is open. The moment the last one goes, by
close, by exit or by kill -9, shm.open says error 2. Each view that create, open or view:map
returns holds the name until it is closed or collected.

To a stranger whom its mode shuts out it is error 5, dead or alive.

An object is never visible before it has its whole size, is zeroed and is committed. No process
that is stopped or killed, at any instruction, makes another one wait without a bound (0.3 s, then
error 170).

A program that maps an object's file by its path shares the memory and is no holder: the name goes
without it.

POSIX names (/x) are the exception: they stay until shm.unlink or moonpool rm.

What killed processes leave: help "remains". What can go wrong on a machine: help "limits".]] },
  { "errors", "what goes wrong, and the codes" },
  { "options", "the last argument of create, open and map", within = "shm" },
  { "scripts", "the scripts inside the binary", within = "shm", [[
moonpool scripts lists them, moonpool run NAME [ARG…] runs one, moonpool run --show NAME prints
one: a beginning for scripts of your own.

A debugger: MobDebug works. luarocks --lua-version 5.4 install mobdebug, and in the script
require("mobdebug").start(), while an editor that has its server (ZeroBrane Studio) listens.]] },
}

return memory
