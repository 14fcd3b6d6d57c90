import ArgumentParser
import Console
@preconcurrency import Glibc
import LuaHost
import SharedMemory

struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Show an object's lines, fields or state that change, until its last holder goes.")

  @Argument(help: "The object's name.") var name: NameArgument
  @Option(help: "Seconds between two looks.") var interval = 0.5
  @OptionGroup var range: ByteRange
  @OptionGroup var fields: LayoutOption

  /// The reader has no handle, so watching keeps no name alive.
  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      if try watchState() { return print("\(name.text) is gone") }
      let reader = try WineInspection.reader(of: name.bytes)
      if let layout = fields.layout {
        try watch(reader, LayoutOption.listing(layout, fields.type))
      } else {
        var watch = ChangeWatch(from: range.start, to: range.end, size: reader.size)
        repeat {
          try watch.look(
            at: reader, stamp: { size in Self.time() + (size.map { "  size \($0)" } ?? "") },
            write: StandardOutput.write)
          pause()
        } while reader.lives
      }
      print("\(name.text) is gone")
    }
  }

  /// The state of what can be waited for, each time that it changes, and how fast its counters grow.
  ///
  /// - Returns: false for a mapping, which has none.
  private func watchState() throws(SharedMemoryError) -> Bool {
    guard let entry = try? Session.current.find(name.bytes),
      var state = try Session.current.state(of: entry)
    else { return false }
    StandardOutput.write(Array("\(Self.time())  \(state.text)\n".utf8))
    var players = Self.players(of: entry)
    if !players.isEmpty { StandardOutput.write(Array("\(Self.time())  \(players)\n".utf8)) }
    var moment = Self.seconds()
    while true {
      pause()
      let next: any ObjectState
      do throws(SharedMemoryError) {
        guard let seen = try Session.current.state(of: try Session.current.find(name.bytes)) else {
          return true
        }
        next = seen
      } catch {
        if error.code == .fileNotFound { return true }
        throw error
      }
      let now = Self.seconds()
      let rates = zip(state.counters, next.counters).map { before, after in
        let count = Double(after.value &- before.value) / max(now - moment, 0.001)
        return "\(after.label) \(Int(count.rounded()))/s"
      }
      let hasMoved = zip(state.counters, next.counters).contains { $0.value != $1.value }
      if next.text != state.text || hasMoved {
        let line = ([next.text] + rates).joined(separator: ", ")
        StandardOutput.write(Array("\(Self.time())  \(line)\n".utf8))
      }
      let nowPlaying = Self.players(of: entry)
      if nowPlaying != players {
        players = nowPlaying
        StandardOutput.write(
          Array("\(Self.time())  \(players.isEmpty ? "nobody" : players)\n".utf8))
      }
      (state, moment) = (next, now)
    }
  }

  /// `producer 42, consumer 43`: who does what with an object that carries messages.
  private static func players(of entry: Session.Entry) -> String {
    guard let roles = Session.current.roles(of: entry) else { return "" }
    return roles.sorted { $0.key < $1.key }
      .map { "\($0.value.words.joined(separator: " and ")) \($0.key)" }.joined(separator: ", ")
  }

  private static func seconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }

  private func pause() {
    usleep(UInt32((interval.isNaN ? 0.5 : min(max(interval, 0.01), 3600)) * 1_000_000))
  }

  /// All fields, then those that changed.
  private func watch(
    _ reader: borrowing ObjectReader, _ listing: borrowing FieldListing
  ) throws(SharedMemoryError) {
    var before: [String] = []
    repeat {
      let lines = try listing.lines(of: reader, from: range.start, to: range.end, name: name.text)
      let changed =
        lines.count == before.count
        ? zip(lines, before).filter { $0 != $1 }.map { $0.0 } : lines
      if !changed.isEmpty {
        StandardOutput.write(Array(([Self.time()] + changed).joined(separator: "\n").utf8) + [0x0A])
      }
      before = lines
      pause()
    } while reader.lives
  }

  /// `09:05:59.123`, as the clock on the wall has it.
  private static func time() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    localtime_r(&now.tv_sec, &parts)
    func digits(_ value: Int, _ count: Int) -> String {
      let text = "\(value)"
      return String(repeating: "0", count: max(count - text.count, 0)) + text
    }
    return digits(Int(parts.tm_hour), 2) + ":" + digits(Int(parts.tm_min), 2) + ":"
      + digits(Int(parts.tm_sec), 2) + "." + digits(now.tv_nsec / 1_000_000, 3)
  }
}
