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
    if kind == .openOther { return rights == .all ? [] : ["{access = \"\(rights.lua)\"}"] }
    var (numbers, flags): ([String], [String]) = ([], [])
    for (value, argument) in zip(KindValues(waitableKind), arguments) {
      if !value.isFlag {
        numbers.append("\(argument)")
      } else if argument != 0 {
        flags.append("\(value.name) = true")
      }
    }
    return numbers + (flags.isEmpty ? [] : ["{\(flags.joined(separator: ", "))}"])
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
        let windows = kind.windows
        return "Open\(windows)(\(rights.win32(windows.uppercased())), FALSE, \(text))"
      }
    case .closeOther: return "CloseHandle(hObject)"
    default: return act?.windows(call)
    }
  }

  /// What a wait returns.
  var acquired: String {
    if !existed { return "false, \"timeout\"" }
    let what = verb == "shm.wait" && !isTrue(1) ? "\(result)" : done ?? "true"
    return data.isEmpty ? what : "\(what), \"\(String(decoding: data, as: UTF8.self))\""
  }

  /// What an operation of one kind returns; nil: it is no such operation.
  var done: String? {
    switch act?.result {
    case .yes: "true"
    case .number: result < 0 ? "nil" : "\(result)"
    case .object(let name): name
    case nil: nil
    }
  }

  private var rights: Rights {
    arguments.first.map { Rights(NamedAccess(rawValue: UInt32(clamping: $0))) } ?? .all
  }

  private enum Rights {
    case wait, modify, all

    init(_ access: NamedAccess) {
      self = access == .wait ? .wait : access == .modify ? .modify : .all
    }

    var lua: String { "\(self)" }

    func win32(_ kind: String) -> String {
      switch self {
      case .wait: "SYNCHRONIZE"
      case .modify: "\(kind)_MODIFY_STATE"
      case .all: "\(kind)_ALL_ACCESS"
      }
    }
  }
}
