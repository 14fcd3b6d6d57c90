-- The API, told once: layouts of C declarations, and records. See help.lua for the tables' forms.

local layouts = {}

layouts.functions = {
}

return layouts
