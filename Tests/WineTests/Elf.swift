/// A small program's file with a table of names, as the linkers of the wines make it.
struct Elf {
  enum Kind: CaseIterable {
    /// 64 bits, position-independent, pointers by DT_RELA (and zeroes in the file).
    case relocated
    /// 64 bits, position-independent, pointers in the file, as DT_RELR leaves them.
    case compact
    /// 64 bits at a fixed address.
    case fixed
    /// 32 bits, pointers in the file, as DT_REL leaves them.
    case narrow
  }

  let kind: Kind
  var names = ["new_process", "get_new_process_info", "open_mapping", "get_handle_fd"]
  /// Another table right behind, of which entries must not be taken.
  var more = ["open_mapping", "Not A Word"]

  private var width: Int { kind == .narrow ? 4 : 8 }
  private var base: UInt64 { kind == .fixed || kind == .narrow ? 0x40_0000 : 0 }

  private static func bytes(_ value: UInt64, _ length: Int) -> [UInt8] {
    (0..<length).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }

  /// Header and program headers take 0x200; the texts stand at 0x200, the table at 0x600, the
  /// relocations at 0x800, the dynamic section at 0xC00. One segment loads all of it, at an address
  /// that is 0x1000 past the place in the file, as the data of real programs are.
  var file: [UInt8] {
    let shift: UInt64 = base + 0x1000
    var bytes = [UInt8](repeating: 0, count: 0xD00)
    func put(_ at: Int, _ new: [UInt8]) { bytes.replaceSubrange(at..<at + new.count, with: new) }
    var texts: [UInt64] = []
    // A name that ends as the first does comes before it.
    put(0x200, Array("renew_process\0Wine 12.3 (test)\0".utf8))
    var at = 0x240
    for name in names + more {
      texts.append(UInt64(at) + shift)
      put(at, Array(name.utf8) + [0])
      at += name.utf8.count + 1
    }
    for (index, text) in texts.enumerated() {
      let place = 0x600 + index * width
      if kind == .relocated {
        put(
          0x800 + index * 24,
          Self.bytes(UInt64(place) + shift, 8) + Self.bytes(8, 8) + Self.bytes(text, 8))
      } else {
        put(place, Self.bytes(text, width))
      }
    }
    if kind == .relocated {
      put(0xC00, Self.bytes(7, 8) + Self.bytes(0x800 + shift, 8))
      put(0xC10, Self.bytes(8, 8) + Self.bytes(UInt64(texts.count * 24), 8))
    }
    put(0, header)
    put(0x40, segment(type: 1, offset: 0, address: shift, length: UInt64(bytes.count)))
    put(
      0x40 + (width == 8 ? 56 : 32),
      segment(type: 2, offset: 0xC00, address: 0xC00 + shift, length: 0x100))
    return bytes
  }

  private var header: [UInt8] {
    let is64 = width == 8
    var bytes: [UInt8] =
      [0x7F, 0x45, 0x4C, 0x46, is64 ? 2 : 1, 1, 1] + [UInt8](repeating: 0, count: 9)
    bytes += Self.bytes(kind == .fixed ? 2 : 3, 2) + Self.bytes(is64 ? 62 : 3, 2)
    bytes += Self.bytes(1, 4) + Self.bytes(0, width) + Self.bytes(0x40, width)
    bytes += Self.bytes(0, width) + Self.bytes(0, 4) + Self.bytes(is64 ? 64 : 52, 2)
    return bytes + Self.bytes(is64 ? 56 : 32, 2) + Self.bytes(2, 2)
      + [UInt8](repeating: 0, count: 6)
  }

  private func segment(type: UInt64, offset: UInt64, address: UInt64, length: UInt64) -> [UInt8] {
    let numbers = [offset, address, address, length, length]
    let fields = numbers.flatMap { Self.bytes($0, width) }
    return width == 8
      ? Self.bytes(type, 4) + Self.bytes(6, 4) + fields + Self.bytes(0x1000, 8)
      : Self.bytes(type, 4) + fields + Self.bytes(6, 4) + Self.bytes(0x1000, 4)
  }
}
