internal import CLuaShm
internal import Glibc
internal import SharedMemory
internal import Wine

/// What `moonpool ls` and `who` know, as tables of a script's; and processes to wait for.
extension Host {
  static func fillCensus(_ calls: inout luashm_host) {
    calls.list = { context, posix, buffer, capacity, length, failure in
      report(failure) { () throws(SharedMemoryError) in
        let rows = try Host.from(context).list(posix: posix)
        length!.pointee = rows.put(into: buffer, capacity)
      }
    }
    calls.who = { context, name, buffer, capacity, length, failure in
      report(failure) { () throws(SharedMemoryError) in
        let rows = try Host.from(context).who(name.array ?? [])
        length!.pointee = rows.put(into: buffer, capacity)
      }
    }
    calls.open_process = { context, number, descriptor, failure in
      report(failure) { () throws(SharedMemoryError) in
        descriptor!.pointee = try Host.from(context).openProcess(number)
      }
    }
    calls.close_process = { context, descriptor in
      _ = Descriptor(descriptor, Host.from(context).session.system)
    }
  }

  /// A namespace that cannot be trusted keeps nobody from seeing the others.
  private func list(posix: Bool) throws(SharedMemoryError) -> TableRows {
    var rows = TableRows()
    if posix {
      for entry in try session.posixObjects() { rows.add(entry) }
      return rows
    }
    var refusals: [String] = []
    let census = session.census()
    for place in Session.Place.allCases {
      do throws(SharedMemoryError) {
        for entry in try census.list(place) { rows.add(entry) }
      } catch {
        refusals.append(error.description)
      }
    }
    let wine = WinePrefixes(prefix: nil, session.system).list()
    for entry in wine.entries { rows.add(entry) }
    refusals += wine.refusals.map(\.description)
    if !refusals.isEmpty { rows.note(refusals.joined(separator: "\n")) }
    return rows
  }

  private func who(_ name: [UInt8]) throws(SharedMemoryError) -> TableRows {
    var rows = TableRows()
    if WineName.isOne(name) {
      for holder in try WinePrefixes(prefix: nil, session.system).holders(of: name) {
        rows.add(holder)
      }
      return rows
    }
    let entry = try session.find(name)
    let holders = session.holders(of: entry)
    let roles = session.roles(of: entry)
    for holder in holders { rows.add(holder, roles.map { $0[holder.process]?.words ?? [] }) }
    switch session.unseen(of: entry, beside: holders) {
    case .no: break
    case .perhaps: rows.note("perhaps")
    case .certainly: rows.note("certainly")
    }
    return rows
  }

  private func openProcess(_ number: Int64) throws(SharedMemoryError) -> Int32 {
    let subject = "\(number)"
    guard let plain = Int32(exactly: number) else { throw Self.noProcess(nil, subject) }
    do throws(Errno) {
      var descriptor = try session.system.process(plain)
      return descriptor.give()
    } catch {
      switch error {
      case .noProcess, .invalid: throw Self.noProcess(error, subject)
      case Errno(ENOSYS), .notPermitted:
        throw SharedMemoryError(
          .notSupported, errno: error, "process", subject,
          "the kernel has no pidfd_open(2), which came with Linux 5.3, or forbids it here")
      default:
        throw SharedMemoryError(
          ErrorCode(error), errno: error, "process", subject, "the kernel gives no descriptor")
      }
    }
  }

  private static func noProcess(_ errno: Errno?, _ subject: String) -> SharedMemoryError {
    SharedMemoryError(
      .invalidParameter, errno: errno, "process", subject,
      "no process has this number now")
  }
}

/// Rows of named fields as `census.c` reads them: `{`, fields, `}`. A field is the letter of its
/// type, its key with a NUL behind it, and the value: `s` a length of 4 bytes and so many, `i` 8
/// bytes, `l` a count of 4 bytes and so many texts. `n` is a note beside the rows, a text.
private struct TableRows {
  private var bytes: [UInt8] = []

  mutating func add(_ entry: Session.Entry) {
    row { row in
      if entry.isWhole { row.text("name", entry.name) }
      row.text("type", Array(entry.type.utf8))
      row.number("size", entry.size)
      row.text("mode", Array(("0" + String(entry.mode, radix: 8)).utf8))
      row.number("owner", Int(entry.owner))
      if let claims = entry.claims { row.number("handles", claims) }
      row.text("path", entry.pathBytes)
    }
  }

  mutating func add(_ entry: WinePrefixes.Entry) {
    row { row in
      row.text("name", entry.name)
      row.text("type", Array((entry.isImage ? "image" : "mapping").utf8))
      row.number("size", Int(clamping: entry.size))
      if let handles = entry.handles { row.number("handles", handles) }
      row.text("prefix", entry.prefix)
      row.number("server", Int(entry.server))
    }
  }

  mutating func add(_ holder: Holders.Holder, _ roles: [String]?) {
    row { row in
      row.number("process", holder.process)
      row.text("command", holder.command)
      row.texts("arguments", holder.arguments)
      row.number("user", Int(holder.user))
      row.text("access", Array(holder.access.rawValue.utf8))
      row.number("handles", holder.handles)
      if let roles { row.texts("roles", roles.map { Array($0.utf8) }) }
    }
  }

  mutating func add(_ holder: WinePrefixes.Holder) {
    row { row in
      if let process = holder.process { row.number("process", process) }
      row.text("command", Array(holder.program.utf8))
      row.number("handles", holder.handles)
    }
  }

  mutating func note(_ text: String) {
    bytes.append(UInt8(ascii: "n"))
    put(Array(text.utf8))
  }

  /// As much as there is room for; returns how much there is.
  func put(into buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int) -> Int {
    UnsafeMutableRawBufferPointer(start: buffer, count: capacity)
      .copyBytes(from: bytes.prefix(capacity))
    return bytes.count
  }

  private mutating func row(_ fill: (inout TableRows) -> Void) {
    bytes.append(UInt8(ascii: "{"))
    fill(&self)
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func key(_ type: Character, _ key: StaticString) {
    bytes.append(type.asciiValue!)
    key.withUTF8Buffer { bytes += $0 }
    bytes.append(0)
  }

  private mutating func text(_ key: StaticString, _ value: [UInt8]) {
    self.key("s", key)
    put(value)
  }

  private mutating func texts(_ key: StaticString, _ values: [[UInt8]]) {
    self.key("l", key)
    put(UInt32(values.count))
    for value in values { put(value) }
  }

  private mutating func number(_ key: StaticString, _ value: Int) {
    self.key("i", key)
    put(Int64(value))
  }

  private mutating func put(_ text: [UInt8]) {
    put(UInt32(text.count))
    bytes += text
  }

  private mutating func put<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number) { bytes += $0 }
  }
}
