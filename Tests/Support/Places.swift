import Glibc
import Synchronization

/// Where the tests find what they run.
public enum Places {
  /// The folder of the binaries under test, which the test runner is in, too.
  public static let binaries: String = {
    guard let path = realpath("/proc/self/exe", nil) else { fatalError("/proc/self/exe") }
    defer { free(path) }
    let parts = String(cString: path).split(separator: "/").dropLast()
    return "/" + parts.joined(separator: "/")
  }()

  public static let moonpool = "\(binaries)/moonpool"

  /// The top of the source tree.
  public static let repository: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/")
  }()

  public static let scripts = "\(repository)/scripts"

  /// Are all of these programs in the path? Nothing is run.
  public static func haveInstalled(_ programs: String...) -> Bool {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    let folders = path.split(separator: ":")
    return programs.allSatisfy { program in
      folders.contains { access("\($0)/\(program)", X_OK) == 0 }
    }
  }

  private static let counter = Mutex(0)

  /// What no other run has: containers that share a `/dev/shm` count their processes each from 1.
  private static let run = "\(getpid())" + String(UInt32.random(in: 0..<1 << 20), radix: 36)

  /// A word that no other test, run or machine user has.
  public static func unique(_ stem: String = "t") -> String {
    let number = counter.withLock {
      $0 += 1
      return $0
    }
    return "\(stem)-\(run)-\(number)"
  }
}

/// What a program did.
public struct Outcome: Sendable {
  public let status: Int32
  public let output: String
  public let errors: String
}

/// Runs a program to its end.
public func run(
  _ path: String, _ arguments: [String] = [], environment: [String: String] = [:],
  input: Child.Input = .none
) -> Outcome {
  let child = Child(path, arguments, environment: environment, input: input)
  let status = child.wait()
  return Outcome(status: status, output: child.printed, errors: child.complained)
}

/// Runs `moonpool` to its end, in a session of the caller's.
public func moonpool(
  _ arguments: String..., session: String, input: Child.Input = .none
) -> Outcome {
  run(
    Places.moonpool, arguments, environment: ["MOONPOOL_SESSION": session], input: input)
}
