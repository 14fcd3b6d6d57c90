import TestSupport
import Testing

/// The program's own allocator: freed blocks are kept, and not too many.
@Suite struct KeptMemoryTests {
  private func kibibytes(_ script: String) -> [Int] {
    let outcome = moonpool(
      "-e",
      """
      local function anonymous()
        for line in io.lines("/proc/self/status") do
          local size = line:match("RssAnon:%s*(%d+)")
          if size then print(size) end
        end
      end
      """ + "\n" + script, session: Places.unique("kept"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output.split(separator: "\n").compactMap { Int($0) }
  }

  @Test func ofDroppedStringsAtMostAFewStayInMemory() {
    let sizes = kibibytes(
      """
      collectgarbage() anonymous()
      local all = {}
      for place = 1, 100 do all[place] = string.rep("x", 1 << 20) end
      anonymous()
      all = nil
      collectgarbage() anonymous()
      """)
    #expect(sizes.count == 3)
    #expect(sizes[1] > sizes[0] + 100 * 1024)
    #expect(sizes[2] < sizes[0] + 20 * 1024)
    #expect(sizes[2] > sizes[0] + 10 * 1024, "what is kept is there for the next")
  }

  @Test func hugeBlocksGoBackAtOnce() {
    let sizes = kibibytes(
      """
      collectgarbage() anonymous()
      local text = string.rep("x", 100 << 20)
      text = nil
      collectgarbage() anonymous()
      """)
    #expect(sizes.count == 2)
    #expect(sizes[1] < sizes[0] + 1024)
  }

  @Test func blocksOfEverySizeKeepTheirBytes() {
    let outcome = moonpool(
      "-e",
      """
      local sizes = {}
      for _, base in ipairs { 1024, 1536, 4096, 9216, 131072, 1 << 20, 16 << 20 } do
        for delta = -1, 1 do sizes[#sizes + 1] = base - 24 + delta sizes[#sizes + 1] = base + delta end
      end
      for round = 1, 6 do
        local held = {}
        for place, size in ipairs(sizes) do
          held[place] = string.char(64 + (place + round) % 50):rep(size)
        end
        for place, size in ipairs(sizes) do
          local letter = string.char(64 + (place + round) % 50)
          assert(#held[place] == size and not held[place]:find("[^" .. letter:gsub("%W", "%%%0") .. "]"))
          if place % 3 == round % 3 then held[place] = nil end
        end
        if round % 2 == 0 then collectgarbage() end
      end
      -- Tables and buffers grow, and shrink, through all sizes.
      local list = {}
      for place = 1, 200000 do list[place] = place end
      for place = 1, 200000 do assert(list[place] == place) end
      local text = table.concat(list, ",")
      assert(text:sub(-7) == ",200000" and select(2, text:gsub(",", "")) == 199999)
      for place = 200000, 3, -1 do list[place] = nil end
      collectgarbage()
      list.x = 1
      assert(list[1] == 1 and list[2] == 2)
      """, session: Places.unique("kept"))
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func aFunctionOfTheModuleThatIsMissingGetsAHint() {
    let outcome = moonpool("-e", "print(shm.crate) shm.crate('x')", session: Places.unique("kept"))
    #expect(outcome.output == "nil\n")
    #expect(
      outcome.errors.contains(
        "attempt to call a nil value (field 'crate')\ndid you mean shm.create?\n"))
    for (made, called, meant) in [
      ("shm.semaphore(nil, 0, 1)", "wait", "semaphore:acquire"),
      ("shm.mutex(nil)", "release", "mutex:unlock"), ("shm.event(nil)", "signal", "event:set"),
      ("shm.queue(nil, 1)", "done", "job:done"), ("shm.create(nil, 8)", "set", "view:write"),
      ("shm.create(nil, 8):atomic(0)", "inc", "cell:add"),
    ] {
      let other = moonpool("-e", "\(made):\(called)()", session: Places.unique("kept"))
      #expect(other.errors.contains("did you mean \(meant)?\n"), "\(other.errors)")
    }
    for script in ["({}).crate('x')", "shm.frobnicate()", "local _ = shm.opne; ({}).crate()"] {
      let other = moonpool("-e", script, session: Places.unique("kept"))
      #expect(other.errors.contains("attempt to call a nil value"))
      #expect(!other.errors.contains("did you mean"))
    }
  }

  @Test func hyphenHIsHelp() {
    let session = Places.unique("kept")
    #expect(moonpool("-h", session: session).output == moonpool("--help", session: session).output)
    #expect(moonpool("-h", "x", session: session).status == 1)
  }
}
