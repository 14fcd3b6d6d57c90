internal import CLuaShm
internal import Glibc
internal import SharedMemory
internal import Wine

/// Answers the prompt's Lua modules: texts inside the binary, living objects, files.
extension Host {
  func fillPromptCalls() {
    promptCalls.pointee.context = calls.pointee.context
    promptCalls.pointee.host = calls
    calls.pointee.names = { context, buffer, capacity in
      let names = Host.from(context).session.openableNames() + Host.wineNames()
      return Host.put(names, into: buffer, capacity)
    }
    calls.pointee.holders = { context, name, buffer, capacity in
      let name = name.array ?? []
      let line =
        WineName.isOne(name)
        ? Host.wineHolders(of: name) : Host.from(context).session.holdersLine(of: name)
      return Host.copy(Array(line.utf8), into: buffer, capacity)
    }
    promptCalls.pointee.module = calls.pointee.module
    promptCalls.pointee.show = calls.pointee.show
    promptCalls.pointee.columns = { context, line in
      Int64(Host.from(context).terminal.columns(of: line.array ?? []))
    }
    promptCalls.pointee.files = { _, directory, buffer, capacity in
      Host.put(Host.entries(of: directory.array ?? []), into: buffer, capacity)
    }
  }

  /// Writes the items, each followed by a NUL; those that do not fit are left out.
  private static func put(
    _ items: [[UInt8]], into buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int
  ) -> Int {
    var used = 0
    for item in items where used + item.count + 1 <= capacity && !item.contains(0) {
      used += copy(item + [0], into: buffer! + used, capacity - used)
    }
    return used
  }

  private static func copy(
    _ bytes: [UInt8], into buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int
  ) -> Int {
    let count = min(bytes.count, capacity)
    for (index, byte) in bytes.prefix(count).enumerated() {
      buffer![index] = CChar(bitPattern: byte)
    }
    return count
  }

  private static func entries(of directory: [UInt8]) -> [[UInt8]] {
    let path = directory.map { CChar(bitPattern: $0) } + [0]
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name.first != UInt8(ascii: ".") { names.append(name) }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }
}

extension Session {
  /// `type:name` for the objects of this user and of all users, if the name is known completely.
  fileprivate func openableNames() -> [[UInt8]] {
    let census = census(counting: false)
    return Place.allCases.flatMap { place in
      ((try? census.list(place)) ?? []).filter(\.isWhole).map {
        Array("\($0.type):".utf8) + $0.name
      }
    }
  }

  /// `42 moonpool, 43 lua5.4 (2 handles)`; empty if no holder can be seen.
  fileprivate func holdersLine(of name: [UInt8]) -> String {
    guard let entry = try? find(name) else { return "" }
    return holders(of: entry).map { holder in
      let several = holder.handles > 1 ? " (\(holder.handles) handles)" : ""
      let us = holder.process == Int(getpid()) ? ", this process" : ""
      // Whoever shows the line makes it printable.
      let name = String(decoding: holder.command, as: UTF8.self)
      return "\(holder.process) \(name)\(several)\(us)"
    }.joined(separator: "; ")
  }
}
