-- The API, told once: scalars, packs, texts and bytes of a view. See help.lua for the tables' forms.

local typed = {}

typed.functions = {
}

return typed
