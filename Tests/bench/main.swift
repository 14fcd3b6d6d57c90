// bench: ratios of what the library costs to what it stands on, measured in one run.
//
//   bench                all ratios; exit status 1 if one is over its budget
//   bench start          those of start-up alone
//   bench fields         those of records' fields alone
//   bench hold N         (for itself) hold N names until standard input ends

import Glibc

if CommandLine.arguments.dropFirst().first == "hold" {
  hold(Int(CommandLine.arguments[2])!)
} else if CommandLine.arguments.dropFirst().first == "start" {
  var report = Report()
  measureStart(&report)
  report.end()
} else if CommandLine.arguments.dropFirst().first == "fields" {
  var report = Report()
  measureFields(&report)
  report.end()
} else {
  var report = Report()
  for names in [10, 100_000] { measureNames(among: names, &report) }
  measureCopies(&report)
  measureScripts(&report)
  measureFields(&report)
  measureStart(&report)
  report.end()
}
