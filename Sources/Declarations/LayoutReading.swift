extension Layout {
  public enum Language: Sendable, Hashable {
    case c, cPlusPlus
  }

  public enum ByteOrder: Sendable, Hashable {
    case little, big
  }

  /// How declarations are to be read. What is nil or empty is the default.
  public struct Options: Sendable {
    /// Whose rules place the members.
    public var abi: ABI
    /// The type that memory is to be seen as: a tag or a typedef's name; nil: the last struct or
    /// union that is defined at file scope.
    public var type: String?
    /// Nil: C, or C++ where the text has what only C++ has.
    public var language: Language?
    /// The order of numbers' bytes in what the text defines.
    public var order: ByteOrder = .little
    /// Macros, as a compiler's `-D`; nil: the name is known not to be defined.
    public var define: [(name: String, text: String?)] = []
    /// Where `#include` looks, in this order; it does nothing for a file that is in none of them.
    public var folders: [String] = []
    /// The text's own file; its folder comes first for `#include "…"`.
    public var file: String?
    /// Reads a file; nil: there is none. Without it no `#include` does anything.
    public var read: (@Sendable (String) -> [UInt8]?)?

    public init(abi: ABI = .linux, type: String? = nil) {
      self.abi = abi
      self.type = type
    }
  }
}

/// The same, with the language settled.
struct LayoutReading: Sendable {
  let abi: Layout.ABI
  let isCPlusPlus: Bool
  /// Nobody said which language it is: what only C++ has makes it C++.
  let isOpen: Bool
  let isBigEndian: Bool
  let define: [(name: String, text: String?)]
  /// Of the text itself.
  let folder: String
  private let folders: [String]
  private let read: (@Sendable (String) -> [UInt8]?)?

  init(_ options: Layout.Options, isCPlusPlus: Bool) {
    abi = options.abi
    self.isCPlusPlus = isCPlusPlus
    isOpen = options.language == nil && !isCPlusPlus
    isBigEndian = options.order == .big
    define = options.define
    folder = options.file.map { LayoutPreprocessor.folder(of: $0) } ?? "."
    let isNearby = options.file != nil && options.folders.isEmpty
    folders = isNearby ? [folder] : options.folders
    read = options.file == nil && options.folders.isEmpty ? nil : options.read
  }

  /// A file that is included from one in the folder; nil: it is nowhere. `after`: of `#include_next`
  /// the file that has it, where the folders behind that one's are looked at.
  func find(
    _ path: String, _ isSystem: Bool, _ from: String, after file: String? = nil
  ) -> (String, [UInt8])? {
    guard let read, !path.isEmpty else { return nil }
    if path.hasPrefix("/") { return read(path).map { (path, $0) } }
    var all = (isSystem ? [] : [from]) + folders
    if let file, let own = folders.lastIndex(where: { file.hasPrefix($0 + "/") }) {
      all = Array(folders[(own + 1)...])
    }
    for folder in all {
      let whole = "\(folder)/\(path)"
      if whole != file, let bytes = read(whole) { return (whole, bytes) }
    }
    return nil
  }
}
