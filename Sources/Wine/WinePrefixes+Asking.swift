internal import SharedMemory

/// Asks several servers one question.
extension WinePrefixes {
  /// Greets the servers, all at the same time, and asks each of them as soon as it has answered.
  ///
  /// All of it takes at most `patience`: a stopped server keeps nobody from the others, and two of
  /// them take no longer than one.
  ///
  /// - Returns: each server's answer, in the order of the servers.
  func ask<R>(
    _ servers: [WineServer], _ operation: String, _ object: String,
    _ question: (WineServer, WineClient) throws(SharedMemoryError) -> R
  ) -> [Result<R, SharedMemoryError>] {
    // A program that was not met before is read first, so that this costs no server's time.
    let handshakes = servers.map { WineHandshake(with: $0, system) }
    let deadline = Deadline(after: patience)
    var answers = [Result<R, SharedMemoryError>?](repeating: nil, count: servers.count)
    var ready = Array(servers.indices)
    var failure = WineFailure.silent
    while !ready.isEmpty {
      for index in ready {
        let isLast = answers.count { $0 == nil } == 1
        // A server that answers the greeting and then falls silent leaves the others half of the
        // time.
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

  /// Asks one server.
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

  /// In nanoseconds: how long to wait before a full queue is tried again.
  private static let retry: Int64 = 10_000_000

  /// Waits for the handshakes; returns those that can continue, or none at the deadline.
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
