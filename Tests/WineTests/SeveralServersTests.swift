import Glibc
import SharedMemory
import TestSupport
import Testing
import Wine

/// Several servers, of which some say nothing.
@Suite struct SeveralServersTests {
  private func code(_ body: () throws -> Void) -> Int32? {
    do {
      try body()
      return nil
    } catch { return (error as? SharedMemoryError)?.code.rawValue }
  }

  /// All servers of this user, those of tests that run beside included.
  private func all(_ faults: Faults) -> WinePrefixes {
    faults.arm()
    return WinePrefixes(prefix: [], System(observer: faults))
  }

  @Test func thoseThatAreStoppedAreWaitedForAtTheSameTime() throws {
    let doubles = [try Double(), try Double(), try Double(way: "mute")]
    for double in doubles.dropLast() { double.child.kill(SIGSTOP) }
    let faults = Faults.none()
    let refusals = all(faults).list().refusals.filter { $0.code == .busy }
    for double in doubles {
      #expect(refusals.contains { $0.advice.contains(double.prefix) }, "\(refusals)")
    }
    // Each is spoken to before any is waited for, and there is one deadline.
    let calls = faults.calls
    let firstWait = try #require(calls.firstIndex(of: "poll"))
    #expect(calls[..<firstWait].count { $0 == "connect" } >= 3, "\(calls)")
  }

  @Test(arguments: ["stopped", "mute", "no-reply", "half"])
  func aSilentServerKeepsNobodyFromTheOther(way: String) throws {
    let unique = Places.unique("one")
    let name = #"Wine\Global\"# + unique
    let object = #"\BaseNamedObjects\"# + unique
    // The silent one has the lower number, and is asked first; one that answers by halves has the
    // name, too, or it would say nothing of it.
    let silent = try Double(way == "half" ? object : #"\BaseNamedObjects\other"#, way: way)
    if way == "stopped" { silent.child.kill(SIGSTOP) }
    let well = try Double(object)
    let section = try all(.none()).open(name, access: .read)
    #expect(section.prefix == well.prefix)
    #expect(all(.none()).list().entries.contains { $0.prefixText == well.prefix })
    withExtendedLifetime(silent) {}
  }

  /// Those that gave up stay in the queue of a server that is stopped, until it is full.
  @Test func aFullQueueIsError170() throws {
    let unique = Places.unique("one")
    let (stopped, well) = (try Double(), try Double(#"\BaseNamedObjects\"# + unique))
    stopped.child.kill(SIGSTOP)
    var prefixes = stopped.prefixes
    prefixes.patience = 1_000_000
    for _ in 0..<10 {
      #expect(code { _ = try prefixes.open(#"Wine\Local\telemetry"#) } == 170)
    }
    #expect(code { _ = try stopped.prefixes.open(#"Wine\Local\telemetry"#) } == 170)
    let section = try all(.none()).open(#"Wine\Global\"# + unique, access: .read)
    #expect(section.prefix == well.prefix)
    stopped.child.kill(SIGCONT)
    #expect(
      poll { code { _ = try stopped.prefixes.open(#"Wine\Local\telemetry"#) } == nil })
  }

  @Test func doctorTellsOfEach() throws {
    let (stopped, well) = (try Double(), try Double())
    stopped.child.kill(SIGSTOP)
    let findings = all(.none()).examine()
    let bad = findings.filter { $0.text.contains(stopped.prefix) }
    #expect(bad.map(\.isFine) == [false])
    #expect(bad[0].text.contains("did not answer within a second"))
    #expect(findings.filter { $0.text.contains(well.prefix) }.map(\.isFine) == [true])
  }
}
