internal import CLuaShm
public import SharedMemory

/// Hears every operation of a script that touches shared memory or waits, before and after it.
public protocol OperationListener: AnyObject, Sendable {
  func enter(_ operation: Operation)
  /// - Parameter outcome: 0, the Win32 number of a failure, or -1 for misuse that is raised next.
  func leave(_ operation: Operation, outcome: Int32)
}

/// What a script is about to do, or has done.
public struct Operation: Sendable {
  public enum Kind: Sendable, CaseIterable {
    case create, open, map, write, read, text, close, check, unlink, getch, messageBox
    /// From here on an operation has a verb and arguments.
    case load, store, atomic, wait, wake, createOther, openOther, closeOther, acquire, release
    /// Of memory: a name under Wine.
    case offer
    /// Time passes; what is only asked for: the time, the process.
    case sleep, ask
  }

  public let kind: Kind
  /// The object's name, or a message box's title; nil where there is none.
  public let name: [UInt8]?
  /// Bytes; for `create` the length is the size that was asked for.
  public let offset: UInt64
  public let length: UInt64
  /// The bytes that are written, were read, or are shown; read only while the call lasts.
  public let data: [UInt8]
  /// Of `create`, `open` and `map`; nil where the script gives none.
  public let access: Access?
  /// Of `create`, `open` and `map`: the view's bytes; length 0 is all that follow.
  public let window: (offset: UInt64, length: UInt64)
  /// When left without a failure. Of `create`: the object was there; of `getch`: a key was.
  public let existed: Bool
  /// `view:u32`, of the kinds from `load` on; else empty.
  public let verb: String
  /// Integers as the script gave them.
  public let arguments: [Int64]
  /// Seconds, of what waits; nil: none was given.
  public let timeout: Double?
  /// When left without a failure, of what returns an integer.
  public let result: Int64
  /// Of a record's field that is no integer: a float's text, or a text's bytes, as many as of
  /// `data`; nil: a table, or something else.
  public let value: [UInt8]?
  /// The value is a text.
  public let isText: Bool
  /// Of what can be waited for: the number of its kind; else 0.
  let waitableKind: UInt32
  /// `first.lua:12`; empty where no Lua function called.
  public let line: String
}

/// The heard world of one host: a listener is told before and after the real one performs.
///
/// C holds the addresses of the listener's record and of the world, so they lie outside of Swift's
/// objects, for as long as the host; nobody changes what is there.
struct Hearing: @unchecked Sendable {
  /// An existential has no address of its own.
  private final class Box: Sendable {
    let listener: any OperationListener
    init(_ listener: any OperationListener) { self.listener = listener }
  }

  private let box: Unmanaged<Box>
  private let listener: UnsafeMutablePointer<luashm_listener>
  private let heard: UnsafeMutablePointer<luashm_heard>

  /// - Parameter inner: who performs; nil: the real memory.
  init(_ listener: any OperationListener, _ inner: UnsafeMutablePointer<luashm_world>?) {
    box = .passRetained(Box(listener))
    self.listener = .allocate(capacity: 1)
    self.listener.initialize(
      to: luashm_listener(
        context: box.toOpaque(),
        before: { context, call in
          Hearing.listener(context).enter(Operation(call!.pointee, existed: false))
        },
        after: { context, call, code, holds in
          Hearing.listener(context).leave(Operation(call!.pointee, existed: holds), outcome: code)
        }))
    heard = .allocate(capacity: 1)
    luashm_hear(heard, self.listener, inner)
  }

  var world: UnsafeMutablePointer<luashm_world> {
    UnsafeMutableRawPointer(heard).assumingMemoryBound(to: luashm_world.self)
  }

  func end() {
    heard.deallocate()
    listener.deallocate()
    box.release()
  }

  private static func listener(_ context: UnsafeMutableRawPointer?) -> any OperationListener {
    Unmanaged<Box>.fromOpaque(context!).takeUnretainedValue().listener
  }
}

extension Operation {
  /// Long data are of no use to a listener.
  static let shownData = 64

  init(_ plain: luashm_call, existed: Bool) {
    kind = Kind(plain.kind)
    name = plain.name.array
    offset = plain.offset
    length = plain.length
    data = plain.data.prefix(Self.shownData)
    access = plain.options.flatMap { $0.pointee.wanted }
    window =
      plain.options.map { (UInt64($0.pointee.offset), UInt64($0.pointee.length)) } ?? (0, 0)
    self.existed = existed
    verb = plain.verb.map { String(cString: $0) } ?? ""
    arguments = withUnsafeBytes(of: plain.arguments) { raw in
      Array(raw.bindMemory(to: Int64.self).prefix(Int(plain.argument_count)))
    }
    timeout = plain.timeout < 0 || plain.verb == nil ? nil : plain.timeout
    result = plain.result
    value = plain.value.data == nil ? nil : plain.value.prefix(Self.shownData)
    isText = plain.is_text
    waitableKind = plain.waitable
    line = withUnsafePointer(to: plain) { plain in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        luashm_where(plain, buffer.baseAddress, buffer.count)
        return String(cString: buffer.baseAddress!)
      }
    }
  }
}

extension Operation.Kind {
  /// The compiler compares the two lists.
  fileprivate init(_ plain: luashm_kind) {
    self =
      switch plain {
      case .LUASHM_CREATE: .create
      case .LUASHM_OPEN: .open
      case .LUASHM_MAP: .map
      case .LUASHM_WRITE: .write
      case .LUASHM_GET: .read
      case .LUASHM_TEXT: .text
      case .LUASHM_CLOSE: .close
      case .LUASHM_CHECK: .check
      case .LUASHM_UNLINK: .unlink
      case .LUASHM_GETCH: .getch
      case .LUASHM_MESSAGE_BOX: .messageBox
      case .LUASHM_LOAD: .load
      case .LUASHM_STORE: .store
      case .LUASHM_ATOMIC: .atomic
      case .LUASHM_WAIT: .wait
      case .LUASHM_WAKE: .wake
      case .LUASHM_CREATE_OTHER: .createOther
      case .LUASHM_OPEN_OTHER: .openOther
      case .LUASHM_CLOSE_OTHER: .closeOther
      case .LUASHM_ACQUIRE: .acquire
      case .LUASHM_RELEASE: .release
      case .LUASHM_OFFER: .offer
      case .LUASHM_SLEEP: .sleep
      case .LUASHM_ASK: .ask
      case .LUASHM_UNTOLD: preconditionFailure("no listener is told of it")
      }
  }
}

extension luashm_bytes {
  fileprivate func prefix(_ limit: Int) -> [UInt8] {
    data.map { Array(UnsafeRawBufferPointer(start: $0, count: min(limit, length))) } ?? []
  }
}
