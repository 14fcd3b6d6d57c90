import Console
import Glibc
import SharedMemory
import Wine

/// The commands' answers for names that begin with `Wine\`. Nothing here holds such a name.
enum WineInspection {
  // MARK: ls

  static func fields(_ entry: WinePrefixes.Entry) -> [JSON.Field] {
    JSON.text("name", entry.name) + [
      ("type", JSON.string(type(entry))),
      ("size", "\(entry.size)"), ("handles", entry.handles.map { "\($0)" } ?? "null"),
    ] + JSON.text("prefix", entry.prefix) + [("server", "\(entry.server)")]
  }

  /// The sections that live now; servers that could not be asked are reported on standard error.
  static func list() -> [WinePrefixes.Entry] {
    let (entries, refusals) = WinePrefixes().list()
    for refusal in refusals {
      let line = "moonpool: \(refusal.description)\n"
      _ = write(STDERR_FILENO, line, line.utf8.count)
    }
    return entries
  }

  private static func type(_ entry: WinePrefixes.Entry) -> String {
    entry.isImage ? "image" : "mapping"
  }

  // MARK: stat and who

  /// - Returns: false: the name is not under Wine.
  static func stat(_ name: [UInt8], json: Bool) throws(SharedMemoryError) -> Bool {
    if !WineName.isOne(name) { return false }
    let entry = try WinePrefixes().find(name)
    print(json ? JSON.object(fields(entry)) : text(entry))
    return true
  }

  private static func text(_ entry: WinePrefixes.Entry) -> String {
    """
    name     \(entry.text)
    type     \(type(entry)) of Windows programs
    size     \(entry.size) bytes
    handles  \(WineTable.handles(entry))
    prefix   \(entry.prefixText)
    server   process \(entry.server)
    """
  }

  static func who(_ name: [UInt8], json: Bool) throws(SharedMemoryError) -> Bool {
    if !WineName.isOne(name) { return false }
    let holders = try WinePrefixes().holders(of: name)
    print(json ? JSON.array(holders.map(self.json)) : WineTable.holders(holders))
    return true
  }

  private static func json(_ holder: WinePrefixes.Holder) -> String {
    JSON.object([
      ("process", holder.process.map { "\($0)" } ?? "null"),
      ("command", JSON.string(holder.program)), ("handles", "\(holder.handles)"),
    ])
  }

  // MARK: dump, watch and write

  /// A reader of the bytes of any name.
  static func reader(of name: [UInt8]) throws(SharedMemoryError) -> ObjectReader {
    if !WineName.isOne(name) { return try Session.current.reader(of: name) }
    let section = try WinePrefixes().open(bytes: name, access: .read, holding: false)
    return try section.object.reader {
      do throws(SharedMemoryError) {
        try section.check()
        return true
      } catch {
        return error.code != .fileNotFound
      }
    }
  }

  /// What the command `write` writes to; nil: the name is not under Wine.
  static func section(of name: [UInt8]) throws(SharedMemoryError) -> WineSection? {
    if !WineName.isOne(name) { return nil }
    return try WinePrefixes().open(bytes: name, access: .readWrite, holding: false)
  }
}
