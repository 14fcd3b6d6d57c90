-- The kinds of what has a name and can be waited for, in the order of their help: each has a table
-- of its own, api_KIND.lua.

return { "event", "mutex", "semaphore", "queue", "topic" }
