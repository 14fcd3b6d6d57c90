import SharedMemory

/// Who looks for all that sleep on a mutex, with all interleavings, and some deaths and stops.
///
/// A sleep is short, or it is the looker's, which is short, too, or it rests: a killed owner is
/// noticed soon as long as somebody does not rest. Loads and swaps of the mutex's word are one step
/// here (`Model` has them apart), as the kernel compares when a sleep begins; those of the looker's word
/// are two.
struct Lookers {
  /// A wrong variant, which the model must reject.
  enum Mutant: CaseIterable {
    case nobodyLooks, lookerLeavesInSilence, lookerKeepsItsMark, ownerIsStillTheLooker
    case leaverKeepsTheWakeUp, oldLookIsTrusted, deadIsTrusted, restsWhereNobodyLooks
    case leaverIsStillSaidToLook, leaverSaysSoAfterItsWakeUp, takerIsStillSaidToLook
  }

  enum Sleep: Hashable { case short, look, rest }

  /// Of a look: nobody asks about it; one asks; it is as good as none.
  enum Age: UInt32 {
    case fresh = 0
    case late = 50
    case old = 1000
  }

  enum Place: Hashable {
    case idle, held, woken, dead
    case asleep(Sleep)
    /// Its sleep ran out: it has loaded the looker's word, and decides.
    case duty(NamedLooker)
    /// It goes, with the mutex or without; whether it has yet to say so in the mutex's word.
    case goes(takes: Bool, says: Bool)
    /// It has loaded the looker's word.
    case leaves(NamedLooker, takes: Bool)
    case wakes(Int, takes: Bool)
  }

  struct Process: Hashable {
    var place: Place
    var isLooker = false
    var hasSlept = false
    var isStopped = false
    var dead = NamedMark.none
  }

  struct World: Hashable {
    var word: NamedState
    var looker = NamedLooker.none
    /// How long ago its last look was.
    var age = Age.fresh
    var processes: [Process]
    /// Those that sleep, in the kernel's order.
    var queue: [Int] = []
    var crashes = 0
    /// The crashes of others than the owner: what they would have done for others is noticed late.
    var losses = 0
    var stops = 0
  }

  typealias Step = (what: String, world: World?)

  private let rules = NamedRules(kind: .mutex)
  private let mutant: Mutant?
  private let crashes: Int
  private let stops: Int

  static func explore(
    processes: Int, crashes: Int = 0, stops: Int = 0, most: Int = .max, _ mutant: Mutant? = nil
  ) -> StateSpace<World> {
    let model = Lookers(mutant: mutant, crashes: crashes, stops: stops)
    return StateSpace(
      from: model.begin(processes), most: most, next: { model.next($0) },
      broken: { model.broken($0) })
  }

  /// The first has locked the mutex; of the others the first looks, if there is more than one, and
  /// the rest rests, as is so after a while.
  private func begin(_ processes: Int) -> World {
    let isLooked = processes >= 4
    let low = NamedState.held | NamedState.sleepers | (isLooked ? NamedState.looked : 0)
    var world = World(
      word: NamedState(rawValue: UInt64(mark(0).rawValue) << 32 | low),
      processes: (0..<processes).map { Process(place: $0 == 0 ? .held : .idle) })
    if !isLooked { return world }
    world.looker = NamedLooker(mark(1), at: 0)
    for index in 1..<processes {
      world.processes[index] = Process(
        place: .asleep(index == 1 ? .look : .rest), isLooker: index == 1, hasSlept: true)
      world.queue.append(index)
    }
    return world
  }

  private func mark(_ index: Int) -> NamedMark { NamedMark(slot: index, epoch: 1) }

  private func isDead(_ mark: NamedMark, _ world: World) -> Bool {
    world.processes[mark.slot].place == .dead
  }

  private func waiter(_ world: World, _ index: Int) -> NamedRules.Waiter {
    var waiter = NamedRules.Waiter(mark: mark(index), start: world.word)
    waiter.hasSlept = world.processes[index].hasSlept
    waiter.dead = world.processes[index].dead
    return waiter
  }
}

// MARK: - Steps

extension Lookers {
  private func next(_ world: World) -> [Step] {
    var result: [Step] = []
    for (index, process) in world.processes.enumerated() where process.place != .dead {
      if process.isStopped {
        var after = world
        after.processes[index].isStopped = false
        result.append(("\(index) goes on", after))
        continue
      }
      for (what, after) in steps(world, index) { result.append(("\(index) \(what)", after)) }
      if process.place == .idle { continue }
      if world.crashes < crashes {
        var after = at(.dead, world, index)
        after.processes[index] = Process(place: .dead)
        after.crashes += 1
        after.losses += process.place == .held ? 0 : 1
        result.append(("\(index) dies", after))
      }
      if world.stops < stops {
        var after = world
        after.processes[index].isStopped = true
        after.stops += 1
        result.append(("\(index) is stopped", after))
      }
    }
    return result + (aged(world).map { [("time passes", $0)] } ?? [])
  }

  /// Who looks does so in time, if a little late, unless it is stopped or does something else by now.
  private func aged(_ world: World) -> World? {
    if world.age == .old || world.looker.mark == .none { return nil }
    let process = world.processes[world.looker.mark.slot]
    let looks = ![.idle, .held, .dead].contains(process.place) && !process.isStopped
    if looks && world.age == .late { return nil }
    var after = world
    after.age = world.age == .fresh ? .late : .old
    return after
  }

  private func steps(_ world: World, _ index: Int) -> [Step] {
    let process = world.processes[index]
    switch process.place {
    case .dead: return []
    case .idle: return [("waits", slept(world, index))]
    case .held: return [("unlocks", unlocked(world, index))]
    case .asleep: return [("runs out", ranOut(world, index)), left(world, index)]
    case .woken: return [("looks", slept(world, index)), left(world, index)]
    case .duty(let looker): return [decided(looker, world, index)]
    case .goes(let takes, let says):
      return [says ? ("says so", said(takes, world, index)) : ("goes", going(takes, world, index))]
    case .leaves(let looker, let takes):
      return [("leaves", dismissed(looker, takes, world, index))]
    case .wakes(let count, let takes): return woke(count, takes, world, index)
    }
  }

  private func at(_ place: Place, _ world: World, _ index: Int) -> World {
    var world = world
    world.processes[index].place = place
    world.queue.removeAll { $0 == index }
    if case .asleep = place { world.queue.append(index) }
    if place == .idle || place == .held { world.processes[index] = Process(place: place) }
    return world
  }

  /// Takes the mutex, or sleeps on it.
  private func slept(_ before: World, _ index: Int, _ sleep: Sleep? = nil) -> World? {
    var world = before
    let process = before.processes[index]
    switch rules.next(before.word, waiter(before, index)) {
    case .pass: return nil
    case .sleep(let asleep):
      let isLooked = asleep.has(NamedState.looked) || mutant == .restsWhereNobodyLooks
      world.word = process.isLooker ? asleep.with(NamedState.looked) : asleep
      let short = sleep == .rest && !isLooked
      return at(
        .asleep(short ? .short : sleep ?? (process.isLooker ? .look : .short)), world, index)
    case .take(let taken, _, _):
      let isLooked = before.word.has(NamedState.looked) && mutant == .takerIsStillSaidToLook
      world.word = isLooked ? taken.with(NamedState.looked) : taken
      if process.isLooker && mutant != .ownerIsStillTheLooker {
        return at(.goes(takes: true, says: false), world, index)
      }
      return at(.held, world, index)
    }
  }

  private func unlocked(_ before: World, _ index: Int) -> World? {
    guard let (after, wakes) = MutexKind.unlocked(before.word, by: mark(index)) else { return nil }
    var world = before
    world.word = after
    return at(wakes > 0 ? .wakes(1, takes: false) : .idle, world, index)
  }

  private func ranOut(_ before: World, _ index: Int) -> World {
    var world = before
    world.processes[index].hasSlept = true
    guard case .sleep = rules.next(world.word, waiter(world, index)) else {
      return at(.woken, world, index)
    }
    return at(.duty(world.looker), world, index)
  }

  private func decided(
    _ seen: NamedLooker, _ before: World, _ index: Int, dead: NamedMark = .none,
    alive: NamedMark = .none
  ) -> Step {
    let age = mutant == .oldLookIsTrusted ? Age.late : before.age
    var duty = rules.duty(seen, of: mark(index), dead: dead, alive: alive, at: age.rawValue)
    if mutant == .nobodyLooks { duty = .rest }
    var world = before
    switch duty {
    case .look:
      if seen != before.looker {
        return ("looks for the looker", at(.duty(before.looker), world, index))
      }
      world.looker = NamedLooker(mark(index), at: 0)
      world.age = .fresh
      world.processes[index].isLooker = true
      let owner = world.word.mark
      if world.word.has(NamedState.held), isDead(owner, world) {
        world.processes[index].dead = owner
      }
      return ("is the looker", slept(world, index, .look))
    case .ask(let other):
      let isDead = isDead(other, before) && mutant != .deadIsTrusted
      return decided(
        seen, before, index, dead: isDead ? other : dead, alive: isDead ? alive : other)
    case .rest:
      if before.age != .fresh && seen.mark != .none && isDead(seen.mark, before) {
        return ("trusts the dead", nil)
      }
      world.processes[index].isLooker = false
      return ("rests", slept(world, index, .rest))
    }
  }

  /// Its time is over.
  private func left(_ before: World, _ index: Int) -> Step {
    var world = before
    world.processes[index].hasSlept = true
    return ("times out", at(.goes(takes: false, says: true), world, index))
  }

  /// It leaves the mutex's word, and is on its way to leave the looker's.
  private func said(_ takes: Bool, _ before: World, _ index: Int) -> World {
    var world = before
    let looks = before.processes[index].isLooker && mutant != .leaverIsStillSaidToLook
    let isLate = mutant == .leaverSaysSoAfterItsWakeUp
    let (after, wakes) = rules.passedOn(
      before.word, waiter(before, index), looks: looks && !isLate)
    world.word = after
    if wakes > 0, let sleeper = world.queue.first(where: { $0 != index }) {
      world = at(.woken, world, sleeper)
      world.processes[sleeper].hasSlept = true
    }
    return at(.goes(takes: takes, says: false), world, index)
  }

  private func going(_ takes: Bool, _ world: World, _ index: Int) -> World {
    at(.leaves(world.looker, takes: takes), world, index)
  }

  private func dismissed(
    _ seen: NamedLooker, _ takes: Bool, _ before: World, _ index: Int
  ) -> World {
    var world = before
    var wakes = 0
    let isSilent = mutant == .leaverKeepsTheWakeUp && seen.mark != mark(index)
    if mutant != .lookerKeepsItsMark && !isSilent,
      let (after, count) = rules.dismissed(seen, of: mark(index), takes: takes),
      seen == before.looker
    {
      world.looker = after
      if mutant != .lookerLeavesInSilence { wakes += Int(count) }
    }
    if wakes > 0 { return at(.wakes(wakes, takes: takes), world, index) }
    return at(takes ? .held : .idle, world, index)
  }

  private func woke(_ count: Int, _ takes: Bool, _ world: World, _ index: Int) -> [Step] {
    let end: Place = takes ? .held : .idle
    var world = world
    if mutant == .leaverSaysSoAfterItsWakeUp && count == 0 {
      world.word = world.word.without(NamedState.looked)
      return [("says so", at(end, world, index))]
    }
    guard let sleeper = world.queue.first else { return [("wakes nobody", at(end, world, index))] }
    let isLate = mutant == .leaverSaysSoAfterItsWakeUp && world.processes[index].isLooker
    let goesOn = count > 1 || isLate
    var after = at(goesOn ? .wakes(count - 1, takes: takes) : end, world, index)
    after = at(.woken, after, sleeper)
    after.processes[sleeper].hasSlept = true
    return [("wakes \(sleeper)", after)]
  }
}

// MARK: - What must hold in each state

extension Lookers {
  private func broken(_ world: World) -> String? {
    let living = world.processes.filter { $0.place != .dead }
    if living.count(where: { $0.place == .held }) > 1 { return "two have it" }
    if world.losses + world.stops == 0 {
      let isQuiet = living.allSatisfy { [.idle, .held, .asleep(.rest)].contains($0.place) }
      if isQuiet && living.contains(where: { $0.place == .asleep(.rest) }) {
        return "all rest, and nobody looks"
      }
    }
    let blind = world.processes.indices.first { index in
      let process = world.processes[index]
      return process.place == .asleep(.rest) && !process.isStopped && !looks(alone: index, world)
    }
    return blind.map { "\($0) rests for ever, and nobody looks" }
  }

  /// Alone, whatever the others are in the middle of, it looks or has the mutex after one rest.
  private func looks(alone index: Int, _ before: World) -> Bool {
    var world = before
    world.age = world.looker.mark == .none ? .fresh : .old
    for _ in 0..<12 {
      switch world.processes[index].place {
      case .held, .asleep(.look): return true
      case .asleep(.rest) where world != before && world.processes[index].hasSlept:
        if let after = steps(world, index).first(where: { $0.what == "runs out" })?.world {
          world = after
          continue
        }
        return false
      default:
        guard let after = steps(world, index).first?.world else { return false }
        world = after
      }
    }
    return false
  }
}
