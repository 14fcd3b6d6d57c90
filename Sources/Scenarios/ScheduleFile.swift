internal import PrintableText

/// A schedule and the steps that it had, as `--save` writes it: so that a replay that does something
/// else is seen, and that a person reads what differs.
///
///     moonpool-trace 1
///     scenario 5a3c09d1e2b4f687  transfer.lua
///     schedule A2.xA.B4
///     1  mover  transfer.lua:10  mutex:lock accounts.lock  acquired
package struct ScheduleFile: Sendable {
  package var schedule: Schedule
  /// Of the scenario's text; nil: any.
  package var checksum: UInt64?
  /// A line each; none: only the schedule is followed.
  package var steps: [String] = []

  package init(_ schedule: Schedule) { self.schedule = schedule }

  private static let version = "moonpool-trace 1"

  /// - Throws: what is wrong with the text. One line alone is a schedule, too.
  package init(text: String) throws(Schedule.Problem) {
    var lines = text.split(separator: "\n").map(String.init)
    if lines.count == 1, !lines[0].hasPrefix("moonpool-") {
      self.init(try Schedule(lines[0]))
      return
    }
    guard lines.first == Self.version else {
      throw Schedule.Problem(text: "the file does not begin with '\(Self.version)'")
    }
    lines.removeFirst()
    guard lines.count >= 2, lines[0].hasPrefix("scenario "),
      let sum = UInt64(lines[0].dropFirst(9).prefix { $0 != " " }, radix: 16),
      lines[1].hasPrefix("schedule")
    else {
      throw Schedule.Problem(text: "its second line is 'scenario CHECKSUM', its third 'schedule …'")
    }
    self.init(try Schedule(lines[1].dropFirst(8).drop { $0 == " " }))
    checksum = sum
    steps = Array(lines.dropFirst(2))
  }

  package func text(of file: String) -> String {
    let sum = String(checksum ?? 0, radix: 16)
    let padded = String(repeating: "0", count: 16 - sum.count) + sum
    let lines = [Self.version, "scenario \(padded)  \(file)", "schedule \(schedule.text)"] + steps
    return lines.joined(separator: "\n") + "\n"
  }

  /// FNV-1a (Fowler, Noll, Vo; draft-eastlake-fnv) of the scenario's text.
  package static func checksum(of text: [UInt8]) -> UInt64 {
    text.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// A step's line.
  package static func line(
    number: Int, actor: String, place: String, verb: String, object: String, result: String
  ) -> String {
    let shown = String(decoding: Printable.escaped(Array(object.utf8), .line), as: UTF8.self)
    let what = verb + (shown.isEmpty ? "" : " \(shown)")
    return "\(number)  \(actor)  \(place)  \(what)  \(result)"
  }
}
