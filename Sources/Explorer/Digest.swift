/// A hash of 128 bits, built from words in their order.
struct Digest: Hashable {
  private(set) var first: UInt64 = 0x243F_6A88_85A3_08D3
  private(set) var second: UInt64 = 0x1319_8A2E_0370_7344

  /// Two multiplications with a fold, by other constants for each half (Vigna, splitmix64).
  mutating func add(_ word: UInt64) {
    first = (first ^ word) &* 0xBF58_476D_1CE4_E5B9
    first ^= first >> 31
    second = (second &+ word ^ second >> 27) &* 0x94D0_49BB_1331_11EB
    second ^= second >> 29
  }

  mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }

  mutating func add(_ other: Digest) {
    add(other.first)
    add(other.second)
  }

  func hash(into hasher: inout Hasher) { hasher.combine(first) }
}
