internal import Glibc
internal import SharedMemory

/// Runs the two programs of Microsoft's "Creating named shared memory" as two real processes of
/// this binary, and shows them side by side.
public struct Demonstration {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  private let binary: String
  private let scripts: String?
  private let columns: Columns
  private let emit: (String) -> Void

  /// - Parameters:
  ///   - binary: the program that runs both scripts.
  ///   - scripts: the folder of `first.lua` and `second.lua`; nil: those inside the binary.
  ///   - width: in terminal columns, for both together; if it is too small for two columns, the
  ///     processes take turns.
  public init(
    binary: String, scripts: String?, width: Int, emit: @escaping (String) -> Void
  ) {
    self.binary = binary
    self.scripts = scripts
    columns = Columns(width)
    self.emit = emit
  }

  private static let name = #"Global\MyFileMappingObject"#

  /// - Throws: what happened differently from the document.
  public func run() throws(Failure) {
    emit(columns.row("FIRST PROCESS", "SECOND PROCESS"))
    emit(columns.rule())
    var first = try start("first")
    show(first: first.errors(until: "console.getch()"))
    let second = try start("second")
    let seen = second.allOutput()
    show(second: second.remainingErrors())
    let secondStatus = second.wait()
    first.closeInput()  // stands for the key
    let rest = first.remainingErrors()
    let printed = first.allOutput()
    show(first: rest)
    let firstStatus = first.wait()
    emit(columns.row("printed: \(quoted(printed))", "printed: \(quoted(seen))"))
    emit(columns.row("exit status \(firstStatus)", "exit status \(secondStatus)"))
    guard firstStatus == 0, secondStatus == 0 else {
      throw Failure(description: "a process failed\n\(printed)\(seen)")
    }
    emit("\n" + columns.line("The second process showed:", seen.split(separator: "\n").first ?? ""))
    try proveGone()
  }

  private func start(_ script: String) throws(Failure) -> ChildProcess {
    do throws(ChildProcess.NotStarted) {
      let bundled = ["run", "--explain", script]
      return try ChildProcess(
        binary, scripts.map { ["--explain", "\($0)/\(script).lua"] } ?? bundled)
    } catch {
      throw Failure(description: error.reason)
    }
  }

  /// Checks that nobody can open the name and that no file is left.
  private func proveGone() throws(Failure) {
    let refusal = Self.refusalToOpen()
    guard let refusal, refusal.code == .fileNotFound else {
      throw Failure(description: refusal?.description ?? "another process holds \(Self.name)")
    }
    guard let path = try? Session.current.path(of: Array(Self.name.utf8)) else { return }
    let file = String(decoding: path, as: UTF8.self)
    guard access(file, F_OK) != 0 else { throw Failure(description: "\(file) was left behind") }
    emit(columns.line("The name is gone:", "\(refusal)"))
    emit(columns.line("", "\(file): no such file"))
  }

  private static func refusalToOpen() -> SharedMemoryError? {
    do throws(SharedMemoryError) {
      _ = try MemoryObject.open(name, access: .read)
      return nil
    } catch {
      return error
    }
  }

  private func quoted(_ text: String) -> String {
    text.isEmpty ? "(nothing)" : String(text.split(separator: "\n").joined(separator: " / "))
  }

  private func show(first text: String) {
    for line in text.split(separator: "\n") { emit(columns.row(String(line), "")) }
  }

  private func show(second text: String) {
    for line in text.split(separator: "\n") { emit(columns.row("", String(line))) }
  }
}

/// Two columns, or one in which each line begins with the number of its process. Lines that are too
/// long continue below, indented.
struct Columns {
  private let width: Int
  private let isNarrow: Bool
  private static let least = 72
  private static let label = 28

  init(_ width: Int) {
    isNarrow = width < Self.least
    self.width = isNarrow ? max(width, 24) - 4 : (width - 3) / 2
  }

  func rule() -> String {
    if isNarrow { return "──┼" + String(repeating: "─", count: width + 1) }
    return String(repeating: "─", count: width + 1) + "┼" + String(repeating: "─", count: width + 1)
  }

  /// A row with a line of the first process, of the second, or of both.
  func row(_ left: String, _ right: String) -> String {
    if isNarrow {
      return ["1": left, "2": right].sorted { $0.key < $1.key }
        .filter { !$0.value.isEmpty }
        .flatMap { number, text in
          wrapped(Self.narrowed(text), width).map { "\(number) │ \($0)" }
        }
        .joined(separator: "\n")
    }
    let left = wrapped(left, width)
    let right = wrapped(right, width)
    return (0..<max(left.count, right.count)).map { line in
      let cell = line < left.count ? left[line] : ""
      let padding = String(repeating: " ", count: width - cell.count)
      return "\(cell)\(padding) │ \(line < right.count ? right[line] : "")"
    }.joined(separator: "\n")
  }

  /// A line below both columns that says what was shown.
  func line(_ label: String, _ text: some StringProtocol) -> String {
    if !isNarrow {
      return label + String(repeating: " ", count: Self.label - label.count) + text
    }
    let lines = wrapped("  " + text, width + 4)
    return (label.isEmpty ? lines : [label] + lines).joined(separator: "\n")
  }

  /// Removes the blanks that separate columns within a wide line.
  private static func narrowed(_ text: String) -> String {
    let begin = String(repeating: " ", count: min(text.prefix { $0 == " " }.count, 4))
    return begin + text.split(separator: " ").joined(separator: " ")
  }

  private func wrapped(_ text: String, _ width: Int) -> [String] {
    var rest = Array(text)[...]
    var lines: [String] = []
    let begin = text.prefix { $0 == " " }.count
    let indent = String(repeating: " ", count: isNarrow ? begin + 2 : min(12, width / 4))
    while !rest.isEmpty || lines.isEmpty {
      let room = lines.isEmpty ? width : width - indent.count
      let count = Self.places(rest, room)
      lines.append((lines.isEmpty ? "" : indent) + String(rest.prefix(count)))
      rest = rest.dropFirst(count)
      if !lines.isEmpty { rest = rest.drop { $0 == " " } }
    }
    return lines
  }

  /// How many characters fit into one row: up to the last blank, or the last mark after which a
  /// reader expects an end, unless that leaves more than half of the row empty.
  private static func places(_ text: ArraySlice<Character>, _ room: Int) -> Int {
    if text.count <= room { return text.count }
    let ends: Set<Character> = [" ", "|", ",", "("]
    let row = text.prefix(room)
    guard let end = row.lastIndex(where: { ends.contains($0) }), end - row.startIndex >= room / 2
    else { return room }
    return end - row.startIndex + 1
  }
}
