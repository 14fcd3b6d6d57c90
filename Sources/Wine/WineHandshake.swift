internal import SharedMemory

/// The beginning of a conversation with a server, up to its first answer.
///
/// It advances in steps, so that several servers can be waited for at the same time: the time that
/// a stopped server costs is used for all others, too.
final class WineHandshake {
  let server: WineServer
  private let numbers: Result<RequestNumbers, WineFailure>
  private let system: System
  /// Connected, but not greeted yet.
  private var socket: Descriptor?
  /// Greeted, but not answered yet.
  private var channel: SocketChannel?
  private var client: WineClient?

  init(with server: WineServer, _ system: System) {
    self.server = server
    self.system = system
    numbers = Result { () throws(WineFailure) in
      let numbers = try attempt { () throws(Errno) in
        try RequestNumbers.running(server.process, system.unheard)
      }
      if let missing = numbers.missing.first { throw .unknown(missing) }
      return numbers
    }
  }

  /// The descriptor that becomes readable when `proceed` can continue; nil: there is none, so try
  /// again.
  var awaited: Int32? { channel?.replies.number ?? socket?.number }

  /// Goes on as far as it can.
  ///
  /// - Parameters:
  ///   - connecting: how long to wait for the connection while the server's queue is full.
  ///   - deadline: for this step, and for what is asked after it.
  /// - Returns: the conversation; nil: the server has to do something first.
  func proceed(
    connecting: Deadline, _ deadline: Deadline
  ) throws(WineFailure) -> WineClient? {
    if var client {
      channel?.deadline = deadline
      try client.beWelcomed()
      return client
    }
    if let socket = socket.take() {
      let channel = try SocketChannel(over: socket, deadline, system)
      let client = WineClient(channel, try numbers.get())
      try client.introduce(reply: channel.replyNumber, wake: channel.wakeNumber)
      self.channel = channel
      self.client = client
      return nil
    }
    _ = try numbers.get()
    socket = try connected(connecting)
    return nil
  }

  /// Nil: the server has not accepted earlier connections yet.
  private func connected(_ deadline: Deadline) throws(WineFailure) -> Descriptor? {
    do throws(Errno) {
      let socket = try system.connect(server.socket, deadline)
      // Somebody else may have put a socket there.
      if try system.peer(socket).user != server.user { throw Errno.accessDenied }
      return socket
    } catch {
      if error == .again { return nil }
      throw WineFailure(error)
    }
  }
}
