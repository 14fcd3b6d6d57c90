internal import CLuaShm
internal import SharedMemory

/// Operations on named objects that can be waited for, as Lua and as Win32 write them. What differs
/// from kind to kind comes from the kind (`WaitableKind`).
extension Operation {
  private func isTrue(_ at: Int) -> Bool { at < arguments.count && arguments[at] != 0 }

  private var waitable: (any WaitableKind)? { WaitableKinds.numbered(waitableKind) }
  private var act: WaitableAct? { waitable?.acts.first { $0.verb == verb } }

  /// The arguments after the name in `shm.event` and the like.
  var namedArguments: [String] {
    if kind == .openOther { return Self.table(usage) }
    var (numbers, flags): ([String], [String]) = ([], [])
    for (value, argument) in zip(KindValues(waitableKind), arguments) {
      if !value.isFlag {
        numbers.append("\(argument)")
      } else if argument != 0 {
        flags.append("\(value.name) = true")
      }
    }
    return numbers + Self.table(flags + usage + making)
  }

  private static func table(_ options: [String]) -> [String] {
    options.isEmpty ? [] : ["{\(options.joined(separator: ", "))}"]
  }

  /// The options of whoever uses it, as far as they are not as without them.
  private var usage: [String] {
    guard let named, let words = waitable?.accessWords else { return [] }
    var options: [String] = []
    switch named.rights {
    case .wait: options.append("access = \"\(words.wait)\"")
    case .modify: options.append("access = \"\(words.modify)\"")
    default: break
    }
    switch named.place {
    case .next: break
    case .newest, .oldest: options.append("from = \"\(named.place.word)\"")
    case .sequence: options.append("from = \(named.place.word)")
    }
    return options + (named.isStrict ? ["strict = true"] : [])
  }

  private var making: [String] {
    guard let named else { return [] }
    return (named.mode == 0o600 ? [] : ["mode = \"\(String(named.mode, radix: 8))\""])
      + (named.isExclusive ? ["exclusive = true"] : [])
  }

  var luaWait: String {
    var options = isTrue(1) ? ["all = true"] : []
    if let timeout { options.append("timeout = \(timeout)") }
    let text = options.isEmpty ? "" : ", {\(options.joined(separator: ", "))}"
    let count = arguments.first ?? 0
    return "shm.wait({\(count) object\(count == 1 ? "" : "s")}\(text))"
  }

  /// The Win32 call; nil: it is not known what this is on Windows.
  var win32OfNamed: String? {
    let call = WaitableCall(
      name: text, milliseconds: milliseconds, arguments: arguments,
      options: KindValues(waitableKind).map(\.name))
    switch kind {
    case .createOther: return waitable?.created(call)
    case .openOther:
      return waitable.map { kind in
        guard let windows = kind.windows else { return "(none)" }
        return "Open\(windows)(\(rights.win32(windows.uppercased())), FALSE, \(text))"
      }
    case .closeOther:
      // A process is no kind of ours.
      return waitable.map { $0.windows == nil } ?? false ? "(none)" : "CloseHandle(hObject)"
    default: return act?.windows(call)
    }
  }

  /// How a script writes the number that it gave; nil: as a number.
  var shownNumber: ((Int64) -> String)? { act?.shows }

  /// What a wait returns.
  var acquired: String {
    if !existed { return act?.nothing ?? "false, \"timeout\"" }
    let what = verb == "shm.wait" && !isTrue(1) ? "\(result)" : done ?? "true"
    return data.isEmpty ? what : "\(what), \"\(String(decoding: data, as: UTF8.self))\""
  }

  /// What an operation of one kind returns; nil: it is no such operation.
  var done: String? {
    if let act, act.perform == nil, !existed { return act.nothing }
    return switch act?.result {
    case .yes: "true"
    case .number: result < 0 ? "nil" : "\(result)"
    case .object(let name): name
    case nil: nil
    }
  }

  private var rights: Rights { named.map { Rights($0.rights) } ?? .all }

  /// What an operation on its own kind of object does in memory; nil: what all of its sort do.
  var linuxOfNamed: [String]? { waitable?.steps(verb).map { ["   \($0)"] } }

  private enum Rights {
    case wait, modify, all

    init(_ access: NamedAccess) {
      self = access == .wait ? .wait : access == .modify ? .modify : .all
    }

    func win32(_ kind: String) -> String {
      switch self {
      case .wait: "SYNCHRONIZE"
      case .modify: "\(kind)_MODIFY_STATE"
      case .all: "\(kind)_ALL_ACCESS"
      }
    }
  }
}
