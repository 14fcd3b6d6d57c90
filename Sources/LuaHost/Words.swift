internal import Glibc

/// A list of texts as C has them: bytes of any encoding, each with a NUL at its end.
///
/// Two plain arrays rather than an array of arrays, whose type would have to be made at run time:
/// the first such type costs a tenth of what starting an interpreter does.
public struct Words: Sendable {
  private var bytes: [UInt8] = []
  /// Where each begins.
  private var starts: [Int] = []

  public init() {}

  /// The arguments of `main`.
  public init(count: Int32, arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>) {
    for index in 0..<Int(count) {
      guard let word = arguments[index] else { break }
      append(UnsafeRawBufferPointer(start: word, count: strlen(word)))
    }
  }

  public init(_ words: [String]) {
    for word in words { append(Array(word.utf8)) }
  }

  public var count: Int { starts.count }
  public var isEmpty: Bool { starts.isEmpty }

  /// Without the NUL.
  public subscript(index: Int) -> ArraySlice<UInt8> {
    let end = index + 1 < starts.count ? starts[index + 1] : bytes.count
    return bytes[starts[index]..<end - 1]
  }

  public mutating func append(_ word: [UInt8]) { word.withUnsafeBytes { append($0) } }

  public mutating func append(_ word: UnsafeRawBufferPointer) {
    starts.append(bytes.count)
    bytes.append(contentsOf: word)
    bytes.append(0)
  }

  /// The words as an array of C's, with a null pointer at its end.
  func withPointers<R>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R) -> R {
    let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: count + 1)
    defer { pointers.deallocate() }
    return bytes.withUnsafeBytes { bytes in
      for index in starts.indices {
        let word = bytes.baseAddress! + starts[index]
        pointers[index] = UnsafeMutablePointer(mutating: word.assumingMemoryBound(to: CChar.self))
      }
      pointers[count] = nil
      return body(pointers)
    }
  }
}
