import ArgumentParser
import SharedMemory
import Wine

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check what shared memory needs on this machine.")

  func run() {
    let findings = Session.current.examine()
    let wine = WinePrefixes().examine()
    let all = findings.map { ($0.isFine, $0.text) } + wine.map { ($0.isFine, $0.text) }
    for (isFine, text) in all { print("\(isFine ? "ok   " : "wrong") \(text)") }
    ExitStatus.exitAfterCommand(ran: all.allSatisfy(\.0))
  }
}
