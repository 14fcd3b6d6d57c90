package import SharedMemory
internal import Synchronization

/// The way to a wineserver and back, for one thread, which the server takes for a Windows
/// program's.
package protocol WineChannel: AnyObject, Sendable {
  /// Sends the whole of a request, or nothing that the server would act on.
  func send(_ request: WineRequest, _ bytes: [UInt8]) throws(WineFailure)
  /// Receives exactly `count` bytes of the answer.
  func receive(_ count: Int) throws(WineFailure) -> [UInt8]
  /// Sends a descriptor, and the number by which a later request will name it.
  func send(descriptor number: Int32) throws(WineFailure)
  /// Receives a descriptor, which comes with the number of the handle by which it was asked for.
  func receiveDescriptor() throws(WineFailure) -> System.Passed
}

/// The pipes and the socket to a real server.
///
/// A wineserver accepts a connection and sends its protocol's version together with a pipe for our
/// requests. We send it a pipe for its answers, and one on which it would wake a thread that waits;
/// none ever does. Whoever is at the other end, no call waits past the deadline. The protocol is
/// that of wine's dlls/ntdll/unix/server.c.
package final class SocketChannel: WineChannel {
  private let system: System
  private let limit: Mutex<Deadline>
  private let socket: Descriptor
  private let requests: Descriptor
  let replies: Descriptor
  /// Kept open because the server has its other end.
  private let wakes: Descriptor
  /// The numbers by which the server knows its ends.
  package let replyNumber, wakeNumber: Int32

  /// Starts over a connected socket: reads the server's greeting and answers it.
  init(
    over socket: consuming Descriptor, _ deadline: Deadline, _ system: System
  ) throws(WineFailure) {
    let greeting = try Self.passed(over: socket, 4, deadline, system)
    do throws(Errno) { try system.adoptPipe(greeting.descriptor) } catch {
      throw error == .invalid ? .strange("greets with no pipe") : WineFailure(error)
    }
    let reply = try attempt { () throws(Errno) in try system.pipe() }
    let wake = try attempt { () throws(Errno) in try system.pipe() }
    (replyNumber, wakeNumber) = (reply.writing.number, wake.writing.number)
    for number in [replyNumber, wakeNumber] {
      try Self.send(descriptor: number, over: socket, system)
    }
    requests = greeting.take()
    // The server has copies of the writing ends. Ours are closed, so that we notice when it ends.
    replies = reply.takeReading()
    wakes = wake.takeReading()
    self.socket = socket
    limit = Mutex(deadline)
    self.system = system
  }

  /// When everything in progress has to be done.
  var deadline: Deadline {
    get { limit.withLock { $0 } }
    set { limit.withLock { $0 = newValue } }
  }

  // MARK: Requests and answers

  package func send(_ request: WineRequest, _ bytes: [UInt8]) throws(WineFailure) {
    // Otherwise a server that sends without end would never reach the deadline, as nothing waits
    // for it.
    if deadline.isOver { throw .silent }
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = try unlessBlocked { () throws(Errno) in
        try system.write(toPipe: requests, rest, request.rawValue)
      }
      if let written {
        rest = rest.dropFirst(written)
      } else {
        try wait(for: requests.number, .writing)
      }
    }
  }

  package func receive(_ count: Int) throws(WineFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      if deadline.isOver { throw .silent }
      let piece = try unlessBlocked { () throws(Errno) in
        try system.read(fromPipe: replies, count: count - bytes.count)
      }
      if let piece {
        if piece.isEmpty { throw .ended }
        bytes += piece
      } else {
        try wait(for: replies.number, .reading)
      }
    }
    return bytes
  }

  package func send(descriptor number: Int32) throws(WineFailure) {
    try Self.send(descriptor: number, over: socket, system)
  }

  package func receiveDescriptor() throws(WineFailure) -> System.Passed {
    try Self.passed(over: socket, 4, deadline, system)
  }

  // MARK: Waiting

  private func wait(for number: Int32, _ readiness: System.Readiness) throws(WineFailure) {
    try Self.wait(for: number, readiness, deadline, system)
  }

  private static func wait(
    for number: Int32, _ readiness: System.Readiness, _ deadline: Deadline,
    _ system: System
  ) throws(WineFailure) {
    let isReady = try attempt { () throws(Errno) in
      try system.wait(for: number, readiness, deadline)
    }
    if !isReady || deadline.isOver { throw .silent }
  }

  /// Nil: the call would have waited.
  private func unlessBlocked<R>(_ body: () throws(Errno) -> R) throws(WineFailure) -> R? {
    do throws(Errno) { return try body() } catch {
      if error == .again { return nil }
      throw WineFailure(error)
    }
  }

  private static func passed(
    over socket: borrowing Descriptor, _ count: Int, _ deadline: Deadline,
    _ system: System
  ) throws(WineFailure) -> System.Passed {
    while true {
      do throws(Errno) {
        let passed = try system.receive(socket, count: count)
        if passed.bytes.isEmpty { throw Errno.brokenPipe }
        if passed.bytes.count == count && passed.descriptor.isOpen { return passed }
      } catch {
        if error != .again { throw WineFailure(error) }
        try wait(for: socket.number, .reading, deadline, system)
        continue
      }
      throw .strange("sent no descriptor where one belongs")
    }
  }

  private static func send(
    descriptor number: Int32, over socket: borrowing Descriptor, _ system: System
  ) throws(WineFailure) {
    // First comes the thread's number; 0 means the process's first thread.
    let bytes = WineMessage.bytes(of: UInt32(0)) + WineMessage.bytes(of: number)
    do throws(Errno) { try system.send(socket, bytes, passing: number) } catch {
      throw error == .again ? .silent : WineFailure(error)
    }
  }
}

extension WineFailure {
  init(_ errno: Errno) {
    switch errno {
    case .brokenPipe, .connectionReset: self = .ended
    case .again, .timedOut: self = .silent
    case .connectionRefused: self = .system(.notFound)
    default: self = .system(errno)
    }
  }
}

/// Makes a system call; its error means that the server could not be reached.
func attempt<R: ~Copyable>(_ body: () throws(Errno) -> R) throws(WineFailure) -> R {
  do throws(Errno) { return try body() } catch { throw WineFailure(error) }
}
