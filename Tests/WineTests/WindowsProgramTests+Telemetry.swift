import Glibc
import SharedMemory
import TestSupport
import Testing
import Wine

/// What people want it for: a game's memory, in scripts and in other native programs.
extension WindowsProgramTests {
  private static let python = #"""
    import mmap, os, sys
    path, text = sys.argv[1:]
    if path.isdigit():  # a process that has the section open, whose file has no name any more
        folder = f"/proc/{path}/fd"
        links = {name: os.readlink(f"{folder}/{name}") for name in os.listdir(folder)}
        path = next(f"{folder}/{name}" for name, link in links.items() if "tmpmap-" in link)
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        print(memory[:].split(b"\0")[0].decode())
        memory[: len(text) + 1] = text.encode() + b"\0"
    """#

  func aScriptPythonAndTheGameShareMemory(_ machine: WineMachine) {
    let game = Agent(machine)
    let name = Places.unique("shared")
    let script = machine.startMoonpool(
      #"""
      local view <close> = assert(shm.create("\#(name)", 4096))
      view:write("from Lua")
      local offered <close> = assert(shm.offer(view, [[Wine\Local\shared]]))
      print(shm.path("\#(name)")) io.stdout:flush() io.read()
      print(view:read()) io.stdout:flush() io.read()
      """#)
    #expect(script.prints("\n"))
    let path = String(script.printed.dropLast())
    #expect(game.ask(#"open Local\shared"#) == "ok")
    #expect(game.ask("read") == "from Lua")
    #expect(game.ask("write from-Windows") == "ok")
    #expect(run("python3", ["-c", Self.python, path, "from Python"]).output == "from-Windows\n")
    #expect(game.ask("read") == "from Python")
    script.write("\n")
    #expect(script.prints("from Python\n"))
    #expect(game.ask("close") == "ok")

    // The game's own section, by a script that has it open.
    #expect(game.ask(#"create Local\own 100"#) == "ok")
    #expect(game.ask("write from-Windows") == "ok")
    let reader = machine.startMoonpool(
      #"v = assert(shm.open [[Wine\Local\own]]) print "open" io.stdout:flush() io.read()"#)
    #expect(reader.prints("open\n"))
    let outcome = run("python3", ["-c", Self.python, "\(reader.pid)", "from Python"])
    #expect(outcome.output == "from-Windows\n", "\(outcome)")
    #expect(game.ask("read") == "from Python")
    game.end()
  }

  /// The commands and the script of the README, beside a program that publishes as the game does.
  func theReadmesTutorialIsTrue(_ machine: WineMachine) throws {
    let game = machine.start("telemetry", input: .open)
    #expect(game.prints("drives"))
    let block = try #require(ReadmeBlock.all.first { $0.file == "speed.lua" })
    let commands = ["moonpool ls", "moonpool run show assetto_corsa_physics"]
    let readme = ReadmeBlock.lines.joined(separator: "\n")
    #expect(commands.allSatisfy { readme.contains("`\($0)`") })
    let environment = ["MOONPOOL_WINE": machine.prefix, "MOONPOOL": Places.moonpool]
    let once = """
      moonpool() { case $1 in run) "$MOONPOOL" "$@" -n 1 ;; *) "$MOONPOOL" "$@" ;; esac; }

      """
    let shell = run(
      "/bin/sh", ["-c", once + commands.joined(separator: "\n")], environment: environment)
    #expect(shell.errors == "")
    #expect(shell.output.contains("  \(machine.prefix)  Wine\\Local\\acpmf_physics\n"), "\(shell)")
    #expect(
      shell.output.hasSuffix(
        "\nstep 42  123.5 km/h  gear 3  6500 rpm  gas 1.00  brake 0.00  fuel 40.0\n"), "\(shell)")
    let script = run(
      Places.moonpool, ["-e", "\n" + block.text + "print(car.packetId)"],
      environment: environment)
    #expect(script.output == "123.5\t3\t6500\ntrue\n42\n", "\(script)")

    // The game ends, which the script notices.
    let watcher = Child(
      Places.moonpool, ["run", "show", "assetto_corsa_physics", "--every", "0.1"],
      environment: environment)
    #expect(watcher.prints("123.5 km/h"))
    game.closeInput()
    #expect(watcher.wait() == 0)
    #expect(watcher.printed.hasSuffix("acpmf_physics is gone: its program has ended\n"))
  }
}
