extension Layout {
  public enum Language: Sendable, Hashable {
    case c, cPlusPlus
  }

  public enum ByteOrder: Sendable, Hashable {
    case little, big
  }

  /// How declarations are read. Nil and empty mean the default.
  public struct Options: Sendable {
    /// The compiler whose rules place the members.
    public var abi: ABI
    /// The type as which memory is to be seen: a tag or a typedef's name; nil: the last struct or
    /// union defined at file scope.
    public var type: String?
    /// Nil: C++ if the text contains what only C++ has, otherwise C.
    public var language: Language?
    /// The byte order of numbers in the types that the text defines.
    public var order: ByteOrder = .little
    /// Macros, as with a compiler's `-D`; text nil: the name is known not to be defined.
    public var define: [(name: String, text: String?)] = []
    /// Where `#include` looks, in this order. A file that is in none of them is not included.
    public var folders: [String] = []
    /// The text's own file; its folder is searched first for `#include "…"`.
    public var file: String?
    /// Reads a file; nil: it does not exist. Without this function no `#include` has any effect.
    public var read: (@Sendable (String) -> [UInt8]?)?

    public init(abi: ABI = .linux, type: String? = nil) {
      self.abi = abi
      self.type = type
    }
  }
}

/// The options after the language has been decided.
struct LayoutReading: Sendable {
  let abi: Layout.ABI
  let isCPlusPlus: Bool
  /// The language was not given: what only C++ has makes it C++.
  let isOpen: Bool
  let isBigEndian: Bool
  let define: [(name: String, text: String?)]
  /// The folder of the text itself.
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

  /// Finds a file that is included from one in `folder`; nil: there is none. `after`: for
  /// `#include_next`, the file that contains it; only the folders after that file's are searched.
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
