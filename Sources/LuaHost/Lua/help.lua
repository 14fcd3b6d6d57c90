-- The help: what every function does, for the prompt, editors, the README and the manual.

local help = {}

return help
