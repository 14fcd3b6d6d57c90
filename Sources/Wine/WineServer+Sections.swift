package import SharedMemory

/// What one server is asked in a conversation that has begun.
extension WineServer {
  /// Runs a conversation; its failure becomes the error of an operation on the object.
  func reporting<R: ~Copyable>(
    _ operation: String, _ object: String, _ system: System,
    _ body: () throws(WineFailure) -> R
  ) throws(SharedMemoryError) -> R {
    do throws(WineFailure) { return try body() } catch {
      throw self.error(error, operation, object, version: version(system))
    }
  }

  /// The program's name for itself; empty: it cannot be read.
  func version(_ system: System) -> String {
    (try? RequestNumbers.running(process, system.unheard))?.version ?? ""
  }

  package func open(
    _ name: WineName, _ access: Access, holding: Bool, for operation: String,
    over client: WineClient, _ system: System
  ) throws(SharedMemoryError) -> WineSection {
    let opened = try reporting(operation, name.text, system) { () throws(WineFailure) in
      try client.open(name, WineClient.Rights(access))
    }
    return try take(opened, name, access, holding ? client : nil, by: client, operation, system)
  }

  package func create(
    _ name: WineName, size: Int, _ options: MemoryObject.CreateOptions, holding: Bool,
    over client: WineClient, _ system: System
  ) throws(SharedMemoryError) -> WineSection {
    let opened = try reporting("create", name.text, system) { () throws(WineFailure) in
      try client.create(
        name, size: UInt64(size),
        flags: options.reserve ? WineClient.Section.reserve : WineClient.Section.commit,
        WineClient.Rights(options.access), opensExisting: !options.exclusive)
    }
    let section = try take(
      opened, name, options.access, holding ? client : nil, by: client, "create", system,
      exactly: opened.existed ? nil : size)
    if !opened.existed && !options.reserve { try commit(section, size, system) }
    return section
  }

  /// Commits the pages: wine makes a file with a hole, whose pages might not be there on a touch.
  private func commit(
    _ section: WineSection, _ size: Int, _ system: System
  ) throws(SharedMemoryError) {
    do throws(Errno) { try section.object.commitMemory(size) } catch {
      // A file system that cannot commit in advance is left as it is.
      if error == .notSupported { return }
      throw SharedMemoryError(
        ErrorCode(error), errno: error, "create", section.name,
        "the file system of \(prefixText)'s server has no room for \(size) bytes")
    }
  }

  package func offer(
    _ object: borrowing MemoryObject, _ name: WineName, over client: WineClient, _ system: System
  ) throws(SharedMemoryError) -> WineSection {
    let (number, isWritable) = (object.memoryNumber, object.isMemoryWritable)
    let (size, access) = (object.size, object.access)
    let opened = try reporting("offer", name.text, system) { () throws(WineFailure) in
      let file = try client.register(file: number, isWritable: isWritable)
      let opened = try client.create(
        name, size: 0, flags: WineClient.Section.commit, WineClient.Rights(access), file: file,
        isFileWritable: isWritable, opensExisting: false)
      try client.close(file)
      return opened
    }
    return try take(opened, name, access, client, by: client, "offer", system, exactly: size)
  }

  /// Makes an object of ours from the section's file.
  private func take(
    _ opened: WineClient.Opened, _ name: WineName, _ access: Access, _ held: WineClient?,
    by client: WineClient, _ operation: String, _ system: System, exactly size: Int? = nil
  ) throws(SharedMemoryError) -> WineSection {
    func refused(_ code: ErrorCode, _ advice: String) -> SharedMemoryError {
      SharedMemoryError(code, operation, name.text, advice)
    }
    let section = try reporting(operation, name.text, system) { () throws(WineFailure) in
      try client.section(opened.handle)
    }
    if section.flags & WineClient.Section.image != 0 {
      throw refused(
        .notSupported, "the section is a program's image, which Windows maps in pieces")
    }
    let passed = try reporting(operation, name.text, system) { () throws(WineFailure) in
      try client.file(of: opened.handle)
    }
    let file = try reporting(operation, name.text, system) { () throws(WineFailure) in
      try attempt { () throws(Errno) in
        (
          status: try system.status(passed.descriptor),
          isWritable: try system.isWritable(passed.descriptor)
        )
      }
    }
    guard file.status.isRegular else {
      throw refused(.notSupported, "what wine gave for it is no file that can be mapped")
    }
    guard section.size > 0, section.size <= UInt64(Int.max),
      (size ?? Int(section.size)) <= file.status.size
    else {
      throw refused(
        .fileInvalid,
        "the section has \(section.size) bytes, but its file only \(file.status.size): somebody "
          + "cut it; start the program that creates it again")
    }
    if access == .readWrite && !file.isWritable {
      throw refused(.accessDenied, "the file behind it may only be read; open it with access \"r\"")
    }
    return WineSection(
      name,
      MemoryObject(
        adopting: passed.take(), name: name.text, size: size ?? Int(section.size), access: access,
        existed: opened.existed, isWritable: file.isWritable, system),
      on: self, held: held, system)
  }
}

extension WineClient.Rights {
  init(_ access: Access) {
    self = access == .readWrite ? [.query, .mapRead, .mapWrite] : [.query, .mapRead]
  }
}
