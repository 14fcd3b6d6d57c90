import ArgumentParser
import SharedMemory

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check what shared memory needs on this machine.")

  func run() {
    let findings = Session.current.examine()
    for finding in findings {
      print("\(finding.isFine ? "ok   " : "wrong") \(finding.text)")
    }
    ExitStatus.exitAfterCommand(ran: findings.allSatisfy(\.isFine))
  }
}
