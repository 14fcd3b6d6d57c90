import Glibc
import SharedMemory
import TestSupport
import Wine

/// A process that speaks and misbehaves like a wineserver, with a prefix of its own.
final class Double {
  let prefix: String
  let child: Child
  let prefixes: WinePrefixes

  /// - Parameters:
  ///   - object: as NT writes it; `\Sessions\7\…` is what `Local\` means there.
  ///   - way: how it fails; see its source.
  init(
    _ object: String = #"\Sessions\7\BaseNamedObjects\telemetry"#, type: String = "section",
    way: String = "well"
  ) throws {
    var template = Array("/tmp/moonpool-prefix-XXXXXX".utf8CString)
    let prefix = mkdtemp(&template).map { String(cString: $0) } ?? "/nowhere"
    self.prefix = prefix
    child = Child(
      "\(Places.binaries)/wineserver-double", [prefix, object, type, way], input: .open)
    prefixes = WinePrefixes(prefix: prefix)
    if !child.prints("ready\n") { throw NotReady(complaint: child.complained) }
  }

  struct NotReady: Error { let complaint: String }

  deinit {
    child.kill()
    child.wait()
    _ = run("/bin/rm", ["-rf", prefix])
  }

  /// Of the processes that were started for this prefix, as `script` does.
  var goneClients: Int { child.printed.split(separator: "\n").count { $0 == "gone" } }

  /// Runs a script whose names mean this prefix; SIGPIPE, which tests ignore, would end it.
  func script(_ text: String) -> Outcome {
    run(
      "env", ["--default-signal=PIPE", Places.moonpool, "-e", text],
      environment: ["MOONPOOL_WINE": prefix])
  }
}
