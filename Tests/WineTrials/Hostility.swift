import SharedMemory
import Wine

/// Every operation, again and again, against a peer that answers at random.
public struct Hostility {
  private let channel: HostileChannel
  private var dice: Dice
  private let server = WineServer(
    process: 1, user: 0, prefix: Array("/hostile".utf8), identity: nil)
  private let numbers = RequestNumbers(WineRequest.allCases.map(\.rawValue))
  private let old = RequestNumbers(
    WineRequest.allCases.filter { $0 != .getDirectoryEntries }.map(\.rawValue))
  private let system = System()
  /// How often an operation succeeded all the same.
  public private(set) var successes = 0

  public init(seed: UInt64) {
    channel = HostileChannel(seed: seed)
    dice = Dice(~seed)
  }

  /// Until so many answers were given. - Returns: how many there were.
  public mutating func run(_ count: Int) throws -> Int {
    let name = try WineName(Array(#"Wine\Local\fuzz"#.utf8), for: "open")
    let ours = try MemoryObject.create(nil, size: 4096)
    while channel.replies < count {
      if tried(name, ours) { successes += 1 }
    }
    return channel.replies
  }

  private mutating func tried(_ name: WineName, _ ours: borrowing MemoryObject) -> Bool {
    var client = WineClient(channel, dice.below(2) == 0 ? numbers : old)
    do {
      if dice.below(4) == 0 {
        try client.introduce(reply: 1, wake: 2)
        try client.beWelcomed()
      }
      switch dice.below(8) {
      case 0:
        let section = try server.open(
          name, .readWrite, holding: false, for: "open", over: client, system)
        let view = try section.map()
        try view.write("x", at: view.count - 1)
      case 1:
        _ = try server.create(name, size: 100, .init(), holding: true, over: client, system)
      case 2: _ = try server.offer(ours, name, over: client, system)
      case 3: _ = try client.entries(dice.below(2) == 0 ? .local : .global)
      case 4: _ = try client.processes()
      case 5: _ = try client.count(of: 8, in: 12, having: 5)
      case 6: _ = try client.isSame(4, as: 8, of: client.open(process: 12))
      default: _ = try client.handleCount(client.open(name, .query).handle)
      }
      return true
    } catch {
      return false
    }
  }
}
