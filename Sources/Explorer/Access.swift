/// What a step touches: a part of the world's state, and whether it may change it.
struct Access: Hashable {
  /// Which state. Of an object: its bytes, its word, who sleeps on its bytes, who holds it.
  struct Space: Hashable {
    let number: Int32

    static func bytes(_ object: Int) -> Space { Space(number: Int32(object * 4)) }
    static func word(_ object: Int) -> Space { Space(number: Int32(object * 4 + 1)) }
    static func sleepers(_ object: Int) -> Space { Space(number: Int32(object * 4 + 2)) }
    static func holders(_ object: Int) -> Space { Space(number: Int32(object * 4 + 3)) }
    /// Which object a name means.
    static func name(_ number: Int) -> Space { Space(number: -1000 - Int32(number)) }
    /// Does the process live?
    static func life(_ process: Int) -> Space { Space(number: -1 - Int32(process)) }
    /// The order of marks; and of whatever writes where something is looked at between steps.
    static let order = Space(number: -500)
    /// Which calls of histories have returned, by process: that is written by returns, and read by
    /// calls, so that neither are in an order among themselves.
    static let returns = Space(number: -503)
    /// How many kills there may be.
    static let kills = Space(number: -501)
    static let time = Space(number: -502)

    /// The object whose word it is.
    var objectOfWord: Int? { number >= 0 && number % 4 == 1 ? Int(number / 4) : nil }
    /// The object whose bytes they are.
    var objectOfBytes: Int? { number >= 0 && number % 4 == 0 ? Int(number / 4) : nil }
  }

  let space: Space
  let low: Int
  let high: Int
  let writes: Bool

  init(_ space: Space, _ low: Int = 0, _ high: Int = 1, writes: Bool) {
    self.space = space
    self.low = low
    self.high = high
    self.writes = writes
  }

  /// A call comes before or behind the returns of all.
  static func calls(beside processes: Int) -> Access {
    Access(.returns, 0, processes, writes: false)
  }

  func overlaps(_ other: Access) -> Bool {
    space == other.space && low < other.high && other.low < high
  }

  func conflicts(_ other: Access) -> Bool { (writes || other.writes) && overlaps(other) }
}

extension [Access] {
  func conflicts(with others: [Access]) -> Bool {
    contains { one in others.contains { one.conflicts($0) } }
  }

  var writesAnything: Bool { contains { $0.writes } }
}
