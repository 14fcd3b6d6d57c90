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
