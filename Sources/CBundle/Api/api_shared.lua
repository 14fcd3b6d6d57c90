-- What the help tables of all kinds that can be waited for say alike.

local shared = {}

-- What every call that makes or finds an object may be refused with.
shared.making = { 3, 4, 5, 6, 8, 87, 123, 161, 170, 183, 206, 999, 1455 }
shared.opening = { 2, 3, 4, 5, 6, 8, 123, 161, 170, 206, 999 }

shared.naming = { "name", "string?", "as of mappings, without a slash; nil: without a name" }
shared.options = { "options", "shm.named.options?", "mode, exclusive" }
shared.access = { "options", "shm.open.options?", "access" }
shared.timeout = { "timeout", "number?", "seconds; nil: for ever; 0: do not wait" }

-- The results of a wait.
function shared.waited(what)
  return { { "acquired", "boolean", what }, { "why", "string?", '"timeout"' } }
end

shared.gone = "memory that is gone"

return shared
