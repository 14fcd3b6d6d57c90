-- The API, told once: the memory of Windows programs under Wine. See help.lua for the tables'
-- forms.

local wine = {}

wine.functions = {
  {
    name = "shm.offer", signature = "shm.offer(view, name [, options])",
    results = { { "view", "shm.view", "of the same bytes; it holds the name" } },
    brief = "gives the view's object a name that Windows programs under Wine open; see "
      .. '`help "wine"`',
    params = {
      { "view", "shm.view", "of the object; all of it is offered" },
      { "name", "string", "`Wine\\Local\\x`, `Wine\\Global\\x` or `Wine\\x`" },
      { "options", "shm.wine.options?", "wine" },
    },
    text = "Scripts, native programs and Windows programs then share the same bytes. The name "
      .. "lives as long as the view that is returned, or a Windows program's handle.",
    codes = { 2, 3, 4, 5, 6, 8, 50, 87, 123, 161, 170, 183, 206, 1006, 1117 },
    raises = "a closed view, a name that is no string, an unknown option",
    example = [=[
local view <close> = assert(shm.create("greeting", 256))
local offered, why, code = shm.offer(view, [[Wine\Local\greeting]], { wine = "~/no/prefix" })
print(offered, code)  --> nil	2]=],
  },
}

wine.options = {
  { "wine", "string", "create, open, offer",
    "of a name under Wine: the folder of its prefix; without it, and without `MOONPOOL_WINE`, all "
      .. "of your servers that run are asked", class = "shm.wine.options" },
  { "hold", "boolean", "create, open",
    'of a name under Wine: keep the name and the prefix\'s server; default: not with `access = "r"`',
    class = "shm.options" },
}

wine.codes = {
  { 50, "ERROR_NOT_SUPPORTED",
    "what memory under Wine does not have, another object of Wine's, or a wine that is unknown" },
}

wine.subjects = {
  { "wine", "memory of Windows programs under Wine and Proton", within = "names", [=[
Wine\Local\x, Wine\x and Wine\Global\x are what Windows programs under Wine call Local\x, x and
Global\x. No bridge is started: the wineserver that runs for the game is asked. With several, say
which prefix: { wine = "~/.wine" } or MOONPOOL_WINE=~/.wine, of Steam's games the folder
steamapps/compatdata/NUMBER/pfx. No server is ever started. All are asked at the same time; where
none has the name and one is stopped, that is error 170 after a second.

shm.open with access = "r" takes the memory and leaves: it keeps neither the name nor the game's
server, and view:check() says error 2 once the game has ended or was started again. With "rw", and
of shm.create and shm.offer, the name lives as long as the view, as with any Windows process;
hold = true or false says otherwise.

Sizes are whole pages, as Wine keeps them. Events, mutexes and semaphores of Wine's are not shared
(error 50): under Proton's fsync and ntsync they are other objects, and waiting differs between
versions.

moonpool ls lists what Windows programs share, moonpool doctor the servers that run.]=] },
}

return wine
