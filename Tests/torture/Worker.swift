import Glibc
import SharedMemory
import Synchronization

/// Creates, opens, uses and closes a few names at random until it is killed, and judges each
/// answer by the ledger.
///
/// The bytes of an object: the word at 0 is its incarnation, at 64 each worker has a word that
/// only it writes, and from `body` on its creator fills it with rubbish.
struct Worker: ~Copyable {
  private static let body = 1024
  private static let size = 8192

  private final class Holding {
    let object: MemoryObject
    let view: View
    let incarnation: UInt64
    var mark: UInt64 = 0

    init(_ object: consuming MemoryObject, _ view: consuming View, _ incarnation: UInt64) {
      self.object = object
      self.view = view
      self.incarnation = incarnation
    }
  }

  private let ledger: Ledger
  private let me: Int
  private let session: Session
  private var dice: Dice
  private var holdings: [Holding?] = Array(repeating: nil, count: Ledger.names)
  private var claims: UInt64

  init(_ ledger: Ledger, _ me: Int, session: String, seed: UInt64) {
    self.ledger = ledger
    self.me = me
    self.session = Session(named: session)
    dice = Dice(seed: seed)
    // Claims of this process are numbered apart from those of its predecessors.
    claims = seed & 0xFFFF << 16
  }

  mutating func work() {
    let overseer = getppid()
    ledger[.ready, me].set(1)
    while ledger[.stop].value == 0 && getppid() == overseer { act() }
    for name in 0..<Ledger.names where holdings[name] != nil { close(name) }
  }

  private mutating func act() {
    // Leaves the processors to others, and mixes who comes when.
    if dice.below(8) == 0 { usleep(UInt32(dice.below(500))) }
    let name = dice.below(Ledger.names)
    if holdings[name] != nil {
      switch dice.below(8) {
      case 0: use(name)
      case 1: map(name)
      default: close(name)
      }
    } else if dice.below(3) == 0 {
      // Rather seldom, so that names die often.
      switch dice.below(10) {
      case 0...3: acquire(name, .create)
      case 4: acquire(name, .createExclusively)
      default: acquire(name, .open)
      }
    }
  }
}

// MARK: - Acquiring

extension Worker {
  private enum Wish { case create, createExclusively, open }

  /// What the ledger said when an acquisition began.
  private struct Circumstances {
    /// The claims that others surely had.
    var held: [(worker: Int, claim: UInt64)]
    /// Nobody else had or sought the name.
    var isQuiet: Bool
    var begun: UInt64
    /// No older incarnation than this one can live.
    var newest: UInt64
  }

  private mutating func acquire(_ name: Int, _ wish: Wish) {
    ledger.possible(me, name).set(1)
    let circumstances = begin(name)
    do throws(SharedMemoryError) {
      let object = try ledger.timed { () throws(SharedMemoryError) in try acquired("n\(name)", wish)
      }
      let existed = object.existed
      ledger.count(existed ? .opened : .created)
      judge(name, circumstances, "\(wish)", found: existed)
      take(name, object, circumstances)
    } catch {
      switch error.code {
      case .fileNotFound where wish == .open:
        ledger.count(.notFound)
        judge(name, circumstances, "\(wish)", found: false)
      case .alreadyExists where wish == .createExclusively:
        ledger.count(.exists)
        judge(name, circumstances, "\(wish)", found: true)
      case .busy:
        ledger.count(.busy)
      default:
        ledger.violation("worker \(me), \(wish) of n\(name): \(error)")
      }
      ledger.possible(me, name).set(0)
    }
  }

  private borrowing func acquired(
    _ name: String, _ wish: Wish
  ) throws(SharedMemoryError) -> MemoryObject {
    switch wish {
    case .open: return try MemoryObject.open(name, in: session)
    case .create: return try MemoryObject.create(name, size: Self.size, in: session)
    case .createExclusively:
      return try MemoryObject.create(name, size: Self.size, .init(exclusive: true), in: session)
    }
  }

  private borrowing func begin(_ name: Int) -> Circumstances {
    let begun = ledger[.begun, name].add(1)
    let others = (0..<Ledger.workers).filter { $0 != me }
    let held = others.map { (worker: $0, claim: ledger.held($0, name).value) }
    return Circumstances(
      held: held.filter { $0.claim != 0 },
      isQuiet: others.allSatisfy { ledger.possible($0, name).value == 0 }, begun: begun,
      newest: ledger[.newest, name].value)
  }

  /// The claims that were held all the time: the same now, by workers that nobody has killed.
  private borrowing func heldThroughout(
    _ name: Int, _ circumstances: Circumstances
  ) -> [(worker: Int, claim: UInt64)] {
    circumstances.held.filter {
      ledger.held($0.worker, name).value == $0.claim && ledger[.doomed, $0.worker].value == 0
    }
  }

  /// Never lost, never two, never back.
  private borrowing func judge(
    _ name: Int, _ circumstances: Circumstances, _ wish: String, found: Bool
  ) {
    if let holder = heldThroughout(name, circumstances).first, !found {
      ledger.violation(
        "lost: \(wish) of n\(name) found none, and worker \(holder.worker) held it throughout")
    }
    if circumstances.isQuiet && ledger[.begun, name].value == circumstances.begun {
      ledger.count(.quiet)
      if found { ledger.violation("back: \(wish) of n\(name) found one that nobody had") }
    }
  }

  private mutating func take(
    _ name: Int, _ object: consuming MemoryObject, _ circumstances: Circumstances
  ) {
    let isNew = !object.existed
    do throws(SharedMemoryError) {
      let view = try object.map()
      if isNew { begin(body: view, name) }
      let incarnation = identify(view, name)
      if incarnation < circumstances.newest
        || isNew && incarnation == circumstances.newest
      {
        ledger.violation(
          "back: n\(name) is incarnation \(incarnation), and \(circumstances.newest) was known")
      }
      for holder in heldThroughout(name, circumstances)
      where holder.claim & 0xFFFF_FFFF != incarnation {
        ledger.violation(
          "two: n\(name) is incarnation \(incarnation), and worker \(holder.worker) holds "
            + "\(holder.claim & 0xFFFF_FFFF)")
      }
      holdings[name] = Holding(object, view, incarnation)
      claims += 1
      ledger.held(me, name).set(claims << 32 | incarnation)
    } catch {
      ledger.violation("worker \(me), map of n\(name): \(error)")
      ledger.possible(me, name).set(0)
    }
  }

  /// A new object is all zero; then it is soiled, so that its bytes would be known again.
  private borrowing func begin(body view: borrowing View, _ name: Int) {
    let body = view.base + Self.body
    let count = view.count - Self.body
    if body.load(as: UInt8.self) != 0 || memcmp(body, body + 1, count - 1) != 0 {
      ledger.violation("back: a new n\(name) has the bytes of another object")
    }
    memset(body, 0xEE, count)
  }

  /// The incarnation that stands in the object, or a new one if nobody has written it yet.
  ///
  /// Numbers are drawn by who holds the object, so a later object always has a greater one.
  private borrowing func identify(_ view: borrowing View, _ name: Int) -> UInt64 {
    let incarnation = word(view, 0).setIfZero(ledger[.numbered, name].add(1))
    ledger[.newest, name].raise(to: incarnation)
    return incarnation
  }
}

// MARK: - Using and closing

extension Worker {
  private borrowing func word(
    _ view: borrowing View, _ offset: Int
  ) -> UnsafeMutablePointer<Ledger.Word> {
    (view.base + offset).assumingMemoryBound(to: Ledger.Word.self)
  }

  /// What only we write is what we wrote, and all holders see one incarnation.
  private mutating func use(_ name: Int) {
    guard let holding = holdings[name] else { return }
    ledger.count(.verified)
    let mark = word(holding.view, 64 + 8 * me)
    if holding.mark != 0 && mark.value != holding.mark {
      ledger.violation("two: worker \(me)'s mark in n\(name) is another's")
    }
    holding.mark = dice.next() | 1
    mark.set(holding.mark)
    if word(holding.view, 0).value != holding.incarnation {
      ledger.violation("two: n\(name) has changed its incarnation under worker \(me)")
    }
    for other in 0..<Ledger.workers where other != me {
      let claim = ledger.held(other, name).value
      let incarnation = claim & 0xFFFF_FFFF
      if claim != 0 && incarnation != holding.incarnation
        && ledger[.doomed, other].value == 0 && ledger.held(other, name).value == claim
      {
        ledger.violation(
          "two: workers \(me) and \(other) hold incarnations \(holding.incarnation) and "
            + "\(incarnation) of n\(name)")
      }
    }
  }

  /// Another window on a second claim shows the same bytes.
  private mutating func map(_ name: Int) {
    guard let holding = holdings[name] else { return }
    ledger.count(.mapped)
    do throws(SharedMemoryError) {
      let second = holding.object.duplicate()
      let window = try ledger.timed { () throws(SharedMemoryError) in try second.map() }
      if word(window, 0).value != holding.incarnation {
        ledger.violation("two: another window of n\(name) shows another object")
      }
    } catch {
      ledger.violation("worker \(me), map of n\(name): \(error)")
    }
  }

  private mutating func close(_ name: Int) {
    ledger.held(me, name).set(0)
    ledger.timed { holdings[name] = nil }
    ledger.count(.closed)
    ledger.possible(me, name).set(0)
  }
}
