internal import CLuaShm
public import SharedMemory

/// Hears every operation of a script that touches shared memory or waits, before and after it.
public protocol OperationListener: AnyObject, Sendable {
  func enter(_ operation: Operation)
  /// - Parameter outcome: 0, a failure's Win32 number, or -1 if an error about misuse follows.
  func leave(_ operation: Operation, outcome: Int32)
}

/// What a script is about to do, or has done.
public struct Operation: Sendable {
  public enum Kind: Sendable, CaseIterable {
    case create, open, map, write, read, text, close, check, unlink, getch, messageBox
    /// From here on operations have a verb and arguments.
    case load, store, atomic, wait, wake, createOther, openOther, closeOther, acquire, release
    /// For memory: a name under Wine.
    case offer
    /// Time passes; what is only asked for: the time, the process.
    case sleep, ask
  }

  public let kind: Kind
  /// The object's name, or a message box's title; nil: there is none.
  public let name: [UInt8]?
  /// In bytes. For `create`, `length` is the size that was asked for.
  public let offset: UInt64
  public let length: UInt64
  /// The bytes that are written, were read, or are shown; valid during the call only.
  public let data: [UInt8]
  /// For `create`, `open` and `map`; nil: the script gave none.
  public let access: Access?
  /// For `create`, `open` and `map`: the view, in bytes; a length of 0 means all that follow.
  public let window: (offset: UInt64, length: UInt64)
  /// After success. `create`: the object existed; `getch`: there was a key.
  public let existed: Bool
  /// Such as `view:u32`, for the kinds from `load` on; else empty.
  public let verb: String
  /// The integers that the script gave.
  public let arguments: [Int64]
  /// The script gave more than are told.
  let isCut: Bool
  /// A wait's timeout in seconds; nil: none was given.
  public let timeout: Double?
  /// After success, if the operation returns an integer.
  public let result: Int64
  /// The value of a record's field that is no integer: a float's text, or a text's bytes, cut like
  /// `data`; nil: a table, or something else.
  public let value: [UInt8]?
  /// Is the value a text?
  public let isText: Bool
  /// For named objects: their kind's number; else 0.
  let waitableKind: UInt32
  /// For `createOther` and `openOther`: how the object is used.
  let named: Named?
  /// The place of the call, `first.lua:12`; empty: no Lua function called.
  public let line: String
}

extension Operation {
  /// The options of what makes or opens a named object.
  struct Named: Sendable {
    let rights: NamedAccess
    let mode: UInt32
    let isExclusive: Bool
    /// Of kinds that are followed.
    let place: ReadingPlace
    let isStrict: Bool

    init(_ plain: luashm_named_options) {
      rights = NamedAccess(rawValue: plain.rights)
      mode = UInt32(truncatingIfNeeded: plain.making.mode.bits)
      isExclusive = plain.making.exclusive
      place = ReadingPlace(plain.from)
      isStrict = plain.strict
    }
  }
}

/// The heard world of one host: tells a listener before and after the real world performs.
///
/// C has the addresses of the listener's record and of the world. So they are in memory outside of
/// Swift's objects, which lives as long as the host and is never changed.
struct Hearing: @unchecked Sendable {
  /// Gives the listener an address, which an existential does not have.
  private final class Box: Sendable {
    let listener: any OperationListener
    init(_ listener: any OperationListener) { self.listener = listener }
  }

  private let box: Unmanaged<Box>
  private let listener: UnsafeMutablePointer<luashm_listener>
  private let heard: UnsafeMutablePointer<luashm_heard>

  /// - Parameter inner: the world that performs; nil: the real memory.
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
  /// In bytes. Longer data are of no use to a listener and are cut.
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
    isCut = plain.is_cut
    timeout = plain.timeout < 0 || plain.verb == nil ? nil : plain.timeout
    result = plain.result
    value = plain.value.data == nil ? nil : plain.value.prefix(Self.shownData)
    isText = plain.is_text
    waitableKind = plain.waitable
    named = plain.named.map { Named($0.pointee) }
    line = withUnsafePointer(to: plain) { plain in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        luashm_where(plain, buffer.baseAddress, buffer.count)
        return String(cString: buffer.baseAddress!)
      }
    }
  }
}

extension Operation.Kind {
  /// The compiler checks that the two lists agree.
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
