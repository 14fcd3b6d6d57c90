internal import CLuaShm

/// What C asks for the Lua modules inside the binary.
extension Host {
  static func fillBundled(_ calls: inout luashm_host) {
    calls.module = { _, name in
      let text = Bundled.module(String(decoding: name.array ?? [], as: UTF8.self))
      return text.map {
        luashm_bytes(
          data: UnsafeRawPointer($0.utf8Start).assumingMemoryBound(to: CChar.self),
          length: $0.utf8CodeUnitCount)
      } ?? luashm_bytes()
    }
  }
}
