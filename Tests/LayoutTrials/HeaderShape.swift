import SharedMemory

/// The shapes of headers that people paste, in words of our own, with the numbers that the ABI's
/// compiler gives: size, and where each member is (of a bit-field `bit` b `width`).
public struct HeaderShape: Sendable {
  public let abi: Layout.ABI
  public let language: Layout.Language?
  public let text: String
  public let numbers: String

  init(_ abi: Layout.ABI, _ language: Layout.Language?, _ numbers: String, _ text: String) {
    self.abi = abi
    self.language = language
    self.text = text
    self.numbers = numbers
  }

  public static let all = ofLinux + ofWindows + ofClasses
}
