std = "lua54"
include_files = { "**/*.lua" }
globals = { "shm", "console" }
-- The words of scenarios.
files["Tests/Scenarios"].globals = {
  "scenario", "setup", "finally", "always", "actor", "actors", "fault", "expect", "history", "mark",
  "sometimes", "any", "me", "alive",
}
files["Tests/Scenarios/between/remembers-in-a-library.lua"].ignore = { "142", "143" }
-- The document's programs name a second failure as the first, as C reuses GetLastError.
files["scripts/first.lua"].ignore = { "411" }
files["scripts/second.lua"].ignore = { "411" }
