import Glibc
import TestSupport
import Testing

/// The test is the peer: it does to a script's object what other programs do.
@Suite struct TruncationTests {
  /// Starts the script, does `fault` to the object's file, and lets the script go on.
  private func expectFine(
    _ script: String, object: String = "x", _ location: SourceLocation = #_sourceLocation,
    _ fault: (String) -> Void
  ) {
    let wait = "print((shm.path('\(object)'))) io.stdout:flush() io.read()"
    let child = Child(
      Places.moonpool, ["-e", script.replacing("WAIT", with: wait)],
      environment: ["MOONPOOL_SESSION": Places.unique()], input: .open)
    #expect(child.prints("\n"), "\(child.complained)", sourceLocation: location)
    fault(String(child.printed.prefix { $0 != "\n" }))
    child.write("\n")
    #expect(child.wait() == 0, "\(child.complained)", sourceLocation: location)
    #expect(child.printed.hasSuffix("fine\n"), sourceLocation: location)
  }

  @Test(arguments: ["x", "/truncated-\(getpid())"])
  func aTruncatedObjectIsAnErrorOfItsViewsOnly(object: String) {
    let script = #"""
      local v = assert(shm.create("\#(object)", 1 << 20))
      local reader, copy = v:map{access = "r"}, v:map{access = "copy"}
      local far = v:map{offset = 65536}
      local other = assert(shm.create("other", 4096))
      copy:write("private")
      WAIT
      for _, call in ipairs{
        function() return v:write("text") end, function() return v:read(100) end,
        function() return v:read() end, function() return v:read(1 << 20) end,
        function() return v:write(("x"):rep(1 << 20)) end,
        function() return reader:read(9) end, function() return reader:read() end,
        function() return far:read() end,
        function() return copy:read(9, 500000) end, function() return copy:write("c", 600000) end,
      } do
        local well, message = pcall(call)
        assert(not well and message:find("a process truncated its file", 1, true), message)
      end
      for _, view in ipairs{v, reader, copy, far} do
        local well, message, code = view:check()
        assert(well == nil and code == 999 and message:find("ERROR_SWAPERROR (999)", 1, true))
      end
      assert(copy:size() == 1 << 20)
      assert(other:write("works"):read() == "works" and other:check())
      for _, view in ipairs{v, reader, copy, far} do assert(view:close()) end
      if "\#(object)" ~= "x" then assert(shm.unlink("\#(object)")) end
      local again, existed = assert(shm.create("\#(object)", 100))
      assert(not existed and again:write("new"):read() == "new" and again:check())
      if "\#(object)" ~= "x" then assert(shm.unlink("\#(object)")) end
      print("fine")
      """#
    expectFine(script, object: object) { #expect(truncate($0, 0) == 0) }
  }

  /// The file shrinks and grows while it is read and written.
  @Test func truncationInTheMidstOfAccessesKillsNobody() {
    let script = #"""
      local size <const> = 1 << 18
      local other = assert(shm.create("other", size))
      local v = assert(shm.create("x", size))
      local data, lost, rounds = ("x"):rep(size), 0, 0
      WAIT
      repeat
        rounds = rounds + 1
        local view <close> = v:map()
        local well, message = pcall(function()
          for i = 1, 20 do view:write(data); view:read(size); view:read() end
        end)
        if not well then
          assert(message:find("a process truncated its file", 1, true), message)
          lost = lost + 1
        end
        assert(#other:write(data):read(size) == size)
      until lost >= 20
      print("fine")
      """#
    let child = Child(
      Places.moonpool,
      ["-e", script.replacing("WAIT", with: "print(shm.path('x')) io.stdout:flush()")],
      environment: ["MOONPOOL_SESSION": Places.unique()])
    #expect(child.prints("\n"))
    let path = String(child.printed.prefix { $0 != "\n" })
    let ended = poll(within: 60) {
      truncate(path, 4096)
      truncate(path, 1 << 18)
      return child.printed.hasSuffix("fine\n") || access(path, F_OK) != 0
    }
    #expect(ended)
    #expect(child.wait() == 0, "\(child.complained)")
    #expect(child.printed.hasSuffix("fine\n"))
  }

  /// What a script must see when its object's name was taken from it.
  private static let bereft = #"""
    warn("@on")
    local v = assert(shm.create("x", 64)); v:write("kept")
    assert(v:check())
    WAIT
    local well, message, code = v:check()
    assert(well == nil and code == 2, message)
    assert(message:find("another program removed the name although it was held", 1, true))
    assert(v:read() == "kept")
    local closed, why = v:close()
    assert(closed == true and why:find("another program removed the name", 1, true), why)
    CLOSED
    print("fine")
    """#

  @Test func aRemovedNameIsNoticedAndSaid() {
    let script = Self.bereft.replacing("CLOSED", with: "assert(not shm.open('x'))")
    expectFine(script) { #expect(unlink($0) == 0) }
  }

  /// The name means another file, which is none of ours: our last close leaves it alone.
  @Test(arguments: [false, true])
  func aStrangersFileUnderTheNameIsNotRemoved(byRenaming: Bool) {
    let script = Self.bereft.replacing(
      "CLOSED", with: "assert(io.open((shm.path('x'))):read('a') == 'a stranger')")
    var file = ""
    expectFine(script) { path in
      file = path
      if byRenaming {
        #expect(rename(path, path + ".away") == 0)
      } else {
        #expect(unlink(path) == 0)
      }
      let stranger = creat(path, 0o600)
      #expect(write(stranger, "a stranger", 10) == 10)
      close(stranger)
    }
    // The stranger's files are ours to remove.
    unlink(file)
    unlink(file + ".away")
    #expect(rmdir(String(file.dropLast(2))) == 0)
  }

  @Test func theWarningOfAClosePrintsWhatHappened() {
    let session = Places.unique()
    let script = #"""
      warn("@on")
      do local v <close> = assert(shm.create("x", 64)); os.remove((shm.path("x"))) end
      shm.create("y", 64); os.remove((shm.path("y"))); collectgarbage()
      """#
    let outcome = moonpool("-e", script, session: session)
    #expect(outcome.status == 0)
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 2)
    for (line, name) in zip(lines, ["x", "y"]) {
      #expect(
        line.hasPrefix("Lua warning: close \(name): ERROR_FILE_NOT_FOUND (2): another program"))
    }
  }
}
