internal import CLuaShm
internal import SharedMemory
internal import Synchronization

/// Layouts of C declarations: parsed here, used in C.
extension Host {
  static func fillLayouts(_ calls: inout luashm_host) {
    calls.layout = { context, text, options, key, length, failure in
      do throws(LayoutError) {
        let layout = try Layout(text, options!.pointee)
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

extension Layout {
  fileprivate init(
    _ text: luashm_bytes, _ options: luashm_layout_options
  ) throws(LayoutError) {
    try self.init(
      bytes: text.array ?? [],
      abi: options.windows ? .windows : .linux,
      type: options.type.array.map { String(decoding: $0, as: UTF8.self) })
  }
}

extension luashm_failure {
  /// Of a message that is too long the end goes, between two characters.
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

/// The images that are parsed and not yet taken, by their keys: C takes each at once.
final class ImageTable: Sendable {
  private struct Waiting {
    var images: [UInt64: [UInt8]] = [:]
    var next: UInt64 = 1
  }

  /// Made with the first image: the types of a dictionary cost time at an interpreter's start.
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
