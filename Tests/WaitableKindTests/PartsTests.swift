import CLuaShm
import Glibc
import Latch
import LuaHost
import SharedMemory
import TestSupport
import Testing

/// Whoever forgets a part of a kind is told which.
@Suite struct PartsTests {
  static let helpOfTheLatch = """
    package.preload["moonpool.api_kinds"] = function()
      return { "event", "mutex", "semaphore", "queue", "topic", "latch" }
    end
    package.preload["moonpool.api_latch"] = loadfile("\(Places.repository)/Tests/Latch/api_latch.lua")
    """

  @Test func allKindsAreWhole() throws {
    #expect(WaitableKinds.all.map(\.name) == ["event", "mutex", "semaphore", "queue", "topic"])
    for kind in WaitableKinds.all {
      #expect(try KindParts.missing(kind.number) == [])
    }
  }

  /// What is missing of a latch that is made like this, in a process of its own.
  private static func missing(c: Bool = true, swift: LatchKind?, help: Bool = true) throws
    -> [String]
  {
    if c { precondition(luashm_add_waitable(latch())) }
    if let swift { WaitableKinds.add(swift) }
    return try KindParts.missing(UInt32(LATCH), prelude: help ? helpOfTheLatch : "")
  }

  @Test func aWholeOneMissesNothing() async {
    await #expect(processExitsWith: .success) {
      try #require(try Self.missing(swift: LatchKind()) == [])
    }
  }

  @Test func theCFileIsMissed() async {
    await #expect(processExitsWith: .success) {
      try #require(
        try Self.missing(c: false, swift: LatchKind())
          == ["kind 31 'latch' has no C file: no struct luashm_waitable has its number"])
    }
  }

  @Test func theSwiftFileIsMissed() async {
    await #expect(processExitsWith: .success) {
      try #require(
        try Self.missing(swift: nil)
          == ["kind 31 'latch' has no Swift file: no WaitableKind has its number"])
      let interpreter = try Interpreter(session: Session(named: Places.unique("latch")))
      try interpreter.open()
      try interpreter.run(
        """
        local none, message, code = shm.latch("x", 1)
        assert(code == 50 and message == "create x: ERROR_NOT_SUPPORTED (50): no WaitableKind has "
          .. "the number 31; add its Swift file to WaitableKinds", message)
        """)
    }
  }

  @Test func theHelpTableIsMissed() async {
    await #expect(processExitsWith: .success) {
      let words = [
        "latch:check", "latch:close", "latch:count_down", "latch:name", "latch:wait", "shm.latch",
        "shm.latch", "shm.open_latch",
      ]
      try #require(
        try Self.missing(swift: LatchKind(), help: false)
          == words.map { "\($0) has no help (api_kinds.lua, api_KIND.lua)" })
    }
  }

  @Test func whatExplainNeedsIsMissed() async {
    await #expect(processExitsWith: .success) {
      try #require(
        try Self.missing(swift: LatchKind(acts: Array(LatchKind.allActs.prefix(1))))
          == ["latch:count_down has no WaitableAct, which says what it is on Windows"])
      let interpreter = try Interpreter(session: Session(named: Places.unique("latch")))
      try interpreter.open()
      try interpreter.run(
        """
        local none, message, code = assert(shm.latch("x", 1)):count_down()
        assert(code == 50 and message == "latch:count_down x: ERROR_NOT_SUPPORTED (50): "
          .. "its WaitableKind does not perform it; add it to the kind's acts", message)
        """)
    }
  }

  @Test func whatIsInOneFileAloneIsMissed() async {
    await #expect(processExitsWith: .success) {
      try #require(
        try Self.missing(swift: LatchKind(options: ["count", "third"]))
          == [
            "'half' of a new latch is in its C file alone",
            "'third' of a new latch is in its Swift file alone",
          ])
    }
  }
}

/// The rule of `scripts/check` about kinds, on trees from which something was taken.
@Suite struct KindRuleTests {
  /// What the rule says of a copy of the sources that a shell has changed.
  private func complaints(after change: String) -> (text: String, status: Int32?) {
    let outcome = run(
      "/bin/sh",
      [
        "-c",
        """
        top=$(mktemp -d) && trap 'rm -rf "$top"' EXIT && cp -r "$1/Sources" "$top" && cd "$top/Sources" \
          && { \(change); } && "$1/scripts/check-kinds" "$top" 2>&1
        """, "sh", Places.repository,
      ])
    return (outcome.output, outcome.status)
  }

  @Test func aWholeTreePasses() {
    let (text, status) = complaints(after: "true")
    #expect(text == "" && status == 0)
  }

  @Test(arguments: [
    ("rm CLuaShm/Waitables/event.c", "CLuaShm/Waitables/event.c: the kind 'event' has no C file"),
    (
      "rm SharedMemory/Waitables/Event.swift",
      "SharedMemory/Waitables/Event.swift: the kind 'event' has no Swift file"
    ),
    (
      "rm CBundle/Api/api_event.lua",
      "CBundle/Api/api_event.lua: the kind 'event' has no help table"
    ),
    (
      "sed -i 's/\"event\", //' CBundle/Api/api_kinds.lua",
      "CBundle/Api/api_kinds.lua: it does not list the kind 'event'"
    ),
    (
      "sed -i '/TEXT(.api_event/d' CBundle/modules.c",
      "CBundle/modules.c: it does not embed api_event.lua"
    ),
    (
      "echo 'let type = \"semaphore\"' > LuaHost/New.swift",
      "LuaHost/New.swift:1: it knows the kind 'semaphore'; say it in the kind's files"
    ),
  ])
  func whatIsMissingIsNamed(_ change: String, _ complaint: String) {
    let (text, status) = complaints(after: change)
    #expect(text == "Sources/\(complaint)\n" && status == 1)
  }
}
