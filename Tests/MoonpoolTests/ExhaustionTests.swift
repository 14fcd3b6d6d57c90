import Glibc
import TestSupport
import Testing

/// Descriptors or memory run out although what holds them is garbage: the collector is asked, once.
@Suite struct WhatIsGarbage {
  /// Runs a script that may have few descriptors.
  private func expectFine(
    _ script: String, _ limit: String = "ulimit -n 48",
    _ location: SourceLocation = #_sourceLocation
  ) {
    let outcome = run(
      "/bin/sh",
      ["-c", "\(limit) && exec \"$0\" -e \"$1\"", Places.moonpool, script],
      environment: ["MOONPOOL_SESSION": Places.unique("garbage")])
    #expect(outcome.errors == "", sourceLocation: location)
    #expect(outcome.output == "fine\n", sourceLocation: location)
  }

  @Test(arguments: [
    #"shm.create("x" .. i, 8)"#, #"shm.create(nil, 8)"#,
    #"shm.create("/\#(Places.unique("g"))", 8)"#,
    #"shm.open("kept")"#, #"shm.open("kept", {access = "r"})"#, "kept:map()",
    #"kept:map{access = "r"}"#, #"shm.event("e" .. i)"#, #"shm.mutex("m" .. i)"#,
    #"shm.semaphore("s" .. i, 1, 1)"#, #"shm.open_event("bell")"#, #"shm.open_mutex("key")"#,
    #"shm.open_semaphore("seats")"#,
  ])
  func givesItsDescriptorsBack(call: String) {
    expectFine(
      """
      collectgarbage("stop")
      kept = assert(shm.create("kept", 8)) bell = assert(shm.event("bell"))
      key = assert(shm.mutex("key")) seats = assert(shm.semaphore("seats", 1, 1))
      for i = 1, 200 do assert(\(call)) end
      pcall(shm.unlink, "/\(call.split(separator: "\"").first { $0.hasPrefix("/") }?.dropFirst() ?? "none")")
      print("fine")
      """)
  }

  /// A first lock takes a descriptor of its own.
  @Test(arguments: ["m:lock(0)", "m:try()", "shm.wait({m}, {timeout = 0})"])
  func letsALockTakeItsPlace(call: String) {
    expectFine(
      """
      collectgarbage("stop")
      m = assert(shm.mutex("m"))
      repeat local file = io.open("/dev/null") until not file
      assert(\(call))
      print("fine")
      """)
  }

  @Test func givesItsAddressesBack() {
    expectFine(
      """
      collectgarbage("stop")
      kept = assert(shm.create("kept", 64 << 20, {reserve = true}))
      for i = 1, 100 do assert(kept:map()) end
      print("fine")
      """, "ulimit -v 700000")
  }

  /// A finalizer that reaches the userdata that is being made, as the debug library can, ends it.
  @Test func mayNotEndWhatIsBeingMade() {
    expectFine(
      #"""
      local view = assert(shm.create("view", 8))
      local event = assert(shm.event("event"))
      local function finish_what_is_made()
        for index = 1, 10 do
          local name, value = debug.getlocal(2, index)
          if not name then return end
          if type(value) == "userdata" then debug.getmetatable(value).__gc(value) end
        end
      end
      local files = {}
      for i = 1, 100 do files[#files + 1] = io.open("/dev/null") end
      for _, call in ipairs { { "create", "new", 8 }, { "open", "view" }, { "event", "new" },
                              { "open_event", "event" } } do
        collectgarbage("stop")
        setmetatable({}, { __gc = finish_what_is_made })
        local made, message, code = shm[call[1]](table.unpack(call, 2))
        assert(made == nil and code == 6, message)
        assert(message == call[1] .. ": it was closed while it was made", message)
      end
      print("fine")
      """#)
  }

  /// What is in use is not, and the refusal is the usual one.
  @Test func isNotWhatIsInUse() {
    expectFine(
      #"""
      collectgarbage("stop")
      local all, collections = {}, 0
      local function count()
        setmetatable({}, {__gc = function() collections = collections + 1 count() end})
      end
      count()
      local v, message, code
      repeat
        v, message, code = shm.create("x" .. #all, 8)
        all[#all + 1] = v
      until not v
      assert(code == 4, message)
      assert(message:find("ERROR_TOO_MANY_OPEN_FILES (4, EMFILE)", 1, true), message)
      assert(collections == 1 and #all > 10)
      for _, view in ipairs(all) do assert(view:close()) end
      print("fine")
      """#)
  }

  /// A view that a finalizer closes while it is being mapped again is a closed one.
  @Test func mayIncludeTheViewInUse() {
    expectFine(
      #"""
      collectgarbage("stop")
      kept = assert(shm.create("kept", 64 << 20, {reserve = true}))
      setmetatable({}, {__gc = function() kept:close() end})
      local all = {}
      local well, message
      repeat
        well, message = pcall(kept.map, kept)
        if well then all[#all + 1] = message end
      until not well
      assert(message:find("closed view"), message)
      print("fine")
      """#, "ulimit -v 700000")
  }
}
