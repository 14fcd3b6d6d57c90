// bench: ratios of what the library costs to what it stands on, measured in one run.
//
//   bench                all ratios; exit status 1 if one is over its budget
//   bench start          those of start-up alone
//   bench locks          those of mutexes alone
//   bench contend …      (for itself) one of two processes that lock one mutex
//   bench hold N         (for itself) hold N names until standard input ends

import Glibc

if CommandLine.arguments.dropFirst().first == "hold" {
  hold(Int(CommandLine.arguments[2])!)
} else if CommandLine.arguments.dropFirst().first == "contend" {
  contend(CommandLine.arguments[2], milliseconds: Int(CommandLine.arguments[3])!)
} else if CommandLine.arguments.dropFirst().first == "locks" {
  var report = Report()
  measureLocks(&report)
  report.end()
} else if CommandLine.arguments.dropFirst().first == "start" {
  var report = Report()
  measureStart(&report)
  report.end()
} else {
  var report = Report()
  for names in [10, 100_000] { measureNames(among: names, &report) }
  measureCopies(&report)
  measureScripts(&report)
  measureLocks(&report)
  measureStart(&report)
  report.end()
}
