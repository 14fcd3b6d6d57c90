import Glibc
import SharedMemory
import TestSupport
import Testing

private let name = #"Wine\Local\telemetry"#

/// Scripts and commands, against a double.
@Suite struct DoubleCommandTests {
  private func moonpool(_ double: Double, _ words: String...) -> Outcome {
    run(
      Places.moonpool, words,
      environment: ["MOONPOOL_WINE": double.prefix, "MOONPOOL_SESSION": Places.unique()])
  }

  @Test func aScriptSharesItsBytes() throws {
    let double = try Double()
    let outcome = double.script(
      #"""
      local view <close> = assert(shm.open [[Wine\Local\telemetry]])
      print(view, view:read(), view:check())
      view:u32(64, 7)
      local window <close> = assert(view:map { length = 100 })
      view:close()
      print(window, window:u32(64), window:check())
      local reader <close> = assert(shm.open([[Wine\telemetry]], { access = "r", wine = "\#(double.prefix)" }))
      print(reader, reader:u32(64), select(3, reader:map { access = "rw" }))
      print(shm.open([[Wine\Local\telemetry]], { wine = "~/no/prefix" }))
      """#)
    #expect(outcome.errors == "")
    #expect(
      outcome.output == """
        view of Wine\\Local\\telemetry (8192 bytes, rw)\tfrom Windows\ttrue
        view of Wine\\Local\\telemetry (100 bytes, rw)\t7\ttrue
        view of Wine\\telemetry (8192 bytes, r)\t7\t5
        nil\topen Wine\\Local\\telemetry: ERROR_FILE_NOT_FOUND (2): no wineserver runs for the prefix \
        ~/no/prefix; start the Windows program first\t2

        """)
  }

  @Test func aReaderLeavesAndAHolderStays() throws {
    let double = try Double()
    let script = Child(
      Places.moonpool,
      [
        "-e",
        #"""
        local reader <const> = assert(shm.open([[Wine\Local\telemetry]], { access = "r" }))
        print "read" io.stdout:flush() io.read()
        local holder <const> = assert(shm.open [[Wine\Local\telemetry]])
        print "held" io.stdout:flush() io.read()
        holder:close()
        print(reader:read()) io.stdout:flush() io.read()
        """#,
      ], environment: ["MOONPOOL_WINE": double.prefix], input: .open)
    #expect(script.prints("read\n"))
    #expect(poll { double.goneClients == 1 })
    script.write("\n")
    #expect(script.prints("held\n"))
    usleep(50_000)
    #expect(double.goneClients == 1)
    script.write("\n")
    #expect(script.prints("from Windows\n"))
    #expect(poll { double.goneClients == 2 })
  }

  @Test func aWindowKeepsTheNameWhenItsViewIsClosed() throws {
    let double = try Double()
    let script = Child(
      Places.moonpool,
      [
        "-e",
        #"""
        local view = assert(shm.open [[Wine\Local\telemetry]])
        local window = view:map {}
        view:close() print "closed" io.stdout:flush() io.read()
        window:close() print "all" io.stdout:flush() io.read()
        """#,
      ], environment: ["MOONPOOL_WINE": double.prefix], input: .open)
    #expect(script.prints("closed\n"))
    #expect(double.goneClients == 0)
    script.write("\n")
    #expect(script.prints("all\n"))
    #expect(poll { double.goneClients == 1 })
  }

  /// Whoever shares the file can cut it: reading and writing go on with zeroes, and an error.
  @Test func aSectionThatIsCutWhileItIsMappedIsError999() throws {
    let double = try Double()
    let script = Child(
      Places.moonpool,
      [
        "-e",
        #"""
        local view <const> = assert(shm.open [[Wine\Local\telemetry]])
        print "open" io.stdout:flush() io.read()
        print(pcall(view.u32, view, 4096))
        print(pcall(view.write, view, "x", 8191))
        print(select(3, view:check()))
        print((shm.open [[Wine\Local\telemetry]]))
        """#,
      ], environment: ["MOONPOOL_WINE": double.prefix], input: .open)
    #expect(script.prints("open\n"))
    double.child.write("c")
    #expect(double.child.prints("cut\n"))
    script.write("\n")
    #expect(script.wait() == 0)
    let lines = script.printed.split(separator: "\n").map(String.init)
    try #require(lines.count == 5, "\(lines)")
    for line in lines[1...2] {
      #expect(line.hasPrefix("false\t") && line.contains("is gone: a process truncated its file"))
    }
    #expect(lines[3] == "999")
    // The double's section is as long as its file.
    #expect(lines[4] == #"view of Wine\Local\telemetry (4096 bytes, rw)"#)
  }

  @Test(.enabled(if: Places.haveInstalled("python3"), "python3 is not installed"))
  func aScriptPythonAndTheServerShareAnOfferedObject() throws {
    let double = try Double()
    let name = Places.unique("shared")
    let python = #"""
      import mmap, sys
      with open(sys.argv[1], "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
          print(len(memory), memory[:4].decode())
          memory[:6] = b"python"
      """#
    let outcome = double.script(
      #"""
      local view <close> = assert(shm.create("\#(name)", 300))
      view:write("ours")
      local offered <close> = assert(shm.offer(view, [[Wine\Local\ours]]))
      local program <close> = assert(io.popen(("python3 -c '%s' '%s'"):format([==[\#(python)]==],
        shm.path("\#(name)"))))
      print(program:read("a"), view:read(), offered:read())
      """#)
    #expect(outcome.output == "300 ours\n\tpython\tpython\n", "\(outcome)")
    // The server has looked into the file that it was given.
    #expect(double.child.prints("ours\n"))
  }

  @Test func holdSaysWhoKeepsTheName() throws {
    let double = try Double()
    let script = Child(
      Places.moonpool,
      [
        "-e",
        #"""
        local name = [[Wine\Local\telemetry]]
        local left <const> = assert(shm.open(name, { hold = false }))
        local made <const> = assert(shm.create([[Wine\Local\new]], 10, { hold = false }))
        print "left" io.stdout:flush() io.read()
        local held <const> = assert(shm.open(name, { access = "r", hold = true }))
        print "held" io.stdout:flush() io.read()
        """#,
      ], environment: ["MOONPOOL_WINE": double.prefix], input: .open)
    #expect(script.prints("left\n"))
    #expect(poll { double.goneClients == 2 })
    script.write("\n")
    #expect(script.prints("held\n"))
    usleep(50_000)
    #expect(double.goneClients == 2)
    script.closeInput()
    #expect(poll { double.goneClients == 3 })
  }

  @Test func aKilledHolderIsGone() throws {
    let double = try Double()
    let script = Child(
      Places.moonpool,
      [
        "-e", #"v = assert(shm.create([[Wine\new]], 10)) print "held" io.stdout:flush() io.read()"#,
      ],
      environment: ["MOONPOOL_WINE": double.prefix], input: .open)
    #expect(script.prints("held\n"))
    #expect(double.goneClients == 0)
    script.kill()
    #expect(poll { double.goneClients == 1 })
  }

  @Test func misuseRaisesAndWhatWineLacksIsError50() {
    let outcome = run(
      Places.moonpool,
      [
        "-e",
        #"""
        local view <close> = shm.create(nil, 16)
        print(pcall(shm.open, "x", { wine = "y" }))
        print(pcall(shm.create, "x", 1, { hold = false }))
        print(pcall(shm.create, [[Wine\x]], 1, { mode = "0644" }))
        print(pcall(shm.open, [[Wine\x]], { wine = 1 }))
        print(pcall(view.map, view, { wine = "y" }))
        print(pcall(shm.offer, view, [[Wine\x]], { hold = true }))
        print(pcall(shm.offer, 1, [[Wine\x]]))
        print(shm.offer(view, "x"))
        print(shm.create([[Wine\x]], 0))
        print(shm.mutex [[Wine\x]])
        print(select(3, shm.event [[Wine\x]]), select(3, shm.open_semaphore [[Wine\x]]),
          select(3, shm.unlink [[Wine\x]]), select(3, shm.path [[Wine\x]]))
        view:close()
        print(pcall(shm.offer, view, [[Wine\x]]))
        """#,
      ])
    #expect(outcome.errors == "")
    #expect(
      outcome.output == #"""
        false	bad argument #2 to 'shm.open' (option 'wine' is for names that begin with Wine\)
        false	bad argument #3 to 'shm.create' (option 'hold' is for names that begin with Wine\)
        false	bad argument #3 to 'shm.create' (option 'mode': names under Wine have none)
        false	bad argument #2 to 'shm.open' (option 'wine' must be a string)
        false	bad argument #2 to '?' (unknown option 'wine' (known: access, offset, length))
        false	bad argument #3 to 'shm.offer' (unknown option 'hold' (known: wine))
        false	bad argument #1 to 'shm.offer' (shm.view expected, got number)
        nil	offer x: ERROR_INVALID_PARAMETER (87): an object is offered to Windows programs under a name that begins with Wine\	87
        nil	create Wine\x: ERROR_INVALID_PARAMETER (87): the size must be at least 1 byte	87
        nil	create Wine\x: ERROR_NOT_SUPPORTED (50): of Wine's objects only memory is shared: under Proton's fsync and ntsync events, mutexes and semaphores are other objects of the server's, and waiting for them differs between versions	50
        50	50	50	50
        false	attempt to use a closed view (of an unnamed object)

        """#)
  }

  /// Of a listing: what is before its empty line, and behind it.
  private func parts(_ listing: String) -> (native: String, wine: String)? {
    guard let middle = listing.firstRange(of: "\n\n") else { return nil }
    return (String(listing[..<middle.lowerBound]), String(listing[middle.upperBound...]))
  }

  @Test func commandsShowWhatTheServerHas() throws {
    let double = try Double()
    let listed = moonpool(double, "ls")
    // Anybody may have objects in Global\ meanwhile; they come first.
    let (native, wine) = try #require(parts(listed.output))
    #expect(native.hasPrefix("SIZE  TYPE") && !native.contains("Local\\"), "\(native)")
    #expect(
      wine == """
        SIZE  HANDLES  PREFIX\(String(repeating: " ", count: double.prefix.count - 6))  NAME
        8192  2        \(double.prefix)  Wine\\Local\\telemetry

        """)
    let fields = """
      {"name": "Wine\\\\Local\\\\telemetry", "type": "mapping", "size": 8192, "handles": 2, \
      "prefix": "\(double.prefix)", "server": \(double.child.pid)}
      """
    #expect(moonpool(double, "ls", "--json").output.hasSuffix("\n  \(fields)\n]\n"))
    #expect(moonpool(double, "stat", "--json", name).output == fields + "\n")
    #expect(
      moonpool(double, "stat", name).output == """
        name     Wine\\Local\\telemetry
        type     mapping of Windows programs
        size     8192 bytes
        handles  2
        prefix   \(double.prefix)
        server   process \(double.child.pid)

        """)
    let dump = moonpool(double, "dump", "--length", "16", name)
    #expect(dump.output.hasPrefix("00000000  66 72 6f 6d 20 57 69 6e  64 6f 77 73"))
    let doctor = moonpool(double, "doctor")
    #expect(
      doctor.output.contains(
        "ok    a wine of unknown version serves \(double.prefix) (process \(double.child.pid)), and its requests are known"
      ))
    // Nothing of that holds the name.
    #expect(poll { double.goneClients >= 6 })
  }

  @Test func pathAndRemovalSayWhyTheyDoNothing() throws {
    let double = try Double()
    let path = moonpool(double, "path", name)
    #expect(path.status == 1)
    #expect(
      path.errors
        == "moonpool: path \(name): ERROR_NOT_SUPPORTED (50): memory under Wine has no file with a name; open it by its name\n"
    )
    #expect(
      moonpool(double, "rm", name).errors.contains("a name under Wine goes with its last handle"))
  }

  @Test func aStoppedServerIsToldAndTheRestIsListed() throws {
    let double = try Double()
    double.child.kill(SIGSTOP)
    let listed = moonpool(double, "ls")
    #expect(listed.status == 0)
    #expect(listed.output.hasPrefix("SIZE  TYPE") && !listed.output.contains("Wine"))
    #expect(listed.errors.contains("list Wine\\: ERROR_BUSY (170)"))
    let doctor = moonpool(double, "doctor")
    #expect(doctor.status == 1)
    #expect(doctor.output.contains("wrong the wineserver of \(double.prefix) (process"))
  }

  @Test func aListWithImpossibleLengthsIsTold() throws {
    let double = try Double(way: "long-list")
    let listed = moonpool(double, "ls")
    #expect(listed.errors.contains("answers get_directory_entries with lengths that cannot be"))
  }

  @Test func watchEndsWithTheName() throws {
    let double = try Double(way: "once")
    let watched = moonpool(double, "watch", "--interval", "0.01", name)
    #expect(watched.output.hasSuffix("\(name) is gone\n"), "\(watched)")
  }

  @Test func explainNamesTheRequests() throws {
    let double = try Double()
    let outcome = run(
      Places.moonpool,
      [
        "--explain", "-e", #"local v <close> = shm.open([[Wine\Local\telemetry]], {access = "r"})"#,
      ],
      environment: ["MOONPOOL_WINE": double.prefix])
    let text = outcome.output + outcome.errors
    #expect(text.contains(#"OpenFileMapping(FILE_MAP_READ, FALSE, TEXT("Local\\telemetry"))"#))
    #expect(text.contains("connect(\"/proc/\(double.child.pid)/cwd/socket\")"))
    for request in ["init_first_thread", "open_mapping", "get_mapping_info", "get_handle_fd"] {
      #expect(text.contains(", \(request), "), "\(request)")
    }
  }

  @Test func showFindsTheProgramUnderWineByItself() throws {
    let double = try Double(#"\Sessions\7\BaseNamedObjects\acpmf_physics"#)
    let listed = moonpool(double, "run", "show")
    #expect(listed.output.contains("lives under Wine\n"), "\(listed)")
    let shown = moonpool(double, "run", "show", "assetto_corsa_physics", "-n", "1")
    #expect(shown.status == 0, "\(shown)")
    #expect(shown.output.contains("km/h"))
  }

  @Test func theReadmesScriptReadsTheProgram() throws {
    let double = try Double(#"\Sessions\7\BaseNamedObjects\acpmf_physics"#)
    let block = try #require(ReadmeBlock.all.first { $0.file == "speed.lua" })
    let outcome = double.script("\n" + block.text)
    #expect(outcome.errors == "")
    #expect(outcome.output.hasSuffix("\ntrue\n"), "\(outcome)")
  }
}
