internal import CLuaShm
internal import SharedMemory
internal import Wine

/// Names that begin with `Wine\`: scripts reach wineservers through this file only.
extension Host {
  typealias OutView = UnsafeMutablePointer<luashm_handle>

  static func fillWine(_ calls: inout luashm_host) {
    calls.offer = { context, key, name, options, view, failure in
      report(failure) { () throws(SharedMemoryError) in
        try Host.from(context).offer(key, name.array ?? [], options!.pointee, view!)
      }
    }
  }

  func openWine(
    _ name: [UInt8], _ options: luashm_options, _ out: OutView
  ) throws(SharedMemoryError) {
    let section = try prefixes(options)
      .open(bytes: name, access: options.wanted ?? .readWrite, holding: options.isHeld)
    try show(section, options, out)
  }

  /// - Returns: whether the section existed already.
  func createWine(
    _ name: [UInt8], _ size: Int64, _ options: luashm_options, _ out: OutView
  ) throws(SharedMemoryError) -> Bool {
    let section = try prefixes(options).create(
      bytes: name, size: Int(size),
      .init(
        access: options.wanted ?? .readWrite, exclusive: options.making.exclusive,
        reserve: options.reserve),
      holding: options.isHeld ?? true)
    try show(section, options, out)
    return section.existed
  }

  private func offer(
    _ key: UInt64, _ name: [UInt8], _ options: luashm_options, _ out: OutView
  ) throws(SharedMemoryError) {
    guard let entry = views[key] else { throw Self.unknown }
    try show(prefixes(options).offer(entry.object, bytes: name), options, out)
  }

  private func show(
    _ section: WineSection, _ options: luashm_options, _ out: OutView
  ) throws(SharedMemoryError) {
    try show(section.object.duplicate(), options, out, of: section)
  }

  /// `mapping:Wine\Local\x`, as the prompt completes them.
  static func wineNames() -> [[UInt8]] {
    WinePrefixes.hasty.names().map { Array("mapping:".utf8) + $0 }
  }

  /// Who has handles, as one line; empty if nobody can be seen.
  static func wineHolders(of name: [UInt8]) -> String {
    let holders = (try? WinePrefixes.hasty.holders(of: name)) ?? []
    return holders.map { holder in
      let several = holder.handles > 1 ? " (\(holder.handles) handles)" : ""
      guard let process = holder.process else { return "a native program\(several)" }
      return "\(process) \(holder.program)\(several)"
    }.joined(separator: "; ")
  }

  private func prefixes(_ options: luashm_options) -> WinePrefixes {
    WinePrefixes(prefix: options.wine.array, session.system)
  }
}

extension luashm_options {
  /// Nil: the option was not given.
  fileprivate var isHeld: Bool? { hold < 0 ? nil : hold != 0 }
}
