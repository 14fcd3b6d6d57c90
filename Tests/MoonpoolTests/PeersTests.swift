import Glibc
import TestSupport
import Testing

/// What `scripts/bench` compares with: programs of Tests/bench/peers, where their libraries are.
@Suite struct PeersTests {
  private static let folder = "\(Places.repository)/Tests/bench/peers"
  private static let environment = ["PYTHONPATH": Places.repository + "/.build/peers"]

  private static func imports(_ module: String) -> Bool {
    run("python3", ["-c", "import \(module)"], environment: environment).status == 0
  }

  private static func finds(_ header: String) -> Bool {
    access("/usr/include/\(header)", R_OK) == 0 && Places.haveInstalled("gcc", "g++")
  }

  /// The figures that a program prints, by name.
  private func figures(_ program: String, _ words: [String]) -> [String: Double] {
    let outcome = run(program, words, environment: Self.environment)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n").map { $0.split(separator: "\t") }
    return Dictionary(uniqueKeysWithValues: lines.map { (String($0[0]), Double($0[1]) ?? 0) })
  }

  private func expectTurns(_ program: String, _ words: [String]) {
    expect("turns", program, words)
  }

  private func expectStream(_ program: String, _ words: [String]) {
    expect("stream", program, words)
  }

  private func expect(_ figure: String, _ program: String, _ words: [String]) {
    let found = figures(program, words)
    #expect(found.keys.sorted() == [figure])
    #expect(found[figure] ?? 0 > 0)
  }

  @Test func ours() {
    expectTurns(Places.moonpool, ["\(Self.folder)/turns.lua", Places.unique("peers")])
    #expect(
      figures(Places.moonpool, ["\(Self.folder)/reads.lua"]).keys.sorted() == ["first", "later"])
  }

  @Test func ourStream() {
    let found = figures(
      Places.moonpool, ["\(Self.folder)/stream.lua", Places.unique("peers")])
    #expect(found.keys.sorted() == ["batches", "stream"])
  }

  @Test func whatIsLostIsCountedOverManyLaps() {
    let found = figures(
      Places.moonpool, ["\(Self.folder)/laps.lua", Places.unique("peers"), "2000"])
    #expect(found["published"] == 8000)
    #expect(found["counted"] == 8000)
    // Some of them were read, and some were not.
    #expect((1...7999).contains(found["read"] ?? 0))
  }

  @Test(.enabled(if: imports("multiprocessing"), "python3 is not installed"))
  func pythonsQueue() { expectStream("python3", ["\(Self.folder)/python_stream.py"]) }

  @Test(.enabled(if: finds("boost/interprocess"), "Boost is not installed (scripts/setup bench)"))
  func boostsQueue() { expectStream(of: "boost_stream.cpp", "g++", []) }

  @Test(.enabled(if: finds("zmq.h"), "ZeroMQ is not installed (scripts/setup bench)"))
  func zeroMQsStream() { expectStream(of: "zeromq_stream.c", "gcc", ["-lzmq"]) }

  @Test(.enabled(if: finds("mqueue.h"), "gcc is not installed (scripts/setup bench)"))
  func posixsQueue() { expectStream(of: "posix_stream.c", "gcc", ["-lrt"]) }

  @Test(.enabled(if: imports("mmap"), "python3 is not installed"))
  func python() {
    #expect(figures("python3", ["\(Self.folder)/reads.py"]).keys.sorted() == ["first", "later"])
  }

  /// Each of the two prints the same names.
  @Test(.enabled(if: imports("mmap"), "python3 is not installed"))
  func copiesHaveTheSameNames() {
    let ours = figures(Places.moonpool, ["\(Self.folder)/copies.lua"])
    let pythons = figures("python3", ["\(Self.folder)/copies.py"])
    #expect(ours.keys.sorted() == pythons.keys.sorted())
    #expect(ours.count == 10)
  }

  @Test(.enabled(if: imports("posix_ipc"), "posix_ipc is not installed (scripts/setup bench)"))
  func posixIPC() { expectTurns("python3", ["\(Self.folder)/posix_turns.py"]) }

  @Test(.enabled(if: imports("iceoryx2"), "iceoryx2 is not installed (scripts/setup bench)"))
  func iceoryx2() { expectTurns("python3", ["\(Self.folder)/iceoryx2_turns.py"]) }

  @Test(.enabled(if: finds("boost/interprocess"), "Boost is not installed (scripts/setup bench)"))
  func boost() { expectTurns(of: "boost_turns.cpp", "g++", []) }

  @Test(.enabled(if: finds("zmq.h"), "ZeroMQ is not installed (scripts/setup bench)"))
  func zeroMQ() { expectTurns(of: "zeromq_turns.c", "gcc", ["-lzmq"]) }

  private func expectTurns(of file: String, _ compiler: String, _ libraries: [String]) {
    expect("turns", of: file, compiler, libraries)
  }

  private func expectStream(of file: String, _ compiler: String, _ libraries: [String]) {
    expect("stream", of: file, compiler, libraries)
  }

  /// Compiles one, takes its figures, and removes it.
  private func expect(
    _ figure: String, of file: String, _ compiler: String, _ libraries: [String]
  ) {
    let program = "/tmp/\(Places.unique("peers"))"
    defer { unlink(program) }
    let words = ["-O2", "\(Self.folder)/\(file)", "-o", program, "-pthread"] + libraries
    let outcome = run(compiler, words)
    #expect(outcome.status == 0, "\(outcome.errors)")
    expect(figure, program, [])
  }
}
