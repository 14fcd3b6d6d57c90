import Glibc
import TestSupport

/// A process of the stage that does what it is told: it has its own handles, and answers with the
/// outcome and the time.
final class Actor {
  struct Answer {
    let outcome: Outcome
    /// Nanoseconds of the monotonic clock when the deed was begun and when it was done.
    let begun: Int64
    let ended: Int64
    /// What a queue's deed popped.
    let value: Int64
  }

  /// An order: the deed, the slot, the argument, and the round.
  private typealias Message = (Int64, Int64, Int64, Int64)

  let process: pid_t
  private let channel: Int32
  private var isBusy = false
  private var isDead = false

  /// Fork before anything is opened: see `forked`.
  init(session: String) {
    var ends: [Int32] = [-1, -1]
    precondition(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    process = forked {
      // Not those of the others either: who holds an end keeps its actor alive.
      for number in 3..<Int32(256) where number != ends[1] { close(number) }
      Self.serve(ends[1], session)
    }
    close(ends[1])
    channel = ends[0]
  }

  deinit {
    die()
    close(channel)
  }

  /// Ends as in a crash.
  func die() {
    if isDead { return }
    isDead = true
    kill(process, SIGKILL)
    ended(process)
  }

  private static func serve(_ channel: Int32, _ session: String) {
    var objects = Objects(session, round: -1)
    var round: Int64 = -1
    while let order: Message = receive(channel) {
      if order.3 != round {
        round = order.3
        objects = Objects(session, round: round)
      }
      guard let deed = Deed(rawValue: order.0), let slot = Slot(rawValue: order.1) else { return }
      let begun = monotonicNow()
      let outcome = objects.perform(deed, slot, order.2)
      send(channel, (outcome.rawValue, begun, monotonicNow(), objects.value))
    }
  }

  private static func send(_ channel: Int32, _ message: Message) {
    withUnsafeBytes(of: message) {
      _ = Glibc.send(channel, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
  }

  private static func receive(_ channel: Int32) -> Message? {
    var message: Message = (0, 0, 0, 0)
    let count = withUnsafeMutableBytes(of: &message) {
      recv(channel, $0.baseAddress, $0.count, Int32(MSG_WAITALL))
    }
    return count == MemoryLayout<Message>.size ? message : nil
  }
}

// MARK: - For the server

extension Actor {
  /// Begins it; the answer comes later.
  func begin(_ deed: Deed, _ slot: Slot, _ argument: Int64, round: Int64) {
    precondition(!isBusy, "\(deed) while it is busy")
    isBusy = true
    Self.send(channel, (deed.rawValue, slot.rawValue, argument, round))
  }

  /// Has it an answer, in so many milliseconds?
  func isReady(within milliseconds: Int32) -> Bool {
    var descriptor = pollfd(fd: channel, events: Int16(POLLIN), revents: 0)
    return Glibc.poll(&descriptor, 1, milliseconds) > 0
  }

  /// The answer, if it comes in so many milliseconds.
  func answer(within milliseconds: Int32) throws(Verdict) -> Answer? {
    if !isReady(within: milliseconds) { return nil }
    isBusy = false
    guard let answer = Self.receive(channel), let outcome = Outcome(rawValue: answer.0) else {
      throw .bad("an actor is gone")
    }
    return Answer(outcome: outcome, begun: answer.1, ended: answer.2, value: answer.3)
  }

  /// Until it sleeps in its deed.
  func fallAsleep() throws(Verdict) {
    for _ in 0..<5000 {
      if let call = callAsleep(process), Self.sleeps.contains(call) { return }
      usleep(200)
    }
    throw .slow("an actor does not fall asleep")
  }

  /// x86-64's futex, futex_waitv, nanosleep and clock_nanosleep.
  private static let sleeps = [202, 449, 35, 230]
}
