/// Operations on events, mutexes and semaphores, as Lua and as Win32 write them.
extension Operation {
  private func isTrue(_ at: Int) -> Bool { at < arguments.count && arguments[at] != 0 }

  /// What follows the name in `shm.event` and the like.
  var namedArguments: [String] {
    let options =
      switch verb {
      case "shm.event":
        [("manual", isTrue(0)), ("set", isTrue(1))].filter(\.1).map { "\($0.0) = true" }
      case _ where kind == .openOther:
        rights == .all ? [] : ["access = \"\(rights.lua)\""]
      default: [String]()
      }
    if !options.isEmpty { return ["{\(options.joined(separator: ", "))}"] }
    return verb == "shm.semaphore" ? luaArguments : []
  }

  var luaWait: String {
    var options = isTrue(1) ? ["all = true"] : []
    if let timeout { options.append("timeout = \(timeout)") }
    let text = options.isEmpty ? "" : ", {\(options.joined(separator: ", "))}"
    let count = arguments.first ?? 0
    return "shm.wait({\(count) object\(count == 1 ? "" : "s")}\(text))"
  }

  var win32OfNamed: String {
    switch verb {
    case "shm.event":
      "CreateEvent(NULL, \(isTrue(0) ? "TRUE" : "FALSE"), \(isTrue(1) ? "TRUE" : "FALSE"), \(text))"
    case "shm.mutex": "CreateMutex(NULL, FALSE, \(text))"
    case "shm.semaphore":
      "CreateSemaphore(NULL, \(luaArguments.joined(separator: ", ")), \(text))"
    case "shm.open_event": "OpenEvent(\(rights.win32("EVENT")), FALSE, \(text))"
    case "shm.open_mutex": "OpenMutex(\(rights.win32("MUTEX")), FALSE, \(text))"
    default: "OpenSemaphore(\(rights.win32("SEMAPHORE")), FALSE, \(text))"
    }
  }

  /// What a wait returns.
  var acquired: String {
    if !existed { return "false, \"timeout\"" }
    let what =
      switch verb {
      case "shm.wait": isTrue(1) ? "true" : "\(result)"
      case "mutex:guard": "guard"
      default: "true"
      }
    return data.isEmpty ? what : "\(what), \"\(String(decoding: data, as: UTF8.self))\""
  }

  private var rights: Rights { Rights(rawValue: arguments.first ?? 3) ?? .all }

  /// As `CSHM_MAY_WAIT` and `CSHM_MAY_MODIFY`.
  private enum Rights: Int64 {
    case wait = 1
    case modify = 2
    case all = 3

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
