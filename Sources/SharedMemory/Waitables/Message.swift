/// What queues and topics carry: bytes, which are a string as it is, or a value as MessagePack.
public struct Message: Sendable, Equatable {
  public let bytes: [UInt8]
  /// The bytes are a value as MessagePack.
  public let isValue: Bool

  public init(_ bytes: [UInt8], isValue: Bool = false) {
    self.bytes = bytes
    self.isValue = isValue
  }
}
