package import Declarations
internal import Glibc

/// A compiler on this machine that lays out as an ABI demands.
package struct InstalledCompiler: Sendable {
  /// The command with what it needs before all else.
  package let command: [String]

  /// Does it take clang's own options?
  var isClang: Bool {
    command[0].split(separator: "/").last?.contains("clang") == true
  }

  /// The compiler of that name or path, else the first that is here; nil: there is none.
  package static func find(_ name: String, _ abi: Layout.ABI) -> InstalledCompiler? {
    let target = abi == .windows ? ["--target=x86_64-pc-windows-msvc"] : []
    if !name.isEmpty { return path(of: name).map { InstalledCompiler(command: [$0] + target) } }
    let names =
      switch abi {
      case .linux: ["gcc", "clang", "cc"]
      case .windows: ["clang"]
      case .mingw: ["x86_64-w64-mingw32-gcc"]
      }
    for name in names {
      if let found = path(of: name) { return InstalledCompiler(command: [found] + target) }
    }
    if abi == .mingw { return nil }
    return besideSwift.map { InstalledCompiler(command: [$0] + target) }
  }

  /// Along PATH; what has a slash is a path already. `access(2)`
  static func path(of name: String) -> String? {
    if name.contains("/") { return access(name, X_OK) == 0 ? name : nil }
    let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    for folder in folders.split(separator: ":") where access("\(folder)/\(name)", X_OK) == 0 {
      return "\(folder)/\(name)"
    }
    return nil
  }

  /// Swift's toolchain has a clang, in the folder where its real `swift` is. `realpath(3)`
  private static var besideSwift: String? {
    guard let swift = path(of: "swift"), let real = realpath(swift, nil) else { return nil }
    defer { free(real) }
    let folder = String(cString: real).split(separator: "/").dropLast().joined(separator: "/")
    return path(of: "/\(folder)/clang")
  }
}
