internal import SharedMemory

/// One question to several servers.
extension WinePrefixes {
  /// Greets the servers, all at the same time, and asks each as soon as it has answered that.
  ///
  /// All of it takes `patience` at most: a server that is stopped keeps nobody from the others,
  /// and two of them take no longer than one.
  ///
  /// - Returns: what each one said, in the order of the servers.
  func ask<R>(
    _ servers: [WineServer], _ operation: String, _ object: String,
    _ question: (WineServer, WineClient) throws(SharedMemoryError) -> R
  ) -> [Result<R, SharedMemoryError>] {
    // Whoever has not met a program before reads its table first, which costs no server's time.
    let handshakes = servers.map { WineHandshake(with: $0, system) }
    let deadline = Deadline(after: patience)
    var answers = [Result<R, SharedMemoryError>?](repeating: nil, count: servers.count)
    var ready = Array(servers.indices)
    var failure = WineFailure.silent
    while !ready.isEmpty {
      for index in ready {
        let isLast = answers.count { $0 == nil } == 1
        // Who greets, and then is silent, leaves the others half of the time.
        let limit = isLast ? deadline : Deadline(after: deadline.left.map { $0 / 2 })
        let connecting = isLast ? deadline : Deadline(after: 0)
        answers[index] = answer(operation, object, servers[index], question) {
          () throws(WineFailure) in
          try handshakes[index].proceed(connecting: connecting, limit)
        }
      }
      let waiting = servers.indices.filter { answers[$0] == nil }
      do throws(WineFailure) { ready = try further(waiting, handshakes, deadline) } catch {
        failure = error
        break
      }
    }
    return zip(servers, answers).map { server, answer in
      answer ?? .failure(error(failure, of: server, operation, object))
    }
  }

  /// The same of one server.
  func ask<R>(
    _ server: WineServer, _ operation: String, _ object: String,
    _ question: (WineServer, WineClient) throws(SharedMemoryError) -> R
  ) throws(SharedMemoryError) -> R {
    try ask([server], operation, object, question)[0].get()
  }

  /// Nil: the server has to be waited for.
  private func answer<R>(
    _ operation: String, _ object: String, _ server: WineServer,
    _ question: (WineServer, WineClient) throws(SharedMemoryError) -> R,
    _ greet: () throws(WineFailure) -> WineClient?
  ) -> Result<R, SharedMemoryError>? {
    do throws(SharedMemoryError) {
      let client = try server.reporting(operation, object, system, greet)
      return try client.map { client throws(SharedMemoryError) in
        .success(try question(server, client))
      }
    } catch {
      return .failure(error)
    }
  }

  private func error(
    _ failure: WineFailure, of server: WineServer, _ operation: String, _ object: String
  ) -> SharedMemoryError {
    server.error(failure, operation, object, version: server.version(system))
  }

  /// How long until a full queue is tried again, in nanoseconds.
  private static let retry: Int64 = 10_000_000

  /// Those of the handshakes that get further now; none: the deadline has come.
  private func further(
    _ waiting: [Int], _ handshakes: [WineHandshake], _ deadline: Deadline
  ) throws(WineFailure) -> [Int] {
    if waiting.isEmpty || deadline.isOver { return [] }
    let numbers = waiting.compactMap { handshakes[$0].awaited }
    let retries = numbers.count < waiting.count
    let soon = retries ? Deadline(after: min(Self.retry, deadline.left ?? .max)) : deadline
    let readable = try attempt { () throws(Errno) in
      try system.wait(forAnyOf: numbers, soon)
    }
    return waiting.filter { index in
      handshakes[index].awaited.map(readable.contains) ?? true
    }
  }
}
