import LuaHost
import SharedMemory
import TestSupport

/// Random bytes that pretend to be a message's value, in messages that a script pops: each is a
/// value, or error 13, and never anything else. Half of them are values with some bytes changed,
/// which come further than noise does.
struct Values {
  private static let batch = 500
  private var dice: Dice
  private let seed: UInt64

  init(seed: UInt64) {
    self.seed = seed
    dice = Dice(seed: seed)
  }

  /// - Returns: whether nothing was found.
  mutating func run(_ count: Int) -> Bool {
    do {
      let (values, errors) = try popped(count)
      print(
        "values: seed \(seed), \(count) messages, \(values) values, \(errors) errors, 0 violations")
      return values + errors == count
    } catch {
      print("values: seed \(seed), violation: \(error)")
      return false
    }
  }

  private mutating func popped(_ count: Int) throws -> (values: Int, errors: Int) {
    let session = Session(named: Places.unique("values"))
    let queue = try NamedQueue.create("q", bytes: 1 << 20, in: session)
    let lua = try Interpreter(session: session)
    try lua.open()
    try lua.run(Self.script)
    var left = count
    while left > 0 {
      let messages = (0..<min(left, Self.batch)).map { _ in
        NamedQueue.Message(bytes(), isValue: true)
      }
      let pushed = try queue.pushAll(messages, timeout: .zero)
      try lua.run("pop_all(\(pushed))")
      left -= pushed
    }
    try lua.run("tell()")
    let told = try queue.popAll(timeout: .zero).map {
      Int(String(decoding: $0.bytes, as: UTF8.self))
    }
    return (told[0] ?? 0, told[1] ?? 0)
  }

  private static let script = """
    local queue = assert(shm.open_queue("q"))
    local values, errors = 0, 0
    function pop_all(count)
      for _ = 1, count do
        local value, message, code = queue:pop(0)
        if value == nil and code == 13 then
          assert(message:find("not a value: ", 1, true), message)
          errors = errors + 1
        else
          assert(value, message)
          values = values + 1
        end
      end
    end
    function tell() queue:push_all { tostring(values), tostring(errors) } end
    """

  private mutating func bytes() -> [UInt8] {
    if dice.below(2) == 0 { return noise() }
    var bytes = value(depth: 0)
    for _ in 0..<dice.below(3) where !bytes.isEmpty {
      switch dice.below(3) {
      case 0: bytes[dice.below(bytes.count)] = UInt8(dice.below(256))
      case 1: bytes.removeSubrange(dice.below(bytes.count)...)
      default: bytes.insert(UInt8(dice.below(256)), at: dice.below(bytes.count))
      }
    }
    return bytes
  }

  /// Beginnings of arrays, maps and strings more often than others.
  private mutating func noise() -> [UInt8] {
    let beginnings: [UInt8] = [0x92, 0x81, 0xA1, 0xDC, 0xDF, 0xD9, 0x00]
    return (0..<dice.below(dice.below(2) == 0 ? 3 : 40)).map { _ in
      dice.below(2) == 0 ? UInt8(dice.below(256)) : beginnings[dice.below(beginnings.count)]
    }
  }

  private mutating func value(depth: Int) -> [UInt8] {
    let count = dice.below(4)
    switch dice.below(depth < 4 ? 8 : 6) {
    case 0: return [UInt8(dice.below(128))]
    case 1: return [[0xC0, 0xC2, 0xC3][dice.below(3)]]
    case 2: return [0xCB] + (0..<8).map { _ in UInt8(dice.below(256)) }
    case 3: return [UInt8(0xA0 + count)] + (0..<count).map { _ in UInt8(dice.below(256)) }
    case 4: return [0xD2] + (0..<4).map { _ in UInt8(dice.below(256)) }
    case 5: return [0xC4, UInt8(count)] + (0..<count).map { _ in 0x41 }
    case 6: return [UInt8(0x90 + count)] + (0..<count).flatMap { _ in value(depth: depth + 1) }
    default:
      return [UInt8(0x80 + count)]
        + (0..<count).flatMap { _ in [0xA1, UInt8(dice.below(256))] + value(depth: depth + 1) }
    }
  }
}
