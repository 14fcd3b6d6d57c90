internal import CShm
internal import Glibc

/// Unix sockets and pipes for asking another program for memory. Only the calls that take a
/// `Deadline` wait.
extension System {
  /// The user and process at the other end of a socket.
  package struct Peer: Sendable {
    package let user: UInt32
    package let process: Int32
  }

  /// A message from a socket, and the descriptor that came with it.
  package struct Passed: ~Copyable {
    package let bytes: [UInt8]
    /// `Descriptor.none` if no descriptor came.
    package let descriptor: Descriptor

    package init(bytes: [UInt8], descriptor: consuming Descriptor) {
      self.bytes = bytes
      self.descriptor = descriptor
    }

    package consuming func take() -> Descriptor { descriptor }
  }

  /// The two ends of a pipe.
  package struct Pipe: ~Copyable, Sendable {
    package let reading: Descriptor
    package let writing: Descriptor

    package consuming func takeReading() -> Descriptor { reading }
  }

  /// `connect(2)` to a listening Unix socket. While its backlog is full it waits until the
  /// deadline, which may be now, and then throws EAGAIN.
  package func connect(_ path: [CChar], _ deadline: Deadline) throws(Errno) -> Descriptor {
    let number = try call("connect", Self.text(path)) {
      Int(cshm_connect(path, deadline.left ?? .max))
    }
    return Descriptor(Int32(number), self)
  }

  /// `getsockopt(2)` of SO_PEERCRED.
  package func peer(_ socket: borrowing Descriptor) throws(Errno) -> Peer {
    let fd = socket.number
    var (user, process) = (uid_t(0), pid_t(0))
    _ = try call("getsockopt", "\(fd), SOL_SOCKET, SO_PEERCRED") {
      Int(cshm_peer(fd, &user, &process))
    }
    return Peer(user: user, process: process)
  }

  /// `sendmsg(2)` of a few bytes and a descriptor.
  package func send(
    _ socket: borrowing Descriptor, _ bytes: [UInt8], passing number: Int32
  ) throws(Errno) {
    let fd = socket.number
    let sent = try call("sendmsg", "\(fd), …, SCM_RIGHTS [\(number)]") {
      cshm_send_descriptor(fd, bytes, bytes.count, number)
    }
    if sent != bytes.count { throw Errno(EMSGSIZE) }
  }

  /// `recvmsg(2)` of up to `count` bytes; no bytes: the end. EAGAIN: nothing is there yet. EMFILE:
  /// a descriptor came, but this process has no number left for it.
  package func receive(
    _ socket: borrowing Descriptor, count: Int
  ) throws(Errno) -> Passed {
    let fd = socket.number
    var bytes = [UInt8](repeating: 0, count: count)
    var number: Int32 = -1
    let length = try call("recvmsg", "\(fd), …, \(count)") {
      cshm_receive_descriptor(fd, &bytes, count, &number)
    }
    return Passed(bytes: Array(bytes.prefix(length)), descriptor: Descriptor(number, self))
  }

  /// `pipe2(2)`; the reading end does not block.
  package func pipe() throws(Errno) -> Pipe {
    var ends: [Int32] = [-1, -1]
    _ = try call("pipe2", "…, O_CLOEXEC") { Int(cshm_pipe(&ends)) }
    return Pipe(reading: Descriptor(ends[0], self), writing: Descriptor(ends[1], self))
  }

  /// `fcntl(2)`: makes a pipe's writing end, which somebody gave us, non-blocking; EINVAL for any
  /// other file.
  package func adoptPipe(_ pipe: borrowing Descriptor) throws(Errno) {
    let fd = pipe.number
    _ = try call("fcntl", "\(fd), F_SETFL, O_NONBLOCK") { Int(cshm_take_pipe(fd)) }
  }

  /// `write(2)` to a pipe. Returns how many bytes it took; throws EPIPE, without a signal, if
  /// nobody reads.
  ///
  /// - Parameter content: a description of the bytes, for observers.
  package func write(
    toPipe pipe: borrowing Descriptor, _ bytes: ArraySlice<UInt8>, _ content: String
  ) throws(Errno) -> Int {
    let fd = pipe.number
    return try call("write", "\(fd), \(content), \(bytes.count)") {
      bytes.withUnsafeBytes { cshm_write_pipe(fd, $0.baseAddress, $0.count) }
    }
  }

  /// `read(2)` of up to `count` bytes; no bytes: the end. EAGAIN: nothing is there yet.
  package func read(fromPipe pipe: borrowing Descriptor, count: Int) throws(Errno) -> [UInt8] {
    let fd = pipe.number
    var bytes = [UInt8](repeating: 0, count: count)
    let length = try call("read", "\(fd), …, \(count)") { Glibc.read(fd, &bytes, count) }
    return Array(bytes.prefix(length))
  }

  package enum Readiness: Sendable { case reading, writing }

  /// `ppoll(2)`. Returns false if the deadline came first.
  package func wait(
    for number: Int32, _ readiness: Readiness, _ deadline: Deadline
  ) throws(Errno) -> Bool {
    let events = Int16(readiness == .reading ? POLLIN : POLLOUT)
    return try call("poll", "{\(number), \(readiness == .reading ? "POLLIN" : "POLLOUT")}") {
      var entry = pollfd(fd: number, events: events, revents: 0)
      return Int(poll(&entry, 1, deadline.milliseconds))
    } > 0
  }

  /// `poll(2)` of several descriptors for reading. Returns those that are ready; none if the
  /// deadline came first.
  package func wait(forAnyOf numbers: [Int32], _ deadline: Deadline) throws(Errno) -> Set<Int32> {
    var entries = numbers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let text = numbers.map { "{\($0), POLLIN}" }.joined(separator: ", ")
    _ = try call("poll", text) {
      return Int(poll(&entries, nfds_t(entries.count), deadline.milliseconds))
    }
    return Set(entries.filter { $0.revents != 0 }.map(\.fd))
  }

  /// `fcntl(2)` with F_GETFL: is the file open for writing?
  package func isWritable(_ descriptor: borrowing Descriptor) throws(Errno) -> Bool {
    let fd = descriptor.number
    let flags = try call("fcntl", "\(fd), F_GETFL") { Int(cshm_status_flags(fd)) }
    return Int32(flags) & O_ACCMODE == O_RDWR
  }
}
