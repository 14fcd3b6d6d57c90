internal import SharedMemory

/// An operation as Lua, as Win32 and as Linux write it.
extension Operation {
  /// The call of the script.
  var lua: String {
    switch kind {
    case .create: "shm.create(\(luaName), \(length)\(luaOptions))"
    case .open: "shm.open(\(luaName)\(luaOptions))"
    case .map: "view:map{offset = \(offset), length = \(length)}"
    case .write: "view:write(\(luaData)\(offset == 0 ? "" : ", \(offset)"))"
    case .read: "view:read(\(length)\(offset == 0 ? "" : ", \(offset)"))"
    case .text: "view:read(\(offset == 0 ? "" : "nil, \(offset)"))"
    case .close: "view:close()"
    case .check: "view:check()"
    case .unlink: "shm.unlink(\(luaName))"
    case .getch: "console.getch()"
    case .messageBox: "console.message_box(\(luaData), \(luaName))"
    }
  }

  private var luaName: String { name.map { "[[\(shown($0))]]" } ?? "nil" }

  private var luaData: String {
    "\"\(shown(data))\(UInt64(data.count) < length ? "…" : "")\""
  }

  private var luaOptions: String {
    guard let access, access != .readWrite else { return "" }
    return ", {access = \"\(access.rawValue)\"}"
  }

  /// The calls of the document that it stands for; none for what Win32 has no word for.
  var win32: [String] {
    switch kind {
    case .create:
      [
        "CreateFileMapping(INVALID_HANDLE_VALUE, NULL, \(protection), 0, \(length), \(text))",
        mapView,
      ]
    case .open: ["OpenFileMapping(\(fileMap), FALSE, \(text))", mapView]
    case .map:
      [mapView]
    case .write: ["CopyMemory(pBuf\(plusOffset), \"…\", \(length))"]
    case .read: ["CopyMemory(\"…\", pBuf\(plusOffset), \(length))"]
    case .text: ["(LPCTSTR)pBuf\(offset == 0 ? "" : " + \(offset)")"]
    case .close: ["UnmapViewOfFile(pBuf)", "CloseHandle(hMapFile)"]
    case .check, .unlink: ["(none)"]
    case .getch: ["_getch()"]
    case .messageBox: ["MessageBox(NULL, pBuf, TEXT(\"\(name.map { shown($0) } ?? "")\"), MB_OK)"]
    }
  }

  private var text: String { name.map { "TEXT(\"\(doubled(shown($0)))\")" } ?? "NULL" }

  private func doubled(_ name: String) -> String {
    String(name.flatMap { $0 == "\\" ? "\\\\" : String($0) })
  }

  private var plusOffset: String { offset == 0 ? "" : " + \(offset)" }

  private var mapView: String {
    let (high, low) = (window.offset >> 32, window.offset & 0xFFFF_FFFF)
    return "MapViewOfFile(hMapFile, \(fileMap), \(high), \(low), \(window.length))"
  }

  private var protection: String {
    switch access ?? .readWrite {
    case .readWrite: "PAGE_READWRITE"
    case .read: "PAGE_READONLY"
    case .copy: "PAGE_WRITECOPY"
    }
  }

  private var fileMap: String {
    switch access ?? .readWrite {
    case .readWrite: "FILE_MAP_ALL_ACCESS"
    case .read: "FILE_MAP_READ"
    case .copy: "FILE_MAP_COPY"
    }
  }

  /// What was done beside the recorded calls of the session.
  var linux: [String] {
    switch kind {
    case .write: ["   memcpy(view + \(offset), …, \(length)): no system call"]
    case .read, .text: ["   memcpy(…, view + \(offset), \(length)): no system call"]
    case .getch: ["   read(0, …, 1)"]
    case .messageBox: ["   write(1, …, \(length + 1))"]
    default: []
    }
  }

  /// What the script gets.
  func result(_ outcome: Int32) -> String {
    if outcome == -1 { return "error" }
    if outcome != 0 {
      let symbol = ErrorCode(rawValue: outcome)?.symbol ?? "?"
      return kind == .close ? "true, \"…\"" : "nil, \"… \(symbol) …\", \(outcome)"
    }
    switch kind {
    case .create: return "view, \(existed)"
    case .open, .map, .write: return "view"
    case .read, .text: return luaData
    case .close, .check, .unlink: return "true"
    case .getch: return existed ? "a key" : "nil: standard input has ended"
    case .messageBox: return "seen"
    }
  }
}
