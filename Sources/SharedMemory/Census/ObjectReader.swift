/// Reads an object's bytes without a handle and without a mapping.
///
/// Looking changes nothing. It keeps no name alive; it commits no page of an object that was only
/// reserved (`pread(2)` of a hole allocates nothing, a load through a mapping does); and it takes
/// the same memory for an object of any size. Bytes that a peer truncates meanwhile are simply
/// not there.
public struct ObjectReader: ~Copyable {
  private let file: Descriptor
  private let text: String
  private let system: System
  private let asks: (borrowing Descriptor) -> Bool

  /// - Parameter lives: asks, by the file, whether there still is an object of the name.
  init(
    _ file: consuming Descriptor, _ text: String, _ system: System,
    lives: @escaping (borrowing Descriptor) -> Bool
  ) {
    self.file = file
    self.text = text
    self.system = system
    asks = lives
  }

  /// The object's size in bytes, at this moment.
  public var size: Int { (try? system.status(file).size) ?? 0 }

  /// Does the object still live? A POSIX object lives until somebody removes its name.
  public var lives: Bool { asks(file) }

  /// What `forEach` passes on.
  public enum Piece {
    /// This many bytes take no memory and read as zeroes.
    case hole(Int)
    /// Bytes of the object; the buffer is valid during the call only.
    case bytes(UnsafeRawBufferPointer)
  }

  /// The most bytes that come in one piece.
  public static let longestPiece = 65_536

  /// Goes through the bytes from `offset` to `end` in order. Each piece but the last is a multiple
  /// of `unit` bytes; with a `unit` of 1 pieces end at a page's end. Holes are found by `lseek(2)`
  /// with SEEK_DATA.
  ///
  /// - Parameter unit: in bytes, 1 to 4096.
  /// - Returns: the offset where it ended: `end`, or earlier if the object ends before.
  /// - Throws: as `fill`.
  @discardableResult
  public borrowing func forEach(
    from offset: Int, to end: Int, unit: Int = 16, _ body: (Piece) -> Void
  ) throws(SharedMemoryError) -> Int {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.longestPiece, alignment: 16)
    defer { room.deallocate() }
    // The first piece is short, so that a listing's first line appears at once.
    let most = (Self.longestPiece / unit) * unit
    var (position, piece) = (offset, min((4096 / unit) * unit, most))
    while position < end {
      let hole = try hole(from: position, to: end, unit)
      if hole > 0 {
        body(.hole(hole))
        position += hole
        continue
      }
      let past = unit == 1 && end - position > piece ? (position + piece) % 4096 : 0
      let wanted = UnsafeMutableRawBufferPointer(
        rebasing: room[..<min(piece - past, end - position)])
      let count = try fill(wanted, at: position)
      if count > 0 { body(.bytes(UnsafeRawBufferPointer(rebasing: room[..<count]))) }
      position += count
      if count < wanted.count { return position }
      piece = most
    }
    return position
  }

  /// The error for readers that promised all the bytes which the object had at the beginning.
  public borrowing func shortened(at offset: Int) -> SharedMemoryError {
    SharedMemoryError(
      .swap, "read", text,
      "a process truncated the object's file while it was read; the bytes from offset \(offset) "
        + "on are gone")
  }

  /// The offset of the first bytes at or after `offset` that take memory; nil: there are none.
  public borrowing func data(from offset: Int) -> Int? {
    do throws(Errno) { return try system.data(in: file, from: offset) } catch {
      // A file system that cannot say: everything may be data.
      return offset
    }
  }

  /// Copies bytes into the buffer; fewer than it has room for if the object ends before.
  ///
  /// - Throws: the kernel's error from `pread(2)`.
  public borrowing func fill(
    _ buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(SharedMemoryError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      do throws(Errno) {
        let count = try system.read(file, into: rest, at: offset + filled)
        if count == 0 { break }
        filled += count
      } catch {
        throw SharedMemoryError(
          ErrorCode(error), errno: error, "read", text, "the kernel refused to read its file")
      }
    }
    return filled
  }

  /// The length of the hole at `position`: whole units, unless it reaches the end.
  private borrowing func hole(
    from position: Int, to end: Int, _ unit: Int
  ) throws(SharedMemoryError) -> Int {
    let data = data(from: position)
    if data == position { return 0 }
    // The size is read after the search for data, so that bytes appended in between are no hole.
    let stop = min(data ?? size, end)
    let length = stop - position
    return stop == end || data == nil ? max(length, 0) : length / unit * unit
  }
}

extension Session {
  /// A reader of the mapping of this name; POSIX objects are included.
  ///
  /// - Throws: 2 nobody holds one, 5 its mode keeps this user from reading it, 6 an object of
  ///   another type, and the errors of names. Errors name the operation `open`.
  public func reader(of name: [UInt8]) throws(SharedMemoryError) -> ObjectReader {
    if name.isEmpty { throw MemoryObject.withoutName("open") }
    let written = try ObjectName(name, for: "open")
    let acquisition = Acquisition("open", written.text, .read, self)
    let entry = try found(written, for: "open")
    var file = Descriptor.none
    do throws(Errno) {
      file = try system.open(entry.file, [.noFollow, .nonBlocking])
      if try !system.status(file).isSameFile(as: entry.status) { throw Errno.notFound }
    } catch {
      if entry.place == nil { throw acquisition.unopenedRaw(error, entry.status) }
      switch error {
      case .notFound: throw acquisition.notFound()
      case .accessDenied: throw acquisition.denied(entry.status)
      default:
        throw acquisition.refused(ErrorCode(error), error, "the kernel refused to open its file")
      }
    }
    if entry.place != nil { try acquisition.checkKind(file, entry.status) }
    return ObjectReader(file, written.text, system) { [system] file in
      entry.place == nil
        ? Self.isNamed(file, entry, system)
        : (try? system.conflicts(file, .write, LifetimeLock.life)) ?? true
    }
  }

  /// Does the file still have the name that it was found by?
  private static func isNamed(
    _ file: borrowing Descriptor, _ entry: Entry, _ system: System
  ) -> Bool {
    guard let held = try? system.status(file) else { return true }
    if held.links == 0 { return false }
    do throws(Errno) { return try system.status(entry.file).isSameFile(as: held) } catch {
      return error != .notFound
    }
  }
}

extension MemoryObject {
  /// A reader of this handle's object; it may outlive the handle.
  ///
  /// - Parameter lives: what the reader's `lives` asks.
  package borrowing func reader(
    while lives: @escaping () -> Bool
  ) throws(SharedMemoryError) -> ObjectReader {
    do throws(Errno) {
      let file = try handle.system.reopen(handle.memory, .readOnly)
      return ObjectReader(file, name, handle.system) { _ in lives() }
    } catch {
      throw SharedMemoryError(
        ErrorCode(error), errno: error, "open", name, "the kernel refused to open its file to read")
    }
  }
}
