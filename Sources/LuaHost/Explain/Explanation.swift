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
    let calls = recorder.take() + operation.linux
    let linux = calls.enumerated().map { ($0 == 0 ? "  Linux  " : "         ") + $1 }
    emit((win32 + linux + ["  → \(operation.result(outcome))"]).joined(separator: "\n") + "\n")
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
