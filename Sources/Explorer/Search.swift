internal import CLuaShm
internal import CShm

/// Looks for schedules that fail.
final class Search {
  enum Strategy: String, CaseIterable {
    /// All schedules, one by one.
    case plain
    /// All states, each once.
    case cache
    /// All schedules but those that only exchange steps which do not touch each other.
    case sleep
    /// Of those only the ones that races ask for.
    case dpor
    /// Schedules by chance.
    case random
  }

  /// What cuts a search.
  struct Budget {
    /// Nanoseconds of the clock, when it is over.
    var deadline = Int64.max
    var mostSteps = 10_000
    /// Asked at each step, with what was done so far.
    var isInterrupted: (_ schedules: Int, _ states: Int) -> Bool = { _, _ in false }
  }

  struct Result {
    /// Everything within the bounds was explored.
    var isComplete = true
    /// A move was left out because of the bound of switches.
    var isBounded = false
    var schedules = 0
    var states = 0
    /// Steps that were made.
    var steps = 0
    /// Another search was sooner.
    var isOvertaken = false
    /// Steps of the longest path.
    var longest = 0
    var failing: [Move]?
    var isInterrupted = false
    var isTooLong = false
    /// That was so as an actor had used most of its memory.
    var isFull = false
  }

  let model: Model
  let budget: Budget
  /// Called for each schedule that was judged; for tests.
  var onEnding: ((Ending) -> Void)?
  var stopsAtFailure = true
  /// A schedule that was judged, to look whether it comes out the same elsewhere.
  private(set) var sample: [Move]?
  /// How many schedules were judged.
  var judged: Int { result.schedules }
  /// Of the running schedule.
  var moves: [Move] { path }
  /// Asked now and then, with how many steps were made: true ends the search.
  var beside: ((_ steps: Int) -> Bool)?
  /// The search is cut after so many.
  var mostSchedules = Int.max
  var unmet: Unmet
  var fault: Fault? { model.fault }

  init(_ model: Model, _ budget: Budget) {
    self.model = model
    self.budget = budget
    unmet = Unmet(model.outline)
  }

  func reset() { model.comeBack(to: model.root) }

  // MARK: - Depth first

  private struct Node {
    let point: Point
    let moves: [Move]
    var next = 0
    let last: Int?
    let switches: Int
    var sleep: [Sleeping]
  }

  var path: [Move] = []
  var result = Result()
  private var seen: Set<Digest> = []
  private var leastSwitches: [Digest: UInt16] = [:]

  /// Explores depth first, within the model's limits.
  ///
  /// - Parameter switches: the most of them; nil: any number.
  func explore(_ strategy: Strategy, switches bound: Int? = nil) -> Result {
    repeat {
      reset()
      path = []
      result = Result()
      seen = []
      leastSwitches = [:]
      reliesOnSymmetry = model.isSymmetric
      if strategy == .dpor { reduce() } else { descend(strategy, bound) }
      if result.failing != nil && stopsAtFailure || !result.isComplete { break }
    } while hasLostSymmetry
    return result
  }

  private var reliesOnSymmetry = false
  /// Equal actors were told apart: what was left out has to be explored, too.
  var hasLostSymmetry: Bool { reliesOnSymmetry && !model.isSymmetric }

  private func descend(_ strategy: Strategy, _ bound: Int?) {
    var nodes: [Node] = []
    if let root = enter(last: nil, switches: 0, sleep: [], strategy, bound) { nodes = [root] }
    var isFresh = true
    while !nodes.isEmpty {
      let top = nodes.count - 1
      if isOver() || hasLostSymmetry { break }
      if nodes[top].next == nodes[top].moves.count {
        nodes.removeLast()
        if !path.isEmpty { path.removeLast() }
        isFresh = false
        continue
      }
      let move = nodes[top].moves[nodes[top].next]
      nodes[top].next += 1
      if strategy == .sleep && nodes[top].sleep.contains(where: { $0.move == move }) { continue }
      let switches = nodes[top].switches + cost(move, nodes[top])
      if let bound, switches > bound {
        result.isBounded = true
        continue
      }
      if !isFresh { model.comeBack(to: nodes[top].point) }
      advance(move)
      isFresh = true
      let sleep = strategy == .sleep ? sleeping(&nodes[top], move) : []
      let last = move.kind == .kill ? nodes[top].last : move.actor
      if let node = enter(last: last, switches: switches, sleep: sleep, strategy, bound) {
        nodes.append(node)
      } else {
        if result.failing != nil && stopsAtFailure { break }
        path.removeLast()
        isFresh = false
      }
    }
  }

  func advance(_ move: Move) {
    model.make(move)
    path.append(move)
    result.steps += 1
    result.longest = max(result.longest, path.count)
  }

  /// What sleeps behind the move, which sleeps for its later siblings.
  private func sleeping(_ node: inout Node, _ move: Move) -> [Sleeping] {
    if isTimed(move) { return [] }
    let accesses = footprint()
    let sleep = stillAsleep(node.sleep, behind: move, accesses)
    node.sleep.append(Sleeping(move: move, accesses: accesses))
    return sleep
  }

  func isOver() -> Bool {
    result.isInterrupted = budget.isInterrupted(result.schedules, result.states)
    if let beside, result.steps & 0x3F == 0, beside(result.steps) {
      result.isOvertaken = true
      result.isComplete = false
      return true
    }
    if result.isInterrupted || cshm_now() > budget.deadline || model.isRefused
      || result.schedules > mostSchedules
    {
      result.isComplete = false
      return true
    }
    return false
  }

  /// Who goes on although the one before him could have: a switch.
  private func cost(_ move: Move, _ node: Node) -> Int {
    guard move.kind != .kill, move.kind != .choose, let last = node.last, last != move.actor else {
      return 0
    }
    return node.moves.contains { $0.isStep(of: last) } ? 1 : 0
  }

  /// The node here; nil: the path ends.
  private func enter(
    last: Int?, switches: Int, sleep: [Sleeping], _ strategy: Strategy, _ bound: Int?
  ) -> Node? {
    if model.isRefused { return nil }
    var moves = model.moves()
    noteFolds()
    if moves.isEmpty {
      conclude()
      return nil
    }
    if isTooLong() { return nil }
    if strategy == .cache && isKnown(last, switches, bound) {
      result.schedules += 1
      return nil
    }
    if let fault { moves = moves.filter { !fault.removes($0) } }
    if bound != nil { moves = ordered(moves, last) }
    return Node(
      point: model.mark(), moves: moves, last: last, switches: switches, sleep: sleep)
  }

  func isTooLong() -> Bool {
    if path.count < budget.mostSteps && !model.isFull { return false }
    result.isTooLong = true
    result.isFull = path.count < budget.mostSteps
    result.isComplete = false
    result.schedules += 1
    return true
  }

  /// The one who moved last goes first.
  private func ordered(_ moves: [Move], _ last: Int?) -> [Move] {
    guard let last else { return moves }
    return moves.filter { $0.isStep(of: last) } + moves.filter { !$0.isStep(of: last) }
  }

  private func isKnown(_ last: Int?, _ switches: Int, _ bound: Int?) -> Bool {
    var key = model.key()
    guard bound != nil else {
      let isNew = seen.insert(key).inserted
      if isNew { result.states += 1 }
      return !isNew
    }
    key.add(last ?? -1)
    if let former = leastSwitches[key], former <= switches { return true }
    leastSwitches[key] = UInt16(switches)
    result.states += 1
    return false
  }

  func conclude() {
    result.schedules += 1
    let ending = model.finish(inDetail: onEnding != nil)
    noteMet()
    onEnding?(ending)
    // Of all schedules that were judged, the last of each power of two.
    if result.schedules & (result.schedules - 1) == 0 { sample = path }
    if ending.isFailing && result.failing == nil { result.failing = path }
  }

  /// What this schedule met of what the file names.
  private func noteMet() {
    if unmet.isSettled { return }
    for record in model.ledger.records(upTo: model.actors.count) { unmet.note(record) }
  }

  // MARK: - Copies

  /// Whether somebody could come between the words of a copy, of which not all ways are tried.
  func noteFolds() {
    if model.isFolded || fault == .foldsUnseen { return }
    model.isFolded = (0..<model.actorCount).contains { model.goesFewWays($0) }
  }
}
