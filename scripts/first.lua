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
