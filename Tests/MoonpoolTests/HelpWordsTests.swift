import TestSupport
import Testing

/// What help, the commands and errors say of words that people try.
@Suite struct HelpWordsTests {
  /// Prints what the chunk gives of `help`, from the sources of the binary's texts.
  private func printed(_ chunk: String) -> String {
    let script = """
      table.insert(package.searchers, 2, function(name)
        local part = name:match("^moonpool%.([%w_]+)$")
        return part and loadfile("\(Places.repository)/Sources/CBundle/Api/" .. part .. ".lua")
      end)
      local help = require "moonpool.help"
      io.write(\(chunk))
      """
    let outcome = moonpool("-e", script, session: Places.unique("words"))
    return outcome.output + outcome.errors
  }

  private func helped(_ word: String) -> String { printed("help.text('\(word)', 76)") }

  @Test func wordsOfScenariosAreListedBehindTheirDot() {
    let fault = helped("fault")
    #expect(
      fault.hasPrefix(
        """
        fault.kill(actor, when)
            SIGKILL, for real and once
        fault.freeze(actor, when)
        """))
    #expect(fault.contains("fault.full(when)"))
    let expect = helped("expect")
    #expect(expect.hasPrefix("expect(condition, message) → condition\n\nHere and now:"))
    #expect(
      expect.contains(
        """
        a machine") end)

        expect.equal(got, wanted [, what]) → got
            as expect, and says both values
        expect.output(actor, text)
        """))
    #expect(!helped("expect.equal").contains("expect.output(actor"))
  }

  @Test func commandsAreFoundByName() {
    #expect(
      helped("dump") == """
        moonpool dump [--layout L [--type T]|--raw] [--offset N] [--length N] NAME

        Show an object's bytes, or the fields of a FILE.h or a known layout, or copy
        them. In a shell: moonpool dump --help tells the rest.
        """)
    #expect(
      helped("play").hasPrefix(
        "moonpool play [--times N] [--seed N] [--sweep] [--kill ACTOR:N] FILE…\n"))
    #expect(helped("wacth").hasPrefix("no help for 'wacth'; near: "))
    #expect(helped("wacth").contains("watch"))
    #expect(helped("write").hasPrefix("view:write("), "a function comes first")
    for word in ["conductor", "verdict"] { #expect(helped(word) == helped("scenarios")) }
    for word in ["fault", "expect", "play", "conductor"] {
      #expect(printed("tostring(help.knows('\(word)'))") == "true", "\(word)")
    }
    #expect(printed("tostring(help.knows('nothing'))") == "false")
  }

  @Test func codesSayWhatTheyMeanForAProcess() {
    #expect(
      helped("shm.process").contains(
        """
             4  no descriptors left; a process takes one (ulimit -n)
             8  no memory left
            50  the kernel has no pidfd_open, or a sandbox forbids it
            87  no process has the number, or it has ended
        """))
  }

  @Test func theCommandsNameKill() {
    let outcome = moonpool("-h", session: Places.unique("words"))
    #expect(
      outcome.output.contains("  play [--times N] [--seed N] [--sweep] [--kill ACTOR:N] FILE…\n"))
  }

  @Test func aLayoutThatIsNotKnownNamesThoseThatAre() throws {
    let session = Places.unique("words")
    let script = """
      local view <close> = shm.create("v", 64)
      os.execute("\(Places.moonpool) dump --layout dbwn v 2>&1")
      """
    let outcome = moonpool("-e", script, session: session)
    #expect(
      outcome.output.hasPrefix(
        "moonpool: no layout is named 'dbwn'; near: dbwin; there are afterburner, afterburner_entry, "
      ),
      "\(outcome.output)")
    #expect(
      outcome.output.hasSuffix(", rtss_osd; a header has a dot or a slash, such as ./FILE.h\n"))
  }

  @Test func anErrorAtTheEndOfAFileHasNoCaret() {
    let file = "/tmp/\(Places.unique("words")).h"
    let script = """
      local header <close> = io.open("\(file)", "w")
      header:write("struct wheel { int a; };\\n"):close()
      local view <close> = shm.create("v", 64)
      os.execute("\(Places.moonpool) dump --layout \(file) --type Nope v 2>&1")
      os.remove("\(file)")
      """
    let outcome = moonpool("-e", script, session: Places.unique("words"))
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines.first?.hasSuffix("line 2, column 1: no type is named 'Nope'; it has: wheel") == true,
      "\(outcome.output)")
    #expect(!outcome.output.contains("^"))
  }

  @Test func callsThatDifferInTheirNumbersAreCounted() {
    let outcome = moonpool(
      "--explain", "-e", "local v <close> = shm.create('v', 64) assert(shm.holders('v'))",
      session: Places.unique("words"))
    let text = outcome.output + outcome.errors
    let calls = text.split(separator: "\n").filter {
      $0.contains(#""/proc/"#) && $0.contains("/fd\"")
    }
    #expect(calls.count < 30, "\(text.prefix(3000))")
    #expect(text.contains(" more of these: openat(AT_FDCWD, \"/proc/"))
    #expect(text.split(separator: "\n").count < 150)
  }
}
