import ArgumentParser
import Console
import SharedMemory

struct Stat: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stat",
    abstract: "Show what an object is, and the state of one that can be waited for.")

  @Argument(help: "The object's name.") var name: NameArgument
  @Flag(help: "Print JSON.") var json = false

  func run() {
    Moonpool.reporting { () throws(SharedMemoryError) in
      if try WineInspection.stat(name.bytes, json: json) { return }
      let entry = try Session.current.find(name.bytes)
      let state = try Self.state(of: entry)
      print(json ? Self.json(entry, state) : Self.text(entry, state))
    }
  }

  private enum State {
    case none
    case seen(any ObjectState)
    /// Damaged, or not ours to read; everything else is shown all the same.
    case unseen(SharedMemoryError)
  }

  private static func state(of entry: Session.Entry) throws(SharedMemoryError) -> State {
    do throws(SharedMemoryError) {
      return try Session.current.state(of: entry).map(State.seen) ?? .none
    } catch {
      if error.code == .fileNotFound { throw error }
      return .unseen(error)
    }
  }

  private static func text(_ entry: Session.Entry, _ state: State) -> String {
    let line =
      switch state {
      case .none: ""
      case .seen(let state): "\nstate   \(state.text)"
      case .unseen(let error): "\nstate   unknown: \(error.advice)"
      }
    let held = entry.isClosed ? "\nheld    only its owner and root may see" : ""
    return """
      name    \(entry.text)
      type    \(entry.type)\(line)
      size    \(entry.size) bytes
      mode    \(ObjectTable.octal(entry.mode))
      owner   \(entry.ownerName)\(held)
      file    \(entry.path)
      """
  }

  private static func json(_ entry: Session.Entry, _ state: State) -> String {
    let field: [JSON.Field] =
      switch state {
      case .none: []
      case .seen(let state): [("state", JSON.object(fields(state)))]
      case .unseen: [("state", "null")]
      }
    let held: [JSON.Field] =
      entry.place == nil ? [] : [("held", entry.isClosed ? "null" : "true")]
    return JSON.object(List.fields(entry) + held + field)
  }

  private static func fields(_ state: any ObjectState) -> [JSON.Field] {
    state.fields.map { field in
      switch field.value {
      case .flag(let flag): (field.label, "\(flag)")
      case .number(let number): (field.label, "\(number)")
      case .unknown: (field.label, "null")
      }
    }
  }
}
