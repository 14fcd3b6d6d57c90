internal import Glibc
internal import SharedMemory

/// The document's two programs as two real processes of one binary, shown side by side.
public struct Demonstration {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  private let binary: String
  private let scripts: String?
  private let width: Int
  private let emit: (String) -> Void

  /// - Parameters:
  ///   - binary: the program that runs both scripts.
  ///   - scripts: the folder of `first.lua` and `second.lua`; nil: those inside the binary.
  ///   - width: of the two columns together.
  public init(
    binary: String, scripts: String?, width: Int, emit: @escaping (String) -> Void
  ) {
    self.binary = binary
    self.scripts = scripts
    self.width = max(width, 60)
    self.emit = emit
  }

  private static let name = #"Global\MyFileMappingObject"#

  /// - Throws: what went otherwise than in the document.
  public func run() throws(Failure) {
    emit(Columns(width).row("FIRST PROCESS", "SECOND PROCESS"))
    emit(Columns(width).rule())
    var first = try start("first")
    show(first: first.errors(until: "console.getch()"))
    let second = try start("second")
    let seen = second.allOutput()
    show(second: second.remainingErrors())
    let secondStatus = second.wait()
    first.closeInput()  // the key
    let rest = first.remainingErrors()
    let printed = first.allOutput()
    show(first: rest)
    let firstStatus = first.wait()
    emit(Columns(width).row("printed: \(quoted(printed))", "printed: \(quoted(seen))"))
    emit(Columns(width).row("exit status \(firstStatus)", "exit status \(secondStatus)"))
    guard firstStatus == 0, secondStatus == 0 else {
      throw Failure(description: "a process failed\n\(printed)\(seen)")
    }
    emit("\nThe second process showed:  \(seen.split(separator: "\n").first ?? "")")
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

  /// Nobody can open the name, and no file is left.
  private func proveGone() throws(Failure) {
    let refusal = Self.refusalToOpen()
    guard let refusal, refusal.code == .fileNotFound else {
      throw Failure(description: refusal?.description ?? "another process holds \(Self.name)")
    }
    guard let path = try? Session.current.path(of: Array(Self.name.utf8)) else { return }
    let file = String(decoding: path, as: UTF8.self)
    guard access(file, F_OK) != 0 else { throw Failure(description: "\(file) was left behind") }
    emit("The name is gone:           \(refusal)")
    emit("                            \(file): no such file")
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
    for line in text.split(separator: "\n") { emit(Columns(width).row(String(line), "")) }
  }

  private func show(second text: String) {
    for line in text.split(separator: "\n") { emit(Columns(width).row("", String(line))) }
  }
}

/// Two columns; a line that is too long goes on below, indented.
struct Columns {
  private let width: Int

  init(_ width: Int) { self.width = (width - 3) / 2 }

  func rule() -> String {
    String(repeating: "─", count: width + 1) + "┼" + String(repeating: "─", count: width + 1)
  }

  func row(_ left: String, _ right: String) -> String {
    let left = wrapped(left)
    let right = wrapped(right)
    return (0..<max(left.count, right.count)).map { line in
      let cell = line < left.count ? left[line] : ""
      let padding = String(repeating: " ", count: width - cell.count)
      return "\(cell)\(padding) │ \(line < right.count ? right[line] : "")"
    }.joined(separator: "\n")
  }

  private func wrapped(_ text: String) -> [String] {
    var rest = Array(text)[...]
    var lines: [String] = []
    let indent = String(repeating: " ", count: 12)
    while !rest.isEmpty || lines.isEmpty {
      let room = lines.isEmpty ? width : width - indent.count
      lines.append((lines.isEmpty ? "" : indent) + String(rest.prefix(room)))
      rest = rest.dropFirst(room)
    }
    return lines
  }
}
