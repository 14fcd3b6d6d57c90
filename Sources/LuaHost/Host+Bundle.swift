internal import CLuaShm

/// Answers C's requests for the Lua modules inside the binary.
extension Host {
  static func fillBundle(_ calls: inout luashm_host) {
    calls.module = { _, name in
      let text = Bundle.module(String(decoding: name.array ?? [], as: UTF8.self))
      let bytes = text?.bytes.assumingMemoryBound(to: CChar.self)
      return luashm_bytes(data: bytes?.baseAddress, length: bytes?.count ?? 0)
    }
  }
}
