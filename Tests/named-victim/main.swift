// named-victim list        the scenarios' names, each with the ways in which it may end
// named-victim SCENARIO    serves killstep, whose comment has the lines, with victims of it
//
// Exit status: 0 all victims are dead and nothing is left of them; 1 not so; 64 usage.
import Glibc
import TestSupport

/// Sets the stage for one victim after the other.
final class Server {
  private let scenario: Scenario
  private var stage: Stage
  private var victim: pid_t = 0
  private var victimsLeft = 0

  init(_ scenario: Scenario) {
    self.scenario = scenario
    rehearse(Places.unique("step"))
    stage = Stage()
  }

  /// Before the stage: who is stopped holds its objects.
  deinit { endVictim() }

  private func endVictim() {
    if victim == 0 { return }
    kill(victim, SIGKILL)
    ended(victim)
    victim = 0
  }

  func serve() throws(Verdict) {
    while let line = readLine() {
      let words = line.split(separator: " ")
      do throws(Verdict) {
        switch words.first {
        case "round": try begin()
        case "asleep": try scenario.release(stage)
        default: try victimIsDead(Int64(words[1]) ?? 0, isChanged: words[2] == "changed")
        }
      } catch {
        // Somebody may still sleep in a deed: the next round has other processes.
        if case .good = error {} else { stage = Stage() }
        say(error.line)
      }
    }
    try end()
  }

  private func say(_ line: String) {
    print(line)
    fflush(nil)
  }

  private func begin() throws(Verdict) {
    try stage.begin(scenario.makings)
    try scenario.before(stage)
    victimsLeft = scenario.victims
    try startVictim()
  }

  private func startVictim() throws(Verdict) {
    victimsLeft -= 1
    endVictim()
    victim = forked {
      let objects = Objects(stage.session, round: stage.round)
      for (slot, _) in scenario.makings { _ = objects.perform(.open, slot, 0) }
      for step in scenario.prepared { _ = objects.perform(step.deed, step.slot, step.argument) }
      let (deed, slot, argument) = (
        scenario.deed.deed, scenario.deed.slot, scenario.deed.argument
      )
      raise(SIGSTOP)
      _ = objects.perform(deed, slot, argument)
      raise(SIGSTOP)
    }
    var status: Int32 = 0
    while waitpid(victim, &status, WUNTRACED) < 0 && errno == EINTR {}
    if status & 0xFF != 0x7F { throw .bad("the victim ended before its operation") }
    try scenario.meanwhile(stage)
    say(["victim", "\(victim)"].joined(separator: " ") + stage.files.map { " \($0)" }.joined())
  }

  private func victimIsDead(_ time: Int64, isChanged: Bool) throws(Verdict) {
    endVictim()
    stage.killed = time
    stage.isChanged = stage.isChanged || isChanged
    if victimsLeft > 0 { return try startVictim() }
    let word = try scenario.after(stage)
    try stage.end()
    throw .good(word)
  }

  /// All are gone: one operation of anybody, and nothing is there.
  private func end() throws(Verdict) {
    if entries(of: stage.directory) != nil { throw .bad("left: \(stage.directory)") }
  }
}

func usage() -> Never {
  let text = "usage: named-victim list\n       named-victim SCENARIO\n"
  _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  exit(64)
}

if CommandLine.arguments.count != 2 { usage() }
let word = CommandLine.arguments[1]
if word == "list" {
  for scenario in Scenario.all {
    print("\(scenario.name)\t\(scenario.words.joined(separator: " "))")
  }
  exit(0)
}
guard let scenario = Scenario.all.first(where: { $0.name == word }) else { usage() }
do throws(Verdict) {
  try Server(scenario).serve()
} catch {
  _ = "named-victim: \(error.line)\n".withCString { write(STDERR_FILENO, $0, strlen($0)) }
  exit(1)
}
