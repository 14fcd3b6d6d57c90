internal import SharedMemory
internal import Wine

/// The Win32 calls that an operation stands for.
extension Operation {
  /// The Win32 calls that it stands for; none if Win32 has nothing like it.
  var win32: [String] {
    switch kind {
    case .create:
      [
        "CreateFileMapping(INVALID_HANDLE_VALUE, NULL, \(protection), 0, \(length), \(text))",
        mapView,
      ]
    case .offer: ["CreateFileMapping(hFile, NULL, PAGE_READWRITE, 0, 0, \(text))"]
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
    case .load where waitableKind != 0: [win32OfNamed ?? "(none)"]
    case .load where verb == "view:snapshot" || verb == "view:update":
      ["CopyMemory(&copy, pBuf\(plusOffset), \(length))"]
    case .store where verb == "view:update":
      [
        "InterlockedIncrement(pSequence)", "CopyMemory(pBuf\(plusOffset), &copy, \(length))",
        "InterlockedIncrement(pSequence)",
      ]
    case .load where verb == "cell:load": ["*(volatile \(long) *)(pBuf\(plusOffset))"]
    case .store where verb == "cell:store": [win32OfVerb]
    case .load where verb == "record:get": [field(of: "pRecord", "->")]
    case .store where verb == "record:set":
      ["\(field(of: "pRecord", "->")) = \(fieldValue)"]
    case .load where verb == "record:read": ["CopyMemory(&record, pRecord, \(length))"]
    case .store where verb == "record:write": ["*pRecord = record"]
    case .load, .store: [win32OfTyped]
    case .createOther, .openOther: [win32OfNamed ?? "(none)"]
    case .sleep: ["Sleep(\(milliseconds))"]
    case .ask: [win32OfAsking]
    default: [win32OfVerb]
    }
  }

  var win32OfAsking: String {
    switch verb {
    case "shm.now": "QueryPerformanceCounter(&now)"
    case "shm.pid": "GetCurrentProcessId()"
    case "shm.process": "OpenProcess(SYNCHRONIZE, FALSE, \(arguments.first ?? 0))"
    default: "(none)"
    }
  }

  var asked: String {
    switch verb {
    case "shm.now": shown(data)
    case "shm.process": "process"
    case "shm.list", "shm.holders": "a list"
    default: waitableKind == 0 ? "\(result)" : shown(data)
    }
  }

  var win32OfTyped: String {
    let place = "(pBuf\(plusOffset))"
    return switch verb {
    case "view:pack": "CopyMemory(pBuf\(plusOffset), \"…\", \(length))"
    case "view:unpack": "CopyMemory(\"…\", pBuf\(plusOffset), \(length))"
    case "view:numbers", "record:numbers":
      kind == .load
        ? "CopyMemory(numbers, pBuf\(plusOffset), \(length))"
        : "CopyMemory(pBuf\(plusOffset), numbers, \(length))"
    case "view:text":
      kind == .load ? "(LPCSTR)\(place)" : "lstrcpyA((LPSTR)\(place), \(quotedData))"
    case "view:utf16":
      kind == .load ? "(LPCWSTR)\(place)" : "lstrcpyW((LPWSTR)\(place), L\(quotedData))"
    case "view:fill": "FillMemory(pBuf\(plusOffset), \(length), \(arguments.first ?? 0))"
    case "view:copy":
      kind == .load
        ? "CopyMemory(&copy, pBuf\(plusOffset), \(length))"
        : "MoveMemory(pBuf\(plusOffset), pSource, \(length))"
    case "view:find", "view:hex", "view:utf32": "(none)"
    default: "*(\(cType) *)\(place)\(kind == .load ? "" : " = \(typedArguments.last ?? "")")"
    }
  }

  var cType: String {
    let types = [
      "u8": "UINT8", "i8": "INT8", "u16": "UINT16", "i16": "INT16", "u32": "UINT32",
      "i32": "INT32", "u64": "UINT64", "i64": "INT64", "f32": "float", "f64": "double",
    ]
    return types[String(verb.drop { $0 != ":" }.dropFirst())] ?? "BYTE"
  }

  /// The Win32 type of an atomic cell.
  var long: String { length == 8 ? "LONG64" : "LONG" }

  var milliseconds: String {
    timeout.flatMap { Int64(exactly: ($0 * 1000).rounded(.up)) }.map { "\($0)" } ?? "INFINITE"
  }

  /// For kinds that have a verb, except typed access.
  var win32OfVerb: String {
    func argument(_ at: Int, _ otherwise: Int64) -> Int64 {
      at < arguments.count ? arguments[at] : otherwise
    }
    switch verb {
    case "shm.wait":
      let all = argument(1, 0) != 0 ? "TRUE" : "FALSE"
      return "WaitForMultipleObjects(\(argument(0, 0)), handles, \(all), \(milliseconds))"
    case "process:wait": return "WaitForSingleObject(hProcess, \(milliseconds))"
    case "cell:wait": return "WaitOnAddress(pWord, &expected, size, \(milliseconds))"
    case "cell:wake":
      return argument(0, 1) == 1 ? "WakeByAddressSingle(pWord)" : "WakeByAddressAll(pWord)"
    case "cell:cas": return "InterlockedCompareExchange(pWord, desired, expected)"
    case "cell:exchange", "cell:store": return "InterlockedExchange(pWord, \(argument(0, 0)))"
    case "cell:add": return "InterlockedExchangeAdd(pWord, \(argument(0, 0)))"
    case "cell:sub": return "InterlockedExchangeAdd(pWord, -\(argument(0, 0)))"
    case "cell:and": return "InterlockedAnd(pWord, \(argument(0, 0)))"
    case "cell:or": return "InterlockedOr(pWord, \(argument(0, 0)))"
    case "cell:xor": return "InterlockedXor(pWord, \(argument(0, 0)))"
    default: return win32OfNamed ?? "(none)"
    }
  }

  var mapView: String {
    let (high, low) = (window.offset >> 32, window.offset & 0xFFFF_FFFF)
    return "MapViewOfFile(hMapFile, \(fileMap), \(high), \(low), \(window.length))"
  }

  var protection: String {
    switch access ?? .readWrite {
    case .readWrite: "PAGE_READWRITE"
    case .read: "PAGE_READONLY"
    case .copy: "PAGE_WRITECOPY"
    }
  }

  var fileMap: String {
    switch access ?? .readWrite {
    case .readWrite: "FILE_MAP_ALL_ACCESS"
    case .read: "FILE_MAP_READ"
    case .copy: "FILE_MAP_COPY"
    }
  }
}
