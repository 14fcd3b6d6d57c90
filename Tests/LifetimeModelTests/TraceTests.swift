import LifetimeModel
import SharedMemory
import Testing

@Suite("Traces of the implementation")
struct TraceTests {
  private static let creation: [Trace.Answered] = [
    (.c1, true), (.c2, true), (.c3, true), (.c4, true), (.c5, true),
  ]
  private static let opening: [Trace.Answered] = [
    (.o1, true), (.o2, true), (.o3, true), (.o4, true), (.o5, true),
  ]

  @Test("a path of the table is accepted with its own end only")
  func acceptsPaths() {
    #expect(Trace.accepts(Self.creation, .create, writer: true, end: .created))
    #expect(Trace.accepts(Self.opening, .open, writer: true, end: .opened))
    #expect(!Trace.accepts(Self.opening, .open, writer: true, end: .notFound))
  }

  @Test("looking again begins with o1, publishing again with c5")
  func followsRetries() {
    let refused: [Trace.Answered] = [(.o1, true), (.o2, true), (.o3, false), (.o6, false)]
    let attempt = Self.creation.dropLast() + [(.c5, false)]
    #expect(Trace.accepts(refused + Self.opening, .open, writer: true, end: .opened))
    #expect(
      Trace.accepts(
        attempt + [(.o1, true), (.o2, false), (.c5, true)], .create, writer: true, end: .created))
  }

  @Test("a trace that was cut short says which step is due")
  func namesTheDueStep() {
    #expect(
      Trace.verdict(of: Self.creation.dropLast(), .create, writer: true) == .unfinished(.c5))
    #expect(Trace.verdict(of: [], .close, writer: true) == .unfinished(.x1))
  }

  @Test("a step out of order, a step too many and an impossible answer are found where they are")
  func findsDepartures() {
    #expect(
      Trace.verdict(of: [(.o1, true), (.o3, true)], .open, writer: true)
        == .departs(at: 1, wanted: .o2))
    #expect(
      Trace.verdict(of: Self.opening + [(.o6, true)], .open, writer: true)
        == .departs(at: 5, wanted: nil))
    #expect(
      Trace.verdict(of: Self.opening.dropLast(2) + [(.o4, false)], .open, writer: true)
        == .refused(at: 3))
  }
}
