internal import CBundle
package import CLuaShm
internal import SharedMemory

/// What the actors of a model ask of the host that is no operation: layouts, and texts for messages.
/// Everything else their world performs. Lives as long as the process.
package enum ModelHost {
  package static func make() -> UnsafeMutablePointer<luashm_host> {
    let host = Host(nil, NoTerminal(), nil)
    return host.calls
  }

  /// The modules that the words of scenarios are made of.
  package static var modules: [luashm_model_module] {
    Bundle.modules.filter { $0.name.hasPrefix("scenario") || $0.name == "lexer" }.map {
      let name = "moonpool.\($0.name)".utf8CString
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: name.count)
      name.withUnsafeBufferPointer { copy.initialize(from: $0.baseAddress!, count: $0.count) }
      return luashm_model_module(
        name: copy, text: $0.bytes.assumingMemoryBound(to: CChar.self).baseAddress,
        length: $0.bytes.count)
    }
  }
}
