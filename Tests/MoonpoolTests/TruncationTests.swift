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

  @Test(arguments: ["x", "/\(Places.unique("truncated"))"])
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

  @Test func aTruncatedObjectIsAnErrorOfTypedAccess() {
    let script = #"""
      local v = assert(shm.create("x", 1 << 20))
      local other = assert(shm.create("other", 4096))
      local views = {} -- each call must find out by itself
      for place = 1, 40 do views[place] = assert(v:map()) end
      WAIT
      local function lost(word, name, call)
        local view = assert(table.remove(views))
        local well, message = pcall(call, view)
        assert(not well and message:find(word .. ": the memory of " .. name .. " is gone: a process "
          .. "truncated its file", 1, true), message)
      end
      for _, type in ipairs{"u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64"} do
        lost(type, "x", function(view) return view[type](view, 8) end)
        lost(type, "x", function(view) return view[type](view, 4097, 1) end)
      end
      for _, text in ipairs{"text", "utf16", "utf32"} do
        lost(text, "x", function(view) return view[text](view, 9) end)
        lost(text, "x", function(view) return view[text](view, 9, "text") end)
      end
      lost("pack", "x", function(view) return view:pack("<I4", 5, 7) end)
      lost("unpack", "x", function(view) return view:unpack("<I4 z s1", 5) end)
      lost("fill", "x", function(view) return view:fill(7, 4090, 10) end)
      lost("copy", "x", function(view) return view:copy(0, other) end)
      lost("copy", "x", function(view) return other:copy(0, view, 70000, 9) end)
      lost("find", "x", function(view) return view:find("none") end)
      lost("hex", "x", function(view) return view:hex(4000, 200) end)
      assert(other:u32(8, 7):u32(8) == 7 and other:check())
      print("fine")
      """#
    expectFine(script) { #expect(truncate($0, 0) == 0) }
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
    var stranger: Int32 = -1
    defer { close(stranger) }
    expectFine(script) { path in
      file = path
      if byRenaming {
        #expect(rename(path, path + ".away") == 0)
      } else {
        #expect(unlink(path) == 0)
      }
      stranger = creat(path, 0o600)
      #expect(write(stranger, "a stranger", 10) == 10)
      // It counts as living: another test's `list` sweeps dead names out of all sessions.
      var life = flock()
      life.l_type = Int16(F_WRLCK)
      life.l_start = 0x7000_0000_0000_0001
      life.l_len = 1
      #expect(fcntl(stranger, 37, &life) == 0)  // F_OFD_SETLK
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
