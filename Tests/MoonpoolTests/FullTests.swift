import Glibc
import TestSupport
import Testing

/// A `/dev/shm` of 64 KiB, in a mount namespace of its own.
private enum SmallMemory {
  private static let mount = "mount -t tmpfs -o size=64k,mode=1777 none /dev/shm"

  static let isPermitted = shell("touch /dev/shm/x").status == 0

  /// Runs a script where `/dev/shm` is small.
  static func moonpool(_ script: String) -> Outcome {
    shell("exec \"$0\" -e \"$1\"", Places.moonpool, script)
  }

  private static func shell(_ command: String, _ arguments: String...) -> Outcome {
    run(
      "env",
      ["unshare", geteuid() == 0 ? "-m" : "-rm", "sh", "-c", "\(mount) && \(command)"]
        + arguments, environment: ["MOONPOOL_SESSION": Places.unique()])
  }
}

@Suite(.enabled(if: SmallMemory.isPermitted, "mount namespaces are not permitted here (unshare)"))
struct FullTests {
  private func expectFine(_ script: String, _ location: SourceLocation = #_sourceLocation) {
    let outcome = SmallMemory.moonpool(script)
    #expect(outcome.errors == "", sourceLocation: location)
    #expect(outcome.output == "fine\n", sourceLocation: location)
    #expect(outcome.status == 0, sourceLocation: location)
  }

  @Test(arguments: ["x", "Global\\\\x", "/x"])
  func anObjectThatDoesNotFitIsError1455(name: String) {
    expectFine(
      #"""
      local v, message, code = shm.create("\#(name)", 1048576)
      assert(v == nil and code == 1455, code)
      assert(message:find("ERROR_COMMITMENT_LIMIT (1455, ENOSPC)", 1, true), message)
      assert(message:find("1048576 bytes are needed, 65536 of 65536 bytes are free", 1, true), message)
      v, message, code = shm.open("\#(name)")
      assert(v == nil and code == 2, message)
      print("fine")
      """#)
  }

  @Test(arguments: ["", "/"])
  func whatIsClosedIsFreeAgain(prefix: String) {
    expectFine(
      #"""
      local held, message, code = {}
      while true do
        local v
        v, message, code = shm.create("\#(prefix)o" .. #held, 16384)
        if not v then break end
        v:write(("x"):rep(16384))
        held[#held + 1] = v
      end
      assert(#held == 4 and code == 1455, #held)
      assert(message:find("16384 bytes are needed, 0 of 65536 bytes are free", 1, true), message)
      held[2]:close()
      if "\#(prefix)" == "/" then assert(shm.unlink("/o1")) end
      held[2] = assert(shm.create("\#(prefix)again", 16384))
      assert(held[2]:read(16384) == ("\0"):rep(16384))
      for i, v in ipairs(held) do if i ~= 2 then assert(v:read() == ("x"):rep(16384)) end end
      print("fine")
      """#)
  }

  /// What a script has dropped without closing it is given back before an error is.
  @Test(arguments: [#""x" .. i"#, "nil", #"i % 2 == 0 and "x" .. i or nil"#])
  func whatIsGarbageIsFreeAgain(name: String) {
    expectFine(
      #"""
      collectgarbage("stop")
      for i = 1, 20 do assert(shm.create(\#(name), 16384)):write("used") end
      local kept = {}
      for i = 21, 24 do kept[i] = assert(shm.create(\#(name), 16384)) end
      local v, message, code = shm.create("more", 16384)
      assert(v == nil and code == 1455, message)
      print("fine")
      """#)
  }

  /// Without a name, too: memory that nothing limits would end in the kernel's killing.
  @Test func anObjectWithoutANameNeedsRoomThere() {
    expectFine(
      #"""
      local full = assert(shm.create("x", 65536))
      local v, message, code = shm.create(nil, 4096)
      assert(not v and code == 1455, message)
      assert(message:find("4096 bytes are needed, 0 of 65536 bytes are free", 1, true), message)
      full:close()
      local v = assert(shm.create(nil, 4096))
      assert(v:write(("x"):rep(4096)):read() == ("x"):rep(4096))
      print("fine")
      """#)
  }

  /// The holder is killed after our first look, so that no sweep is due when memory is short.
  @Test(arguments: ["x", "/x"])
  func theMemoryOfTheDeadIsReclaimed(name: String) {
    expectFine(
      #"""
      local first = assert(shm.create("first", 1))
      local holder = io.popen(
        [[exec "\#(Places.moonpool)" -e 'v = assert(shm.create("dead", 40000)) v:write("dead")
          local file = io.open("/dev/shm/pid", "w")
          file:write(io.open("/proc/self/stat"):read("n"), "\n") file:close()
          io.read()']], "w")
      local pid
      repeat
        local file = io.open("/dev/shm/pid")
        pid = file and file:read("L")
      until pid and pid:find("\n")
      assert(shm.open("dead")):close()
      os.execute("kill -9 " .. pid)
      holder:close()
      local v = assert(shm.create("\#(name)", 40000))
      assert(v:read(40000) == ("\0"):rep(40000))
      local gone, message, code = shm.open("dead")
      assert(gone == nil and code == 2, message)
      print("fine")
      """#)
  }

  @Test(arguments: ["x", "/x"])
  func aReservedObjectIsLostWhereThereIsNoRoom(name: String) {
    expectFine(
      #"""
      local other = assert(shm.create("other", 4096))
      local v = assert(shm.create("\#(name)", 1048576, {reserve = true}))
      assert(#v == 1048576 and v:check())
      v:write("it fits")
      local well, message = pcall(v.write, v, ("x"):rep(1048576))
      assert(not well and message:find("the memory of \#(name) is gone", 1, true), message)
      assert(message:find("could not be committed", 1, true), message)
      local checked, why, code = v:check()
      assert(checked == nil and code == 999, why)
      assert(not pcall(v.read, v, 1048576))
      assert(other:write("works"):read() == "works" and other:check())
      assert(v:close())
      if "\#(name)" == "/x" then assert(shm.unlink("/x")) end
      assert(shm.create("again", 32768)):write(("x"):rep(32768))
      print("fine")
      """#)
  }
}
