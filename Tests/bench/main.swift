// bench: ratios of what the library costs to what it stands on, measured in one run.
//
//   bench [--svg FILE] [PART…]  all parts, or these; exit status 1 if a ratio is over its budget;
//                               draws them into FILE
//   bench hold N         (for itself) hold N names until standard input ends
//   bench serve SESSION  (for itself) take turns with the process that started it
//   bench copy           (for itself) copy 1 MiB again and again
//   bench contend …      (for itself) one of two processes that lock one mutex
//   bench idle KIND N    (for itself) N processes that wait
//   bench follow SESSION (for itself) read a topic until the process that started it is gone

import Glibc

let parts: [(name: String, measure: (inout Report) -> Void)] = [
  ("names", { for names in [10, 100_000] { measureNames(among: names, &$0) } }),
  ("copies", { measureCopies(&$0) }),
  ("scripts", { measureScripts(&$0) }),
  ("reads", { measureReads(&$0) }),
  ("typed", { measureTyped(&$0) }),
  ("fields", { measureFields(&$0) }),
  ("records", { measureRecords(&$0) }),
  ("gone", { measureGone(&$0) }),
  ("turns", { measureRoundTrips(&$0) }),
  ("looking", { measureLooking(&$0) }),
  ("locks", { measureLocks(&$0) }),
  ("queues", { measureQueues(&$0) }),
  ("topics", { measureTopics(&$0) }),
  ("waiters", { measureWaiters(&$0) }),
  ("plays", { measurePlays(&$0) }),
  ("start", { measureStart(&$0) }),
  ("explore", { measureExplore(&$0) }),
  ("peers", { measurePeers(&$0) }),
]

var words = CommandLine.arguments.dropFirst()
var drawing: String?
if words.first == "--svg", words.count >= 2 {
  drawing = words.dropFirst().first
  words = words.dropFirst(2)
}
switch words.first {
case "hold": hold(Int(CommandLine.arguments[2])!)
case "serve": serveTurns(CommandLine.arguments[2])
case "copy": copyBlocks()
case "contend":
  contend(CommandLine.arguments[2], milliseconds: Int(CommandLine.arguments[3])!)
case "idle": idle(Waited(rawValue: CommandLine.arguments[2])!, Int(CommandLine.arguments[3])!)
case "follow": follow(CommandLine.arguments[2])
default:
  for word in words where !parts.contains(where: { $0.name == word }) {
    print("bench: no part '\(word)'; parts: \(parts.map(\.name).joined(separator: ", "))")
    exit(64)
  }
  var report = Report()
  for part in parts where words.isEmpty || words.contains(part.name) { part.measure(&report) }
  if let drawing { Drawing(report: report).write(to: drawing) }
  report.end()
}
