internal import CLuaShm

/// A node of the path, and who is to be tried there.
struct OrderNode {
  let point: Point
  let moves: [Move]
  /// What is tried, and what has been.
  var isWanted: [Bool]
  var isDone: [Bool]
  var sleep: [Sleeping]
  /// Nobody can move without time passing.
  let isQuiet: Bool
  /// Who is tried in the place of an equal actor (`Symmetry.swift`).
  let standIns: [Int]

  init(_ model: Model, _ moves: [Move], _ sleep: [Sleeping]) {
    point = model.mark()
    self.moves = moves
    isWanted = Array(repeating: false, count: moves.count)
    isDone = isWanted
    self.sleep = sleep
    isQuiet = model.isQuiet
    standIns = (0..<model.actorCount).map { model.isSymmetric ? model.standIn(of: $0) : $0 }
  }

  func isAsleep(_ move: Move) -> Bool { sleep.contains { $0.move == move } }

  /// The next move to try; nil: none is left.
  func next() -> Int? {
    moves.indices.first { isWanted[$0] && !isDone[$0] && !isAsleep(moves[$0]) }
  }

  func isAble(_ actor: Int) -> Bool {
    !isQuiet && moves.contains { $0.isStep(of: standIns[actor]) }
  }

  /// The moves that begin with a step of the thread.
  func places(of thread: Thread) -> [Int] {
    let actor = standIns[thread.actor]
    return moves.indices.filter {
      moves[$0].actor == actor && (moves[$0].kind == .kill) == thread.isKill
    }
  }

  mutating func want(_ places: some Sequence<Int>) {
    for place in places { isWanted[place] = true }
  }

  mutating func want(where isMeant: (Move) -> Bool) {
    want(moves.indices.filter { isMeant(moves[$0]) })
  }
}

/// An actor's steps; or its kill.
struct Thread: Equatable {
  let actor: Int
  let isKill: Bool
}

/// A vector clock: of each thread, up to which step of the path it is known (Mattern, Virtual Time and
/// Global States of Distributed Systems, 1989).
struct Clock {
  /// First those of the actors, then of their kills; one more than the step's number.
  private var known: [Int32]

  init(actors: Int) { known = Array(repeating: 0, count: 2 * actors) }

  private func index(_ thread: Thread) -> Int {
    thread.isKill ? known.count / 2 + thread.actor : thread.actor
  }

  func knows(_ step: Int, of thread: Thread) -> Bool { known[index(thread)] > step }

  mutating func note(_ step: Int, of thread: Thread) { known[index(thread)] = Int32(step + 1) }

  mutating func merge(_ other: Clock) {
    for index in known.indices where other.known[index] > known[index] {
      known[index] = other.known[index]
    }
  }
}

/// The steps of the path, with what each knows of the others.
struct Trace {
  struct Event {
    let thread: Thread
    let accesses: [Access]
    /// It depends on all others.
    let isTimed: Bool
    let clock: Clock

    func conflicts(_ accesses: [Access], isTimed: Bool) -> Bool {
      isTimed || self.isTimed || self.accesses.conflicts(with: accesses)
    }
  }

  /// Of the actors, at a node.
  struct Standing {
    /// What each knows.
    var clocks: [Clock]
    /// Since which node it has stood before what it stands before.
    var since: [Int]
  }

  private(set) var events: [Event] = []
  private(set) var standings: [Standing]

  init(actors: Int) {
    standings = [
      Standing(
        clocks: Array(repeating: Clock(actors: actors), count: actors),
        since: Array(repeating: 0, count: actors))
    ]
  }

  var now: Standing { standings[standings.count - 1] }

  /// - Parameter started: who can move by it, or waits for something else than before.
  mutating func append(_ event: Event, started: [Int], areTold: Bool) {
    let step = events.count
    var standing = now
    standing.clocks[event.thread.actor] = event.clock
    standing.since[event.thread.actor] = step + 1
    for actor in started {
      if areTold { standing.clocks[actor].merge(event.clock) }
      standing.since[actor] = step + 1
    }
    events.append(event)
    standings.append(standing)
  }

  mutating func removeLast() {
    events.removeLast()
    standings.removeLast()
  }

  /// The steps behind the one with this number that do not depend on it.
  func independent(of step: Int) -> [Int] {
    ((step + 1)..<events.count).filter {
      !events[$0].clock.knows(step, of: events[step].thread)
    }
  }

  /// Whether none of the steps has to come before what knows this.
  func isInitial(_ clock: Clock, _ steps: some Sequence<Int>) -> Bool {
    steps.allSatisfy { !clock.knows($0, of: events[$0].thread) }
  }
}

/// A step that is, or would be, made next.
private struct Coming {
  let thread: Thread
  let accesses: [Access]
  let isTimed: Bool
  /// Its wait times out, so that it is no matter whether the actor could go on.
  let isEarly: Bool
}

/// Dynamic partial-order reduction: of all schedules in which the same steps that touch each other come
/// in the same order, one is made, and other orders are tried only where two steps did touch each
/// other (Flanagan and Godefroid, Dynamic Partial-Order Reduction for Model Checking Software, 2005;
/// with the source sets of Abdulla, Aronis, Jonsson, Sagonas, Optimal Dynamic Partial Order Reduction,
/// 2014, and sleep sets). It keeps no states, so what actors do with nobody else costs one schedule and
/// not the product of their lengths; in turn it comes to the same state as often as there are orders
/// that lead there. So it is a search of its own beside the one with a cache (`TwoSearches.swift`).
///
/// From a node first the steps of one actor are tried. Whenever a step touches what an earlier step of
/// another actor touched, and no chain of such steps led from that to this (the clocks say so), it is a
/// race: it could come first. Then at the node of the earlier step somebody is tried, too, who begins
/// such a schedule: an initial of what came since and does not depend on the earlier step. The theorem
/// (of the last paper, 5.2) is that from each node a source set is explored, and so each
/// trace.
///
/// What is not a step of an actor for itself is tried wherever it may happen: kills, which are threads of
/// their own behind their victim's steps; early time-outs; alternatives of `any`; ways of a copy. The
/// end of a wait, which comes when nobody else can move or early, depends on everything. Who cannot make
/// a step is asked, too: what it waits for may have been taken from it.
extension Search {
  /// Explores depth first what the races ask for.
  func reduce() {
    var nodes: [OrderNode] = []
    var trace = Trace(actors: model.actorCount)
    if let root = arrive(&nodes, trace, sleep: []) { nodes = [root] }
    var isFresh = true
    while !nodes.isEmpty {
      if isOver() || hasLostSymmetry { break }
      let top = nodes.count - 1
      guard let place = nodes[top].next() else {
        nodes.removeLast()
        if top > 0 {
          path.removeLast()
          trace.removeLast()
        }
        isFresh = false
        continue
      }
      nodes[top].isDone[place] = true
      let move = nodes[top].moves[place]
      if !isFresh { model.comeBack(to: nodes[top].point) }
      let sleep = take(move, &nodes, &trace)
      isFresh = true
      if let node = arrive(&nodes, trace, sleep: sleep) {
        nodes.append(node)
      } else {
        if result.failing != nil && stopsAtFailure { break }
        path.removeLast()
        trace.removeLast()
        isFresh = false
      }
    }
  }

  /// Makes the move from the last node, and looks for its races; returns what sleeps behind it.
  private func take(_ move: Move, _ nodes: inout [OrderNode], _ trace: inout Trace) -> [Sleeping] {
    let top = nodes.count - 1
    let phases = model.world.processes.map(\.phase)
    advance(move)
    let coming = Coming(
      thread: Thread(actor: move.actor, isKill: move.kind == .kill), accesses: footprint(),
      isTimed: isTimed(move) || nodes[top].isQuiet && move.isStep(of: move.actor),
      isEarly: move.kind == .early)
    // The end of a wait comes where nobody else could move: nothing could have come later.
    if !nodes[top].isQuiet || !coming.isTimed { findRaces(coming, &nodes, trace) }
    let started = (0..<model.actorCount).filter {
      let phase = model.world.processes[$0].phase
      return $0 != move.actor && phase != phases[$0] && !phase.isOver
    }
    var clock = known(to: coming, trace)
    clock.note(trace.events.count, of: coming.thread)
    trace.append(
      .init(
        thread: coming.thread, accesses: coming.accesses, isTimed: coming.isTimed, clock: clock),
      started: started, areTold: fault != .wakesWithoutClocks)
    if coming.isTimed { return [] }
    let sleep = stillAsleep(nodes[top].sleep, behind: move, coming.accesses)
    nodes[top].sleep.append(Sleeping(move: move, accesses: coming.accesses))
    return sleep
  }

  /// What the step knows once it is made: what its actor does, and all that it depends on.
  private func known(to coming: Coming, _ trace: Trace) -> Clock {
    var clock = trace.now.clocks[coming.thread.actor]
    for event in trace.events where event.conflicts(coming.accesses, isTimed: coming.isTimed) {
      clock.merge(event.clock)
    }
    return clock
  }

  /// The node here; nil: the path ends.
  private func arrive(
    _ nodes: inout [OrderNode], _ trace: Trace, sleep: [Sleeping]
  ) -> OrderNode? {
    if model.isRefused { return nil }
    var moves = model.moves()
    noteFolds()
    if moves.isEmpty {
      askTheBlocked(&nodes, trace)
      conclude()
      return nil
    }
    if isTooLong() { return nil }
    if let fault { moves = moves.filter { !fault.removes($0) } }
    var node = OrderNode(model, moves, sleep)
    if node.isQuiet { askTheBlocked(&nodes, trace) }
    choose(&node)
    if node.next() == nil {
      askTheBlocked(&nodes, trace)
      return nil
    }
    return node
  }

  /// Who is tried first: whoever moved last, if possible. And all that is always tried.
  private func choose(_ node: inout OrderNode) {
    if node.isQuiet || node.moves[0].kind == .choose { return node.want(node.moves.indices) }
    if fault != .killsWhereRacesAsk { node.want { $0.kind == .kill || $0.kind == .early } }
    let steps = node.moves.filter { $0.isStep(of: $0.actor) && !node.isAsleep($0) }
    guard let first = steps.first(where: { $0.actor == path.last?.actor }) ?? steps.first else {
      return
    }
    node.want { $0.isStep(of: first.actor) }
  }

  // MARK: - Races

  /// Who stands before something that it cannot have: another could have come later.
  private func askTheBlocked(_ nodes: inout [OrderNode], _ trace: Trace) {
    if fault == .blockedForgotten { return }
    for actor in 0..<model.actorCount {
      let process = model.world.processes[actor]
      if process.phase != .stands || model.isAble(actor) { continue }
      findRaces(
        Coming(
          thread: Thread(actor: actor, isKill: false), accesses: visible(process.pending.accesses),
          isTimed: false, isEarly: false), &nodes, trace)
    }
  }

  /// Looks back along the path for steps which the coming one could have come before.
  private func findRaces(_ coming: Coming, _ nodes: inout [OrderNode], _ trace: Trace) {
    if fault == .racesForgotten { return }
    var covered = trace.now.clocks[coming.thread.actor]
    var clock: Clock?
    for step in trace.events.indices.reversed() {
      let event = trace.events[step]
      if event.thread.actor == coming.thread.actor || covered.knows(step, of: event.thread)
        || !event.conflicts(coming.accesses, isTimed: coming.isTimed)
      {
        continue
      }
      let between = trace.independent(of: step)
      if canComeFirst(coming, step, between, nodes[step], trace) {
        if clock == nil { clock = known(to: coming, trace) }
        reverse(step, coming, clock!, between, &nodes[step], trace)
        covered.merge(event.clock)
      } else if fault == .unlocksEndRaces {
        covered.merge(event.clock)
      }
    }
  }

  /// Whether the coming step could be made where the earlier one was. If the earlier one is what makes
  /// it possible (an unlock), that is no race, but what came before that may be (the lock).
  private func canComeFirst(
    _ coming: Coming, _ step: Int, _ between: [Int], _ node: OrderNode, _ trace: Trace
  ) -> Bool {
    if coming.thread.isKill || coming.isEarly { return true }
    let actor = coming.thread.actor
    // What it stood before there we do not know any more; and others may have made it possible.
    return trace.now.since[actor] > step || node.isAble(actor)
      || between.contains {
        trace.events[$0].conflicts(coming.accesses, isTimed: coming.isTimed)
      }
  }

  /// Sees to it that at the node of the earlier step somebody is tried who begins a schedule in which
  /// the coming step is made before that.
  private func reverse(
    _ step: Int, _ coming: Coming, _ clock: Clock, _ between: [Int], _ node: inout OrderNode,
    _ trace: Trace
  ) {
    if fault == .secondsForgotten && node.isWanted.count(where: { $0 }) > 1 { return }
    var initials: [[Int]] = []
    var seen: [Thread] = []
    for (index, other) in between.enumerated() {
      let event = trace.events[other]
      if seen.contains(event.thread) { continue }
      seen.append(event.thread)
      if trace.isInitial(event.clock, between[..<index]) {
        initials.append(node.places(of: event.thread))
      }
    }
    if !seen.contains(coming.thread) && trace.isInitial(clock, between) {
      initials.append(node.places(of: coming.thread))
    }
    if initials.contains(where: { $0.contains { node.isWanted[$0] } }) { return }
    if let first = initials.last(where: { !$0.isEmpty }) {
      node.want(first)
    } else {
      node.want(node.moves.indices)
    }
  }
}
