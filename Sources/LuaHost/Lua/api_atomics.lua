-- The API, told once: atomic cells, waiting, records under a sequence word. See help.lua for the tables' forms.

local atomics = {}

atomics.functions = {
}

return atomics
