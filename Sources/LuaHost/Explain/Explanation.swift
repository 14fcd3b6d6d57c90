public import SharedMemory
internal import Synchronization

/// `--explain`: prints each call of the script beside the Win32 calls that it stands for, and the
/// system calls that carried it out.
///
/// It listens at two places: the heard world reports what the script asks for, and the one file
/// that calls the operating system (`System`) reports what was done about it.
public final class Explanation: OperationListener {
  private let lines = Mutex<[String]>([])
  private let recorder = Recorder()
  private let emit: @Sendable (String) -> Void

  /// - Parameter emit: takes the text of a call when it is done. A call that waits gives its
  ///   heading as soon as it begins.
  public init(_ emit: @escaping @Sendable (String) -> Void) { self.emit = emit }

  /// A session whose system calls this explains.
  public func session() -> Session { Session(system: System(observer: recorder)) }

  public func enter(_ operation: Operation) {
    _ = recorder.take()
    let line = operation.line.isEmpty ? "(end)" : shown(operation.line.utf8)
    emit("\(line)  \(operation.lua)\n")
  }

  public func leave(_ operation: Operation, outcome: Int32) {
    let win32 = operation.win32.enumerated().map { ($0 == 0 ? "  Win32  " : "         ") + $1 }
    let calls = Self.folded(recorder.take()) + operation.linux
    let linux = calls.enumerated().map { ($0 == 0 ? "  Linux  " : "         ") + $1 }
    emit((win32 + linux + ["  → \(operation.result(outcome))"]).joined(separator: "\n") + "\n")
  }

  /// A look at each process of the machine makes hundreds of calls that differ in their numbers only:
  /// of as many as that two are shown, and how many there were.
  static func folded(_ lines: [String]) -> [String] {
    let most = 8
    let shapes = lines.map(shape)
    let counts = Dictionary(shapes.map { ($0, 1) }, uniquingKeysWith: +)
    var seen: [String: Int] = [:]
    return zip(lines, shapes).compactMap { line, shape in
      let count = counts[shape]!
      seen[shape, default: 0] += 1
      if count <= most || seen[shape]! <= 2 { return line }
      return seen[shape] == 3 ? "   … and \(count - 2) more of these: \(line.dropFirst(3))" : nil
    }
  }

  /// The line without what numbers its calls differ in.
  private static func shape(_ line: String) -> String {
    var shape = ""
    for character in line where !(character.isNumber && shape.last == "0") {
      shape.append(character.isNumber ? "0" : character)
    }
    return shape
  }

  /// Collects the system calls of the operation in progress.
  private final class Recorder: SystemObserver {
    private let state = Mutex<(lines: [String], step: String)>(([], "  "))

    var seesSweeps: Bool { false }

    func step(_ step: LifetimeStep?) { state.withLock { $0.step = step?.rawValue ?? "  " } }

    func before(_ call: SystemCall) -> Errno? { nil }

    func after(_ call: SystemCall, _ result: Result<Int, Errno>) {
      let outcome =
        switch result {
        case .success(let value): "\(value)"
        case .failure(let errno): "-1 \(errno.symbol)"
        }
      state.withLock {
        $0.lines.append("\($0.step) \(call.name)(\(call.arguments)) = \(outcome)")
      }
    }

    func take() -> [String] {
      state.withLock { state in
        defer { state.lines = [] }
        return state.lines
      }
    }
  }
}
