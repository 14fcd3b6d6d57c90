internal import SharedMemory

/// A conversation with one wineserver, in which we are a Windows process with one thread.
///
/// We tell the server no process number (-1), so it neither signals nor inspects us. When the
/// conversation ends, however this process ends, the server closes our handles, as it does for any
/// Windows process. There is one request at a time.
///
/// How the parts play together. `WinePrefixes` is what callers use: it finds the servers
/// (`WineServer`) that are meant and asks each. A `WineHandshake` connects to one without waiting
/// for it alone, a `WineChannel` carries bytes and descriptors, `RequestNumbers` reads the numbers
/// of requests from the server's own program (`ElfImage`), `WineMessage` and `WineReply` encode
/// them. The result is a `WineSection`: memory of the library's own, over the file that the server
/// has for the section.
package struct WineClient: Sendable {
  let channel: any WineChannel
  let numbers: RequestNumbers
  /// The server's number for the session whose `Local\` names are ours.
  private(set) var session: UInt32 = 0
  /// Our number among the server's processes.
  private(set) var process: UInt32 = 0

  /// Begins a conversation: the server makes our first thread.
  package init(_ channel: any WineChannel, _ numbers: RequestNumbers) {
    self.channel = channel
    self.numbers = numbers
  }

  /// - Parameters: the numbers by which the server knows its ends of the pipes.
  package func introduce(reply: Int32, wake: Int32) throws(WineFailure) {
    var message = WineMessage(.initFirstThread, room: Room.machines)
    message.add(UInt32.max, UInt32.max, 0, UInt32(bitPattern: reply), UInt32(bitPattern: wake))
    try ask(message)
  }

  /// Reads the answer to `introduce`.
  package mutating func beWelcomed() throws(WineFailure) {
    let reply = try answer(to: .initFirstThread, room: Room.machines)
    process = reply.word(8)
    session = reply.word(24)
  }

  // MARK: One request

  enum Room {
    static let machines = 256
    /// In bytes; a name has at most 65,534.
    static let names = 1 << 18
    static let list = 4 << 20
  }

  /// Makes a request and reads its whole answer.
  ///
  /// - Throws: `refused` with a status that is an error; otherwise, why no answer came.
  func perform(
    _ message: WineMessage, besides allowed: UInt32...
  ) throws(WineFailure) -> WineReply {
    try ask(message)
    return try answer(to: message.request, room: message.room, besides: allowed)
  }

  private func ask(_ message: WineMessage) throws(WineFailure) {
    guard let number = numbers[message.request] else { throw .unknown(message.request) }
    try channel.send(message.request, message.bytes(number: number))
  }

  private func answer(
    to request: WineRequest, room: Int, besides allowed: [UInt32] = []
  ) throws(WineFailure) -> WineReply {
    let fixed = try channel.receive(WineMessage.fixedLength)
    guard let length = WineReply.variableLength(of: fixed, room: room) else {
      throw .strange("answers \(request.rawValue) with more than was asked for")
    }
    let reply = WineReply(fixed: fixed, variable: try channel.receive(length))
    if reply.status >= 0x8000_0000 && !allowed.contains(reply.status) {
      throw .refused(reply.status)
    }
    return reply
  }

  // MARK: Sections

  package struct Rights: OptionSet {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let query = Rights(rawValue: 1)
    static let mapWrite = Rights(rawValue: 2)
    static let mapRead = Rights(rawValue: 4)
  }

  /// A section of which we have a handle.
  package struct Opened {
    package let handle: UInt32
    var existed = true
  }

  /// A section's size in bytes, and its SEC_ flags.
  package struct Section {
    let size: UInt64
    let flags: UInt32
    static let image: UInt32 = 0x0100_0000
    static let reserve: UInt32 = 0x0400_0000
    static let commit: UInt32 = 0x0800_0000
  }

  package func open(_ name: WineName, _ rights: Rights) throws(WineFailure) -> Opened {
    var message = WineMessage(.openMapping)
    message.add(rights.rawValue, 0, 0)
    message.append(name.path(session: session))
    return Opened(handle: try handle(of: perform(message), message))
  }

  /// Creates a section of memory that the server makes, or of a file of ours that it knows by a
  /// handle.
  func create(
    _ name: WineName, size: UInt64, flags: UInt32, _ rights: Rights, file: UInt32 = 0,
    isFileWritable: Bool = true, opensExisting: Bool
  ) throws(WineFailure) -> Opened {
    var message = WineMessage(.createMapping)
    message.add(rights.rawValue, flags, isFileWritable ? 3 : 1)
    message.add(size)
    message.add(file)
    let openIf: UInt32 = 0x80
    message.append(attributes: opensExisting ? openIf : 0, name: name.path(session: session))
    let reply = try perform(message)
    return Opened(
      handle: try handle(of: reply, message), existed: reply.status == WineStatus.nameExists)
  }

  /// Gives the server a file of ours; returns its handle there.
  func register(file number: Int32, isWritable: Bool) throws(WineFailure) -> UInt32 {
    try channel.send(descriptor: number)
    var message = WineMessage(.allocFileHandle)
    message.add(isWritable ? 3 : 1, 0, UInt32(bitPattern: number))
    return try handle(of: perform(message), message)
  }

  package func section(_ handle: UInt32) throws(WineFailure) -> Section {
    var message = WineMessage(.getMappingInfo, room: Room.names)
    message.add(handle, Rights.query.rawValue)
    let reply = try perform(message)
    return Section(size: reply.long(8), flags: reply.word(16))
  }

  /// The file that contains a section's bytes.
  func file(of handle: UInt32) throws(WineFailure) -> System.Passed {
    var message = WineMessage(.getHandleDescriptor)
    message.add(handle)
    _ = try perform(message)
    let passed = try channel.receiveDescriptor()
    if passed.bytes != WineMessage.bytes(of: handle) {
      throw .strange("sent the file of another handle")
    }
    return passed
  }

  /// How many handles of the section all processes have, ours included.
  package func handleCount(_ handle: UInt32) throws(WineFailure) -> Int {
    var message = WineMessage(.getObjectInfo)
    message.add(handle)
    return Int(try perform(message).word(16))
  }

  func close(_ handle: UInt32) throws(WineFailure) {
    var message = WineMessage(.closeHandle)
    message.add(handle)
    _ = try perform(message)
  }

  func handle(of reply: WineReply, _ message: WineMessage) throws(WineFailure) -> UInt32 {
    let handle = reply.word(8)
    if handle == 0 { throw .strange("answers \(message.request.rawValue) without a handle") }
    return handle
  }
}
