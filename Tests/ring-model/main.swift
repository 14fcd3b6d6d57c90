import RingModel

// Explores all states of every scene of queues: ring-model [MOST], the most states of each.
let most = CommandLine.arguments.dropFirst().first.flatMap { UInt64($0) } ?? 8_000_000
var index: Int32 = 0
var isWrong = false
while let scene = ring_scene_at(index) {
  var report = ring_explore(scene, RING_RIGHT, most)
  let violation = String(cString: ring_violation(&report))
  let cut = report.is_cut ? " (there are more)" : ""
  let verdict = violation.isEmpty ? "sound" : "\(violation): \(String(cString: ring_way(&report)))"
  print("\(String(cString: scene.pointee.name)): \(report.states) states\(cut), \(verdict)")
  isWrong = isWrong || !violation.isEmpty
  index += 1
}
if isWrong { fatalError("a property is broken") }
