import ArgumentParser
import Console
import SharedMemory

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List the objects that live, and remove what the dead left.")

  @Flag(help: "Print JSON.") var json = false
  @Flag(help: "List the POSIX objects (/name) instead.") var posix = false

  func run() {
    var refusals: [String] = []
    var entries: [Session.Entry] = []
    func add(_ list: () throws(SharedMemoryError) -> [Session.Entry]) {
      do throws(SharedMemoryError) { entries += try list() } catch {
        refusals.append(error.description)
      }
    }
    if posix {
      add { () throws(SharedMemoryError) in try Session.current.posixObjects() }
    } else {
      let census = Session.current.census()
      for place in Session.Place.allCases {
        add { () throws(SharedMemoryError) in try census.list(place) }
      }
    }
    let wine = posix ? [] : WineInspection.list()
    print(
      json
        ? JSON.array((entries.map(Self.fields) + wine.map(WineInspection.fields)).map(JSON.object))
        : ObjectTable.text(entries, columns: StandardTerminal.columns))
    if !json && !wine.isEmpty { print("\n" + WineTable.text(wine)) }
    // If one namespace cannot be trusted, the other is still shown.
    if !refusals.isEmpty {
      ExitStatus.flushOutput()
      ExitStatus.failure.exit(refusals.joined(separator: "\nmoonpool: "))
    }
  }

  static func fields(_ entry: Session.Entry) -> [JSON.Field] {
    (entry.isWhole ? JSON.text("name", entry.name) : [("name", "null")]) + [
      ("type", JSON.string(entry.type)),
      ("size", "\(entry.size)"), ("mode", JSON.string(ObjectTable.octal(entry.mode))),
      ("owner", "\(entry.owner)"),
    ] + (entry.claims.map { [("handles", "\($0)")] } ?? []) + JSON.text("path", entry.pathBytes)
  }
}
