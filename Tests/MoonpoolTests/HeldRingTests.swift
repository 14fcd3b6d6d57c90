import Glibc
import TestSupport
import Testing

/// Who holds a queue's lock and does not go on: stopped, or without a processor on a busy machine.
@Suite(.timeLimit(.minutes(5))) struct HeldRingTests {
  private let session = Places.unique("held")

  private func lua(_ text: String) -> Child {
    Child(
      Places.moonpool, ["-e", text], environment: ["MOONPOOL_SESSION": session], input: .open)
  }

  /// Pushes one message beside whoever holds the lock, and says how that ended.
  private func pusher() -> Child {
    let child = lua(
      """
      local q = assert(shm.open_queue("q", { access = "push" }))
      io.write("begin ") io.flush()
      print(q:push("y"))
      """)
    #expect(child.prints("begin "))
    return child
  }

  @Test func whoOnlyGetsNoProcessorIsWaitedFor() throws {
    let holder = lua(
      """
      local q = assert(shm.queue("q", 4096))
      q:push("x")
      io.write((shm.path('q')), "\\n") io.flush()
      while true do end
      """)
    #expect(holder.prints("\n"))
    let file = open(String(holder.printed.dropLast()), O_RDWR | O_CLOEXEC)
    try #require(file >= 0)
    defer { close(file) }
    // In its slot is the process; its mark is the epoch and the slot, which begins with 1.
    var slots = [UInt64](repeating: 0, count: 496)
    pread(file, &slots, slots.count * 8, 128)
    let slot = try #require(slots.firstIndex { $0 >> 42 == UInt64(holder.pid) })
    var held = ((slots[slot] & 0x3F_FFFF) << 10 | UInt64(slot + 1)) << 32 | 1
    func store(_ word: inout UInt64) { #expect(pwrite(file, &word, 8, 4096) == 8) }
    var free: UInt64 = 0

    store(&held)
    let patient = pusher()
    usleep(700_000)
    store(&free)
    #expect(patient.wait() == 0)
    #expect(patient.printed.hasSuffix("begin true\n"), "\(patient.printed)")

    store(&held)
    let tired = pusher()
    #expect(tired.wait() == 0)
    #expect(
      tired.printed.hasSuffix(
        "nil\tpush q: ERROR_BUSY (170): process \(holder.pid) (slot \(slot)) runs, and has been in "
          + "the midst of pushing for 3 s; try again, or end it\t170\n"), "\(tired.printed)")

    holder.kill(SIGSTOP)
    let told = pusher()
    #expect(told.wait() == 0)
    #expect(
      told.printed.hasSuffix(
        "nil\tpush q: ERROR_BUSY (170): process \(holder.pid) (slot \(slot)) has stopped in the "
          + "midst of pushing; continue it (kill -CONT), or end it\t170\n"), "\(told.printed)")
  }
}
