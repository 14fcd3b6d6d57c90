import Glibc
import TestSupport
import Testing

/// The README is run as a person runs it: each block in its order, in one folder, each `text` block
/// compared with what the block above it has printed.
///
/// A block whose first line is the comment of a file's name is that file. In `sh` a line says in a
/// comment behind it on which terminal it is typed. A block without a language is a picture.
@Suite struct ReadmeTests {
  @Test func everyBlockIsTrue() throws {
    // The document's name is the machine's.
    let document = try Document()
    let reader = try Reader()
    for block in ReadmeBlock.all { try reader.take(block) }
    #expect(reader.unused == [], "files that no block runs")
    reader.leaves()
    #expect(document.isGone)
  }

  @Test func theFirstScreenShowsAScriptAndWhatItPrints() throws {
    let blocks = ReadmeBlock.all.prefix(2)
    #expect(blocks.map(\.language) == ["lua", "text"])
    let last = try #require(blocks.last)
    #expect(last.line + last.text.split(separator: "\n").count + 1 <= 16)
  }

  @Test func itIsShort() {
    #expect(ReadmeBlock.lines.count - 1 <= 300)
    #expect(ReadmeBlock.lines.filter { $0.count > 100 } == [])
  }

  @Test func everyCommandIsNamed() {
    let text = ReadmeBlock.lines.joined(separator: "\n")
    let help = moonpool("--help", session: Places.unique()).output
    let list = help.split(separator: "\nCommands;").last?.split(separator: "\nEnvironment:").first
    let commands = (list ?? "").split(separator: "\n").dropFirst()
      .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .compactMap { $0.split(separator: " ").first }
    #expect(commands.count > 10)
    #expect(commands.filter { !text.contains("`\($0)") && !text.contains(" \($0)") } == [])
  }

  /// Files, scripts and headings that it points to.
  @Test func whatItNamesIsThere() throws {
    let text = ReadmeBlock.lines.joined(separator: "\n")
    for script in text.matches(of: #/scripts/[a-z][a-z-]*/#) {
      #expect(access("\(Places.repository)/\(script.output)", F_OK) == 0, "\(script.output)")
    }
    let links = text.matches(of: #/\]\(([^)]+)\)/#) + text.matches(of: #/\n\[[a-z]+\]: (\S+)/#)
    #expect(links.count > 5)
    for link in links.map(\.output.1) where !link.hasPrefix("https:") {
      let parts = link.split(separator: "#", omittingEmptySubsequences: false)
      let file = "\(Places.repository)/\(parts[0].isEmpty ? "README.md" : parts[0])"
      #expect(access(file, F_OK) == 0, "\(link)")
      if parts.count > 1 { #expect(anchors(of: file).contains(String(parts[1])), "\(link)") }
    }
  }

  /// As GitHub makes them of headings.
  private func anchors(of file: String) -> [String] {
    Traces.text(file).split(separator: "\n").filter { $0.hasPrefix("#") }.map { heading in
      let words = heading.drop { $0 == "#" || $0 == " " }.lowercased()
      return String(words.filter { $0.isLetter || $0.isNumber || " -_".contains($0) })
        .replacing(" ", with: "-")
    }
  }
}

/// Who follows the README, in a folder and a session of its own.
private final class Reader {
  private let folder: String
  private let session = Places.unique("readme")
  /// What the last block printed, and whether its lines have to be exactly those.
  private var printed: (text: String, exactly: Bool)?
  private var files: Set<String> = []
  /// The other terminal, in which something waits for a key.
  private var waiting: TerminalChild?

  /// Written, and run by no block so far.
  var unused: [String] { files.sorted() }

  init() throws {
    var template = Array("/tmp/moonpool-readme-XXXXXX".utf8CString)
    folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    try prepare()
  }

  deinit {
    waiting = nil
    _ = moonpool("ls", session: session)
    _ = run("/bin/rm", ["-rf", folder])
  }

  private var environment: [String: String] {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return [
      "MOONPOOL_SESSION": session, "HOME": "\(folder)/home", "PATH": "\(folder)/bin:\(path)",
      "LC_ALL": "C.UTF-8", "NO_COLOR": "1",
    ]
  }

  /// The machine of the reader: `moonpool` in the path, both packages in the folder, and an `apt`
  /// that changes nothing but fails where the real one would.
  private func prepare() throws {
    let version = moonpool("--version", session: session).output.split(separator: " ")[1]
    let whole = "moonpool-\(version)-linux-x86_64"
    let made = shell(
      """
      mkdir bin home \(whole) \(whole)/bin
      ln -s \(Places.moonpool) bin/moonpool
      ln -s \(Places.moonpool) \(whole)/bin/moonpool
      tar -czf \(whole).tar.gz \(whole)
      touch moonpool_\(version)_amd64.deb
      printf '#!/bin/sh\\nexec "$@"\\n' >bin/sudo
      printf '#!/bin/sh\\n[ "$1" = install ] && [ -f "$2" ]\\n' >bin/apt
      chmod +x bin/sudo bin/apt
      """)
    try #require(made.status == 0, "\(made.errors)")
  }

  private func shell(_ text: String) -> Outcome {
    run("/bin/bash", ["-c", "cd \(folder) && \(text)"], environment: environment)
  }

  private func write(_ text: String, to file: String) throws {
    let stream = try #require(fopen("\(folder)/\(file)", "w"))
    fputs(text, stream)
    fclose(stream)
  }

  func take(_ block: ReadmeBlock) throws {
    if block.language == "text" {
      try #require(block.follows, "\(block.place): under no block")
      compare(block)
      printed = nil
      return
    }
    #expect(printed == nil, "\(block.place): what stands above it prints something")
    switch block.language {
    case "": break
    case "lua", "python", "c":
      if let file = block.file {
        try write(block.text, to: file)
        files.insert(file)
        // DoubleCommandTests has a wineserver for this one.
        if file == "speed.lua" { files.remove(file) }
      } else {
        try write(block.text, to: "block.lua")
        keep(shell("moonpool block.lua"), block, exactly: true)
      }
    case "sh": try runShell(block)
    case "console": try type(block)
    case "swift":
      // ConsumerTests builds and runs it.
      let consumer = "\(Places.repository)/Tests/Consumer/Sources/consumer/main.swift"
      #expect(Traces.text(consumer) == block.text)
    default: Issue.record("\(block.place): how is this run?")
    }
  }

  /// Without a block below it, nothing is printed that a reader would miss.
  private func keep(_ outcome: Outcome, _ block: ReadmeBlock, exactly: Bool) {
    #expect(exactly ? outcome.status == 0 : true, "\(block.place): \(outcome)")
    let text = outcome.output + outcome.errors
    printed = text.isEmpty ? nil : (text, exactly)
  }

  private func compare(_ block: ReadmeBlock) {
    let found = printed?.text ?? ""
    guard printed?.exactly == false else {
      #expect(found == block.text, "\(block.place)")
      return
    }
    // What a terminal wraps is wrapped; … stands for the rest.
    let words = { (text: String) in
      text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    let (here, there) = (words(withoutNumbers(block.text)), words(withoutNumbers(found)))
    #expect(
      here.hasSuffix(" …") ? there.hasPrefix(here.dropLast(2)) : there == here,
      "\(block.place): \(there)")
  }

  /// A process that runs here, its user, and times, as the README has them.
  private func withoutNumbers(_ text: String) -> String {
    var numbers = ["0.001", "0.002", "0.002", "0.003", "0.003"][...]
    return text.replacing(#/[0-9]+ +\S+ +rw /#, with: "4711 ada rw ")
      .replacing(#/process [0-9]+/#, with: "process 4711")
      .replacing(#/ [0-9.,]+ m?s, nothing/#, with: " 3.1 ms, nothing")
      .replacing(#/(?m)^  \d+\.\d{3}  /#) { _ in "  \(numbers.popFirst() ?? "")  " }
      .replacing(#/by [0-9]+ moonpool/#, with: "by 4711 moonpool")
  }

  // MARK: terminals

  private func runShell(_ block: ReadmeBlock) throws {
    for file in files where block.text.contains(file) { files.remove(file) }
    let lines = block.text.split(separator: "\n")
    guard lines.contains(where: { $0.contains("# another") }) else {
      let outcome = shell(block.text)
      #expect(outcome.status == 0 || block.text.contains("doctor"), "\(outcome)")
      #expect(access("\(folder)/home/.local/bin/moonpool", X_OK) == 0)
      return
    }
    var (output, errors) = ("", "")
    for line in lines {
      let comment = line.split(separator: "#").last ?? ""
      if comment.hasPrefix(" one terminal") {
        try wait(in: line)
        continue
      }
      if comment.contains("has ended") { leaves() }
      let outcome = shell(String(line))
      output += outcome.output
      errors += outcome.errors
    }
    printed = (output + errors, false)
  }

  /// Starts what then waits for a key.
  private func wait(in line: Substring) throws {
    leaves()
    let child = try #require(
      TerminalChild(
        "/bin/bash", ["-c", "cd \(folder) && exec \(line)"], environment: environment))
    waiting = child
    #expect(poll { child.modes & UInt32(ICANON) == 0 }, "\(line): \(child.screen)")
  }

  /// Presses a key, and waits until the process has ended.
  func leaves() {
    guard let child = waiting else { return }
    child.press("k")
    #expect(child.wait() == 0, "\(child.screen)")
    waiting = nil
  }

  /// A session at the prompt, which looks as it is printed.
  private func type(_ block: ReadmeBlock) throws {
    let terminal = PseudoTerminal(columns: 100, rows: 40)
    terminal.start(Places.moonpool, environment: environment)
    #expect(terminal.waits(for: "Ctrl-D leaves"))
    var expected = ""
    for line in block.text.split(separator: "\n") {
      let isTyped = line.hasPrefix("> ")
      if isTyped {
        #expect(terminal.waits { lastLine(of: $0) == ">" }, "\(terminal.screen.everything)")
        terminal.type("\(line.dropFirst(2))\r")
      }
      expected += line + "\n"
      let text = expected
      try #require(
        terminal.waits { self.session(on: $0).contains(text) },
        "\(block.place): \(session(on: terminal.screen))")
    }
    terminal.type("\u{4}")
    #expect(terminal.wait() == 0)
  }

  private func session(on screen: Screen) -> String {
    withoutNumbers(
      screen.everything.split(separator: "\n").map { line in
        var line = line
        while line.last == " " { line.removeLast() }
        return line + "\n"
      }.joined())
  }

  private func lastLine(of screen: Screen) -> String {
    let lines = screen.everything.split(separator: "\n")
    return lines.last.map { $0.filter { $0 != " " } } ?? ""
  }
}
