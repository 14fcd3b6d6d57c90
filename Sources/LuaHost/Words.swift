internal import CLuaShm
internal import Glibc

/// A list of texts in C's form: bytes in any encoding, each text with a NUL at its end.
///
/// The bytes are kept in one array. The type of an array of arrays would be made at run time, and
/// the first such type costs a twentieth of an interpreter's start.
public struct Words: Sendable, Collection {
  public struct Index: Comparable, Sendable {
    /// How many words come before it.
    public let number: Int
    fileprivate let offset: Int

    public static func < (left: Index, right: Index) -> Bool { left.number < right.number }
  }

  private var bytes: [UInt8] = []
  public private(set) var count = 0

  public init() {}

  /// The arguments of `main`, byte for byte, whether `/proc` is mounted or not.
  public static func ofThisProcess() -> Words {
    var words = Words()
    var count: Int32 = 0
    guard let arguments = luashm_arguments(&count) else { return words }
    for index in 0..<Int(count) {
      guard let word = arguments[index] else { break }
      words.append(UnsafeRawBufferPointer(start: word, count: strlen(word)))
    }
    return words
  }

  /// The texts in UTF-8.
  public init(_ words: [String]) {
    for word in words { append(Array(word.utf8)) }
  }

  /// Adds a word, which must not contain a NUL.
  public mutating func append(_ word: [UInt8]) { word.withUnsafeBytes { append($0) } }

  /// Adds a word, which must not contain a NUL.
  public mutating func append(_ word: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: word)
    bytes.append(0)
    count += 1
  }

  public var startIndex: Index { Index(number: 0, offset: 0) }
  public var endIndex: Index { Index(number: count, offset: bytes.count) }

  public func index(after index: Index) -> Index {
    Index(number: index.number + 1, offset: end(of: index) + 1)
  }

  /// The word without its NUL.
  public subscript(index: Index) -> ArraySlice<UInt8> { bytes[index.offset..<end(of: index)] }

  private func end(of index: Index) -> Int {
    bytes.withUnsafeBytes { bytes in
      let word = bytes.baseAddress! + index.offset
      return index.offset + strlen(word.assumingMemoryBound(to: CChar.self))
    }
  }

  /// Passes the words as a C array of pointers that ends with a null pointer.
  func withPointers<R>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R) -> R {
    let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: count + 1)
    defer { pointers.deallocate() }
    return bytes.withUnsafeBytes { bytes in
      var offset = 0
      for number in 0..<count {
        let word = bytes.baseAddress! + offset
        pointers[number] = UnsafeMutablePointer(mutating: word.assumingMemoryBound(to: CChar.self))
        offset += strlen(pointers[number]!) + 1
      }
      pointers[count] = nil
      return body(pointers)
    }
  }
}
