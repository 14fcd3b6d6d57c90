/// Numbers and times as pages show them.
package enum Figures {
  /// 12,031
  package static func counted(_ number: Int) -> String {
    let digits = Array("\(number)")
    return digits.enumerated().map { index, digit in
      index > 0 && (digits.count - index) % 3 == 0 ? ",\(digit)" : "\(digit)"
    }.joined()
  }

  /// 31.9 ms, 2.1 s
  package static func duration(_ seconds: Double) -> String {
    let (value, unit) = seconds < 1 ? (seconds * 1000, "ms") : (seconds, "s")
    let tenths = Int((value * 10).rounded())
    return "\(counted(tenths / 10)).\(tenths % 10) \(unit)"
  }
}
