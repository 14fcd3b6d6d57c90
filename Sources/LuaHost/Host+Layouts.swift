internal import CLuaShm
internal import Compilers
internal import SharedMemory
internal import Synchronization

/// Layouts of C declarations: Swift parses them, C uses them.
extension Host {
  static func fillLayouts(_ calls: inout luashm_host) {
    calls.layout = { context, text, options, key, length, failure in
      do throws(LayoutError) {
        let layout = try Host.layout(text.array ?? [], options!.pointee)
        (key!.pointee, length!.pointee) = Host.from(context).layouts.insert(layout.image)
        return 0
      } catch {
        failure!.pointee.fill(87, error.description)
        return 87
      }
    }
    calls.layout_take = { context, key, buffer in
      guard let image = Host.from(context).layouts.remove(key), let buffer else { return }
      UnsafeMutableRawBufferPointer(start: buffer, count: image.count).copyBytes(from: image)
    }
  }
}

extension Layout.Options {
  fileprivate init(_ options: luashm_layout_options) {
    self.init(
      abi: Layout.ABI.allCases.first { $0.code == options.abi } ?? .linux, type: options.type.text)
    switch options.language {
    case .LUASHM_EITHER: language = nil
    case .LUASHM_C: language = .c
    case .LUASHM_CPP: language = .cPlusPlus
    }
    order = options.big_endian ? .big : .little
    file = options.file.text
    folders = options.folders.items
    define = options.macros.items.map { item in
      if item.hasPrefix("!") { return (String(item.dropFirst()), nil) }
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }
    read = { TextFile.read($0) }
  }
}

extension luashm_bytes {
  fileprivate var text: String? { array.map { String(decoding: $0, as: UTF8.self) } }

  /// The items of a list in which a NUL ends each.
  fileprivate var items: [String] {
    (array ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension Host {
  /// Makes a layout of the text, or of the option `file`. Asks a compiler only if an option says
  /// so.
  static func layout(
    _ text: [UInt8], _ given: luashm_layout_options
  ) throws(LayoutError) -> Layout {
    let options = Layout.Options(given)
    var bytes = text
    if let file = options.file {
      guard let read = TextFile.read(file) else { throw LayoutError("cannot read \(file)") }
      bytes = read
    }
    if let compiler = given.compiler.text ?? (given.any_compiler ? "" : nil) {
      return try CompiledLayout.checked(bytes, options, compiler)
    }
    do throws(LayoutError) {
      return try Layout(bytes: bytes, options)
    } catch {
      // A compiler would find the same mistake in a complete text, so it is recommended only for a
      // text that includes others.
      let isPart = options.file != nil || bytes.firstRange(of: Array("include".utf8)) != nil
      throw isPart ? error.naming(command: CompiledLayout.advice(options)) : error
    }
  }
}

extension luashm_failure {
  /// Fills in the failure. A message that is too long loses its end, cut between two characters.
  mutating func fill(_ code: Int32, _ text: String) {
    self.code = code
    withUnsafeMutableBytes(of: &message) { buffer in
      let all = text.utf8
      let room = buffer.count - 1
      var end = all.index(all.startIndex, offsetBy: room, limitedBy: all.endIndex) ?? all.endIndex
      while String.Index(end, within: text.unicodeScalars) == nil { all.formIndex(before: &end) }
      let kept = Array(all[..<end])
      buffer.copyBytes(from: kept)
      buffer[kept.count] = 0
    }
  }
}

/// Images that are parsed but not taken yet, by key. C takes each one at once.
final class ImageTable: Sendable {
  private struct Waiting {
    var images: [UInt64: [UInt8]] = [:]
    var next: UInt64 = 1
  }

  /// Made with the first image: the dictionary's types would cost time when an interpreter starts.
  private let waiting = Mutex<Waiting?>(nil)

  func insert(_ image: [UInt8]) -> (key: UInt64, length: Int) {
    waiting.withLock { waiting in
      var all = waiting ?? Waiting()
      let key = all.next
      all.images[key] = image
      all.next += 1
      waiting = all
      return (key, image.count)
    }
  }

  func remove(_ key: UInt64) -> [UInt8]? {
    waiting.withLock { $0?.images.removeValue(forKey: key) }
  }

  var count: Int { waiting.withLock { $0?.images.count ?? 0 } }
}
