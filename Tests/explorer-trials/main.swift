import Glibc

@testable import Explorer

/// What is tried, and of what; prints what is wrong.
func complaint(_ trial: String, _ subject: String) throws -> String? {
  switch trial {
  case "mutant":
    guard let fault = Fault.allCases.first(where: { "\($0)" == subject }) else {
      return "no mistake is called \(subject)"
    }
    return try Mutants.complaint(fault, on: words.count > 3 ? words[3] : nil)
  case "mutants":
    print(Fault.allCases.map { "\($0)" }.joined(separator: "\n"))
    return nil
  case "outcomes": return try Soundness.complaint(subject)
  case "found": return try Soundness.isFoundSoon(subject)
  case "figures":
    print(try Soundness.figures(subject))
    return nil
  case "refused": return try Soundness.refusal(subject)
  case "same": return Repetition.complaint(Int(subject) ?? 20)
  case "copies": return try Mutants.copiesOfOneSideAreProved()
  case "contradiction": return try Mutants.aContradictionIsSeen()
  case "real": return try SideBySide.complaint(Int(subject) ?? 0)
  default: return "no trial is called \(trial)"
  }
}

let words = CommandLine.arguments
if let text = try complaint(words[1], words.count > 2 ? words[2] : "") {
  print(text)
  exit(1)
}
