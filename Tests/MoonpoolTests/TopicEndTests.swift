import Glibc
import SharedMemory
import TestSupport
import Testing

#if arch(x86_64)
  private let futex = 202
#else
  private let futex = 98
#endif

/// The end of a topic, when the last publisher is killed.
@Suite(.timeLimit(.minutes(5))) struct TopicEndTests {
  private let session = Places.unique("topicend")

  /// It sleeps until somebody tells it, and nobody does: it finds out by itself, as it looks again
  /// and again.
  @Test func aSleepingReaderFindsTheDeathOfTheLastPublisher() throws {
    let own = Session(named: session)
    let reader = try NamedTopic.create("t", bytes: 4096, access: .wait, in: own)
    let publisher = Child(
      Places.moonpool,
      [
        "-e",
        "local t = assert(shm.open_topic('t')) t:publish('x') print('there') io.flush() io.read()",
      ],
      environment: ["MOONPOOL_SESSION": session], input: .open)
    #expect(publisher.prints("there"))
    #expect(try reader.next()?.sequence == 1)
    let waiting = Child(
      Places.moonpool,
      [
        "-e",
        """
        local t <close> = assert(shm.open_topic('t'))
        print('there') io.flush()
        print(select(3, t:next(120)))
        """,
      ], environment: ["MOONPOOL_SESSION": session])
    #expect(waiting.prints("there"))
    #expect(poll { callAsleep(waiting.pid) == futex })
    publisher.kill(SIGKILL)
    #expect(publisher.wait() == 128 + SIGKILL)
    #expect(waiting.wait() == 0, "\(waiting.complained)")
    #expect(waiting.printed == "there\n109\n")
    let refusal = #expect(throws: SharedMemoryError.self) { _ = try reader.next() }
    #expect(refusal?.code == .brokenPipe)
  }
}
