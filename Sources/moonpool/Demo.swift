import ArgumentParser
import Console
import Glibc

struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Run the document's two programs as two processes, shown side by side.")

  @Option(help: "The folder of first.lua and second.lua; by default those inside the binary.")
  var scripts: String?

  func run() {
    do throws(Demonstration.Failure) {
      let here = Self.binary()
      try Demonstration(binary: here, scripts: scripts, width: StandardTerminal.columns ?? 160) {
        print($0)
        fflush(nil)
      }.run()
    } catch {
      ExitStatus.failure.exit(error.description)
    }
  }

  private static func binary() -> String {
    guard let path = realpath("/proc/self/exe", nil) else {
      ExitStatus.failure.exit("/proc/self/exe: \(String(cString: strerror(errno)))")
    }
    defer { free(path) }
    return String(cString: path)
  }
}
