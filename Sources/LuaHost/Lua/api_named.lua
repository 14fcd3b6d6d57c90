-- The API, told once: named events, mutexes and semaphores. See help.lua for the tables' forms.

local named = {}

named.functions = {
}

return named
