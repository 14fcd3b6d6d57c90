internal import CLuaShm
internal import Glibc
internal import SharedMemory
internal import Wine

/// The way from scripts to the person in front of them.
public protocol Terminal: Sendable {
  /// Reads one key, or one byte of standard input; nil: the input has ended.
  func key() -> UInt8?
  /// Shows a text until the user has seen it.
  func show(_ text: [UInt8], title: [UInt8])
  /// How many columns a line of UTF-8 takes.
  func columns(of text: [UInt8]) -> Int
}

extension Terminal {
  /// One column for each character, as nobody looks.
  public func columns(of text: [UInt8]) -> Int { String(decoding: text, as: UTF8.self).count }
}

/// For programs without a person: no key ever comes, and texts are dropped.
public struct NoTerminal: Terminal {
  public init() {}
  public func key() -> UInt8? { nil }
  public func show(_ text: [UInt8], title: [UInt8]) {}
}

/// The functions that the C module calls: it fills the table of `CLuaShm.h` and answers from
/// `SharedMemory`.
///
/// How the parts play together. The table (`calls`) contains C functions with this object as their
/// context. Each is a few lines in one of the extensions: views and names here, named objects in
/// `Host+Named.swift`, layouts in `Host+Layouts.swift`, names under Wine in `Host+Wine.swift`, the
/// prompt's questions in `Host+Prompt.swift`. It looks up what a key names (`ViewTable`,
/// `NamedTable`), calls the library, and turns an error into a code and a message (`report`). C
/// passes plain values and raises afterwards; no Lua function is called from here.
package final class Host: Sendable {
  private let given: Session?
  /// Looked up at each use, so that a script which shares nothing does not pay for its paths.
  var session: Session { given ?? .current }
  let terminal: any Terminal
  private let hearing: Hearing?
  package let views = ViewTable()
  let named = NamedTable()
  let layouts = ImageTable()
  /// Lives as long as the Lua state that has it as an upvalue.
  nonisolated(unsafe) let calls: UnsafeMutablePointer<luashm_host>
  /// The functions for the prompt's modules; unset until there is a prompt.
  nonisolated(unsafe) let promptCalls: UnsafeMutablePointer<luashm_prompt_host>

  /// - Parameter world: performs the operations; nil: the real memory.
  init(
    _ session: Session?, _ terminal: any Terminal, _ listener: (any OperationListener)?,
    _ world: UnsafeMutablePointer<luashm_world>? = nil
  ) {
    given = session
    self.terminal = terminal
    hearing = listener.map { Hearing($0, world) }
    calls = .allocate(capacity: 1)
    calls.initialize(to: luashm_host())
    promptCalls = .allocate(capacity: 1)
    promptCalls.initialize(to: luashm_prompt_host())
    let context = Unmanaged.passRetained(self).toOpaque()
    Self.fill(&calls.pointee, context)
    Self.fillNamed(&calls.pointee)
    calls.pointee.world = world
    if let hearing { calls.pointee.world = hearing.world }
  }

  /// Called when the state is closed, after which nobody calls the host.
  func end() {
    hearing?.end()
    calls.deallocate()
    promptCalls.deallocate()
    Unmanaged.passUnretained(self).release()
  }

  /// Closes all that the scripts have open, as the end of a process does.
  func closeAll() {
    views.removeAll()
    named.removeAll()
  }

  static func from(_ context: UnsafeMutableRawPointer?) -> Host {
    Unmanaged<Host>.fromOpaque(context!).takeUnretainedValue()
  }

  private static func fill(_ calls: inout luashm_host, _ context: UnsafeMutableRawPointer) {
    calls.context = context
    calls.create = { context, name, size, options, view, existed, failure in
      report(failure) { () throws(SharedMemoryError) in
        try Host.from(context).create(name.array, size, options!.pointee, view!, existed!)
      }
    }
    calls.open = { context, name, options, view, failure in
      report(failure) { () throws(SharedMemoryError) in
        try Host.from(context).open(name.array ?? [], options!.pointee, view!)
      }
    }
    calls.map = { context, key, options, view, failure in
      report(failure) { () throws(SharedMemoryError) in
        try Host.from(context).map(key, options!.pointee, view!)
      }
    }
    calls.identify = { context, view in Host.from(context).identify(&view!.pointee) }
    calls.close = { context, key, failure in
      report(failure) { () throws(SharedMemoryError) in try Host.from(context).close(key) }
    }
    calls.check = { context, key, failure in
      report(failure) { () throws(SharedMemoryError) in try Host.from(context).check(key) }
    }
    calls.unlink = { context, name, failure in
      report(failure) { () throws(SharedMemoryError) in
        try WineName.refuse(name.array ?? [], for: "unlink")
        try MemoryObject.unlink(bytes: name.array ?? [], in: Host.from(context).session)
      }
    }
    calls.path = { context, name, path, length, failure in
      report(failure) { () throws(SharedMemoryError) in
        try WineName.refuse(name.array ?? [], for: "path")
        let bytes = try Host.from(context).session.path(of: name.array ?? [])
        length!.pointee = min(bytes.count, LUASHM_PATH)
        memcpy(path!, bytes, length!.pointee)
      }
    }
    calls.getch = { context in Host.from(context).terminal.key().map(Int32.init) ?? -1 }
    calls.show = { text, manner, buffer in Host.show(text, manner, buffer!) }
    calls.message_box = { context, text, title in
      Host.from(context).terminal.show(text.array ?? [], title: title.array ?? [])
    }
    fillWine(&calls)
    fillCensus(&calls)
    fillLayouts(&calls)
    fillBundle(&calls)
  }
}

// MARK: - The operations

extension Host {
  fileprivate func create(
    _ name: [UInt8]?, _ size: Int64, _ options: luashm_options,
    _ view: UnsafeMutablePointer<luashm_handle>, _ existed: UnsafeMutablePointer<Bool>
  ) throws(SharedMemoryError) {
    if let name, WineName.isOne(name) {
      existed.pointee = try createWine(name, size, options, view)
      return
    }
    let mode = options.making.mode
    if mode.as_integer { try DecimalMode(value: mode.bits).check(name) }
    let object = try MemoryObject.create(
      bytes: name, size: Int(size),
      .init(
        access: options.wanted ?? .readWrite,
        mode: UInt32(clamping: mode.bits < 0 ? .max : mode.bits),
        exclusive: options.making.exclusive, reserve: options.reserve),
      in: session)
    existed.pointee = object.existed
    try show(object, options, view)
  }

  fileprivate func open(
    _ name: [UInt8], _ options: luashm_options, _ view: UnsafeMutablePointer<luashm_handle>
  ) throws(SharedMemoryError) {
    if WineName.isOne(name) { return try openWine(name, options, view) }
    try show(
      MemoryObject.open(bytes: name, access: options.wanted ?? .readWrite, in: session),
      options, view)
  }

  fileprivate func map(
    _ key: UInt64, _ options: luashm_options, _ view: UnsafeMutablePointer<luashm_handle>
  ) throws(SharedMemoryError) {
    guard let entry = views[key] else { throw Self.unknown }
    try show(entry.object.duplicate(), options, view, of: entry.section)
  }

  /// Maps the object and adds it to the table; if that fails, the handle is closed.
  func show(
    _ object: consuming MemoryObject, _ options: luashm_options,
    _ out: UnsafeMutablePointer<luashm_handle>, of section: WineSection? = nil
  ) throws(SharedMemoryError) {
    let view = try object.map(
      access: options.wanted, offset: Int(options.offset), length: Int(options.length))
    out.pointee.base = view.base.assumingMemoryBound(to: UInt8.self)
    out.pointee.size = view.count
    out.pointee.access = Int64(view.access.code)
    out.pointee.guard = view.lossFlag
    out.pointee.place = UInt64(view.offset)
    out.pointee.key = views.insert(object, view, of: section)
  }

  fileprivate func identify(_ view: inout luashm_handle) {
    guard let file = views[view.key]?.object.file else { return }
    (view.device, view.inode) = (file.device, file.inode)
  }

  fileprivate func close(_ key: UInt64) throws(SharedMemoryError) {
    guard let entry = views.remove(key) else { return }
    if entry.object.isRemoved { throw Self.removed(entry.view.name, "close") }
  }

  fileprivate func check(_ key: UInt64) throws(SharedMemoryError) {
    guard let entry = views[key] else { throw Self.unknown }
    if entry.view.isLost {
      throw SharedMemoryError(.swap, "check", entry.view.name, View.lossAdvice)
    }
    try entry.section?.check()
    if entry.object.isRemoved { throw Self.removed(entry.view.name, "check") }
  }

  static func show(
    _ text: luashm_bytes, _ manner: luashm_manner, _ buffer: UnsafeMutablePointer<CChar>
  ) -> Int {
    let bytes = UnsafeRawBufferPointer(start: text.data, count: text.length)
    let escaped = Printable.escaped(bytes, Printable.Manner(manner))
    UnsafeMutableRawBufferPointer(start: buffer, count: escaped.count).copyBytes(from: escaped)
    return escaped.count
  }

  static func removed(_ name: String, _ operation: String) -> SharedMemoryError {
    SharedMemoryError(
      .fileNotFound, operation, name,
      "another program removed the name although it was held (rm, logind's RemoveIPC, Python's "
        + "resource tracker); its holders share their memory, but nobody else finds it")
  }

  /// C only asks for keys that it was given, so this is never seen.
  static var unknown: SharedMemoryError {
    SharedMemoryError(.invalidHandle, "map", "view", "the view is not open")
  }
}

/// Runs one call of the C module's; its error goes into the module's buffer.
func report(
  _ failure: UnsafeMutablePointer<luashm_failure>?,
  _ body: () throws(SharedMemoryError) -> Void
) -> Int32 {
  do throws(SharedMemoryError) {
    try body()
    return 0
  } catch {
    failure!.pointee.fill(error.code.rawValue, error.description)
    return error.code.rawValue
  }
}

extension luashm_bytes {
  /// The bytes as an array; nil: none were given.
  var array: [UInt8]? {
    data.map { Array(UnsafeRawBufferPointer(start: $0, count: length)) }
  }
}

extension Printable.Manner {
  fileprivate init(_ plain: luashm_manner) {
    self =
      switch plain {
      case .LUASHM_LINE: .line
      case .LUASHM_LINES: .lines
      case .LUASHM_QUOTED: .quoted
      }
  }
}

extension luashm_options {
  /// The access that was asked for; nil: none was given.
  var wanted: Access? { Access(code: access) }
}

extension Access {
  fileprivate var code: UInt32 {
    switch self {
    case .readWrite: LUASHM_READ_WRITE.rawValue
    case .read: LUASHM_READ.rawValue
    case .copy: LUASHM_COPY.rawValue
    }
  }

  init?(code: Int64) {
    guard let found = Access.allCases.first(where: { Int64($0.code) == code }) else { return nil }
    self = found
  }
}
