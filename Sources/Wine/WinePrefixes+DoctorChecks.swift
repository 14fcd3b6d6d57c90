internal import SharedMemory

/// What `moonpool doctor` says about Wine.
extension WinePrefixes {
  package struct Finding: Sendable {
    package let isFine: Bool
    /// One line: what was found, and what to do where it is wrong.
    package let text: String
  }

  /// For each running server: its version, whether its requests are known, and whether it answers.
  package func examine() -> [Finding] {
    let found: WineServer.Found
    do throws(SharedMemoryError) { found = try running(for: "doctor", "") } catch {
      return [Finding(isFine: false, text: error.advice)]
    }
    if found.servers.isEmpty && found.closed.isEmpty {
      return [
        Finding(isFine: true, text: "no wineserver of yours runs: Wine\\ has no names now")
      ]
    }
    let answers = ask(found.servers, "doctor", "") { (_, client) throws(SharedMemoryError) in
      client.numbers
    }
    return zip(found.servers, answers).map(Self.finding)
      + found.closed.map {
        Finding(
          isFine: false,
          text: "process \($0) is a wineserver, but its /proc/\($0) is closed to us; run as its "
            + "user, outside of a sandbox")
      }
  }

  private static func finding(
    _ server: WineServer, _ answer: Result<RequestNumbers, SharedMemoryError>
  ) -> Finding {
    switch answer {
    case .failure(let error): return Finding(isFine: false, text: error.advice)
    case .success(let numbers):
      let version = numbers.version.isEmpty ? "a wine of unknown version" : numbers.version
      let lacking = WineRequest.lookingAround.filter { numbers[$0] == nil }
      let rest =
        lacking.isEmpty
        ? "" : "; ls or who lack \(lacking.map(\.rawValue).joined(separator: ", "))"
      return Finding(
        isFine: true,
        text: "\(version) serves \(server.prefixText) (process \(server.process)), "
          + "and its requests are known\(rest)")
    }
  }
}
