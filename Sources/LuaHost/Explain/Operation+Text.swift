internal import SharedMemory
internal import Wine

/// An operation as Lua and Linux write it; `Operation+Windows.swift` has Win32.
extension Operation {
  /// The script's call.
  var lua: String {
    switch kind {
    case .create: "shm.create(\(luaName), \(length)\(luaOptions))"
    case .open: "shm.open(\(luaName)\(luaOptions))"
    case .map: "view:map{offset = \(offset), length = \(length)}"
    case .write: "view:write(\(luaData)\(offset == 0 ? "" : ", \(offset)"))"
    case .read: "view:read(\(length)\(offset == 0 ? "" : ", \(offset)"))"
    case .text: "view:read(\(offset == 0 ? "" : "nil, \(offset)"))"
    case .close: "view:close()"
    case .check: verb.isEmpty ? "view:check()" : "\(verb)()"
    case .unlink: "shm.unlink(\(luaName))"
    case .getch: "console.getch()"
    case .messageBox: "console.message_box(\(luaData), \(luaName))"
    case .createOther, .openOther:
      "\(verb)(\(([luaName] + namedArguments).joined(separator: ", ")))"
    case .load where verb == "record:get": field(of: "record", ".")
    case .store where verb == "record:set":
      "\(field(of: "record", ".")) = \(fieldValue)"
    case .load, .store:
      "\(verb)(\(typedArguments.joined(separator: ", ")))"
    case .acquire where verb == "shm.wait": luaWait
    case .offer: "shm.offer(view, \(luaName))"
    case .sleep: "\(verb)(\(timeout.map { "\($0)" } ?? ""))"
    case .ask where name != nil: "\(verb)(\(luaName))"
    case .atomic, .wait, .wake, .closeOther, .acquire, .release, .ask:
      "\(verb)(\(luaArguments.joined(separator: ", ")))"
    }
  }

  /// `record.version` or `record[3]`: for these operations the data are the name.
  func field(of record: String, _ mark: String) -> String {
    record + (data.first == UInt8(ascii: "[") ? "" : mark) + shown(data)
  }

  var luaArguments: [String] {
    (isText ? value.map { [Self.quoted($0, isCut: $0.count >= Self.shownData)] } ?? [] : [])
      + arguments.map { shownNumber?($0) ?? "\($0)" } + (isCut ? ["…"] : [])
      + (timeout.map { ["\($0)"] } ?? [])
  }

  /// A float, a format, what is searched for, or a text; after a load, what was read.
  var typedArguments: [String] {
    var integers = arguments.map { shownNumber?($0) ?? "\($0)" }
    if verb == "view:copy" { integers.insert("source", at: 1) }
    if verb == "record:numbers" { return kind == .store ? ["{…}"] : [] }
    if data.isEmpty { return integers }
    return switch verb {
    case "view:f32", "view:f64": kind == .store ? integers + [shown(data)] : integers
    case "view:pack": [quotedData] + integers + (isCut ? ["…"] : [])
    case "view:unpack", "view:find": [quotedData] + integers
    case "view:numbers": [quotedData] + integers + (kind == .store ? ["{…}"] : [])
    default: kind == .store ? integers + [quotedData] : integers
    }
  }

  /// For data that may be longer than a listener is given.
  var quotedData: String { Self.quoted(data, isCut: data.count >= Self.shownData) }

  static func quoted(_ data: [UInt8], isCut: Bool) -> String {
    "\"\(isCut ? shown(withoutBegunCharacter(data)) + "…" : shown(data))\""
  }

  /// The data without a UTF-8 character that was cut in two at their end.
  static func withoutBegunCharacter(_ data: [UInt8]) -> ArraySlice<UInt8> {
    guard let last = data.lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return data[...] }
    let length = data[last] >= 0xF0 ? 4 : data[last] >= 0xE0 ? 3 : data[last] >= 0xC0 ? 2 : 1
    return data.count - last < length ? data[..<last] : data[...]
  }

  /// What a record's field is set to; or what it contains, if that is no integer.
  var fieldValue: String {
    if let value {
      return isText ? Self.quoted(value, isCut: value.count >= Self.shownData) : shown(value)
    }
    return arguments.first.map(String.init) ?? "…"
  }

  var luaName: String { name.map { "[[\(shown($0))]]" } ?? "nil" }

  var luaData: String {
    Self.quoted(data, isCut: UInt64(data.count) < length)
  }

  var luaOptions: String {
    guard let access, access != .readWrite else { return "" }
    return ", {access = \"\(access.rawValue)\"}"
  }

  /// The name as a Windows program writes it.
  var text: String {
    guard let name else { return "NULL" }
    let windows = WineName.isOne(name) ? Array(name.dropFirst(WineName.start.count)) : name
    return "TEXT(\"\(doubled(shown(windows)))\")"
  }

  func doubled(_ name: String) -> String {
    String(name.flatMap { $0 == "\\" ? "\\\\" : String($0) })
  }

  var plusOffset: String { offset == 0 ? "" : " + \(offset)" }

  /// What was done in addition to the session's recorded calls.
  var linux: [String] { linuxOfNamed ?? linuxOfAll }

  private var linuxOfAll: [String] {
    switch kind {
    case .write: ["   memcpy(view + \(offset), …, \(length)): no system call"]
    case .read, .text: ["   memcpy(…, view + \(offset), \(length)): no system call"]
    case .getch: ["   read(0, …, 1)"]
    case .messageBox: ["   write(1, …, \(length + 1))"]
    case .load where waitableKind != 0: ["   a load: no system call"]
    case .load: ["   a load from view + \(offset): no system call"]
    case .store: ["   a store to view + \(offset): no system call"]
    case .atomic: ["   one locked instruction: no system call"]
    case .acquire: ["   a compare-and-swap; futex(2) only while it must wait"]
    case .release: ["   a compare-and-swap; futex(2) only if somebody sleeps"]
    case .wait: ["   futex(FUTEX_WAIT) of view + \(offset), after a while of looking at it"]
    case .wake: ["   futex(FUTEX_WAKE) of view + \(offset)"]
    case .sleep: ["   clock_nanosleep(CLOCK_MONOTONIC, …)"]
    case .ask where verb == "shm.now": ["   clock_gettime(CLOCK_MONOTONIC): no system call"]
    case .ask where verb == "shm.pid": ["   getpid()"]
    default: []
    }
  }

  /// The result that the script gets.
  func result(_ outcome: Int32) -> String {
    if outcome == -1 { return "error" }
    if outcome != 0 {
      let symbol = ErrorCode(rawValue: outcome)?.symbol ?? "?"
      let isWarning = kind == .close || kind == .closeOther
      return isWarning ? "true, \"…\"" : "nil, \"… \(symbol) …\", \(outcome)"
    }
    switch kind {
    case .create: return "view, \(existed)"
    case .open, .map, .write, .offer: return "view"
    case .read, .text: return luaData
    case .close, .check, .unlink: return "true"
    case .getch: return existed ? "a key" : "nil: standard input has ended"
    case .messageBox: return "seen"
    case .load where verb == "record:read": return "a table"
    case .load where verb == "record:get": return existed ? "\(result)" : fieldValue
    case .store where verb == "record:set": return "(nothing)"
    case .load where waitableKind != 0: return done ?? "\(result)"
    case .load where verb == "view:snapshot": return luaData
    case .load where verb == "view:update": return "a draft, \(existed)"
    case .atomic where verb == "cell:cas": return "\(existed), \(result)"
    case .load: return loaded
    case .atomic, .wake: return "\(result)"
    case .createOther: return "\(verb.dropFirst(4)), \(existed)"
    case .openOther: return "\(verb.dropFirst(9))"
    case .store:
      return verb == "view:pack" ? "\(result)" : "\(verb.prefix { $0 != ":" })"
    case .acquire: return acquired
    case .wait: return existed ? "true" : "false, \"timeout\""
    case .closeOther: return "true"
    case .release: return done ?? "true"
    case .sleep: return "(nothing)"
    case .ask: return asked
    }
  }

  var loaded: String {
    switch verb {
    case "view:f32", "view:f64": shown(data)
    case "view:text", "view:utf16", "view:utf32", "view:hex": quotedData
    case "view:unpack": "…, \(result)"
    case "view:find": result < 0 ? "nil" : "\(result)"
    case "view:numbers", "record:numbers": "a table, of \(result)"
    default: "\(result)"
    }
  }
}
