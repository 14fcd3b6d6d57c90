import Glibc
import TestSupport
import Testing

/// A folder of the test's own, with what scripts/share writes from the binary under test.
struct Share: ~Copyable {
  let folder: String
  let outcome: Outcome

  init() {
    var template = Array("/tmp/moonpool-share-XXXXXX".utf8CString)
    folder = mkdtemp(&template).map { String(cString: $0) } ?? "/nowhere"
    outcome = run("\(Places.scripts)/share", [Places.moonpool, folder])
  }

  deinit { _ = run("/bin/rm", ["-rf", folder]) }

  var manual: String { "\(folder)/man/man1/moonpool.1" }
  var bash: String { "\(folder)/bash-completion/completions/moonpool" }
  var zsh: String { "\(folder)/zsh/site-functions/_moonpool" }
  var fish: String { "\(folder)/fish/vendor_completions.d/moonpool.fish" }
}

@Suite struct ManualTests {
  private static let functions = [
    "shm.create(name, size [, options]) → view, existed", "shm.open(name [, options]) → view",
    "shm.unlink(\"/name\") → true", "shm.path(name) → path", "view:write(data [, offset]) → view",
    "view:read([length [, offset]]) → data", "view:close() → true [, warning]",
    "view:map{offset=, length=, access=} → view", "view:check() → true",
    "view:size(), #view → bytes", "view:name() → name", "view:access() → access",
    "tostring(view) → text", "console.getch() → key", "console.message_box(text [, title])",
  ]

  @Test(.enabled(if: Places.haveInstalled("groff"), "groff is not installed"))
  func thePageHasEveryFunctionAndFormatsWithoutWarnings() {
    let page = moonpool("manual", session: Places.unique())
    let shown = run("groff", ["-ww", "-Tutf8", "-man", "-P-cbou"], input: .text(page.output))
    #expect(shown.errors == "")
    let lines = shown.output.split(separator: "\n").map { $0.drop { $0 == " " } }
    for function in Self.functions {
      #expect(lines.contains { $0 == function }, "\(function)")
    }
    for line in lines { #expect(!line.contains("`")) }
  }

  @Test(.enabled(if: Places.haveInstalled("man"), "man is not installed"))
  func manHasNothingToSayAgainstIt() {
    let share = Share()
    let shown = run(
      "man", ["--warnings", "-l", share.manual],
      environment: ["LC_ALL": "C.UTF-8", "MANPAGER": "cat", "MANWIDTH": "80"])
    #expect(shown.errors == "")
    #expect(shown.output.contains("moonpool - named shared memory that you can script"))
  }

  /// The page's list of commands has the words that the parser prints.
  @Test func itsCommandsAreThoseOfTheBinary() throws {
    let help = moonpool("--help", session: Places.unique()).output
    let list = try #require(help.split(separator: "--help tells more:\n").last)
      .split(separator: "\n\n")[0]
    let page = Self.plain(moonpool("manual", session: Places.unique()).output)
    let section = try #require(page.split(separator: ".SH COMMANDS\n").last)
    let commands = section.prefix { $0 != "\0" }.split(separator: ".SH ")[0]
    var names: [String] = []
    for line in list.split(separator: "\n") where line.hasPrefix("  ") && !line.hasPrefix("   ") {
      names.append(String(line.split(separator: " ")[0]))
    }
    #expect(names.count >= 13)
    let titles = commands.split(separator: ".TP\n").map { item in
      item.dropFirst(3).prefix { $0 != " " && $0 != "\\" }
    }
    #expect(titles.map(String.init) == names)
    for name in names {
      let abstract = moonpool(name, "--help", session: Places.unique()).output
        .split(separator: "\n")[0].split(separator: "OVERVIEW: ")[0]
      #expect(commands.contains(abstract), "\(name): \(abstract)")
    }
  }

  /// Roff's text without its escapes.
  private static func plain(_ page: String) -> String {
    var text = ""
    var rest = page[...]
    while let backslash = rest.firstIndex(of: "\\") {
      text += rest[..<backslash]
      rest = rest[backslash...]
      if rest.hasPrefix("\\-") {
        text += "-"
        rest = rest.dropFirst(2)
      } else {
        text += "\\"
        rest = rest.dropFirst()
      }
    }
    return text + rest
  }
}
