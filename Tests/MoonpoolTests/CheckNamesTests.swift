import TestSupport
import Testing

/// `scripts/check-names` in a repository of the test's own.
@Suite(.enabled(if: Places.haveInstalled("git", "python3"), "git or python3 is not installed"))
struct CheckNamesTests {
  private static let twenty = (1...20).map { "  int line_\($0) = \($0);" }.joined(separator: "\n")

  /// A file that says nothing wrong, and one that does.
  @Test(arguments: [
    ("One.swift", "func used() { used() }", ""),
    (
      "One.swift", "func used() {}\nfunc unused() { used() }",
      "Sources/One.swift:2: nobody uses 'unused'\n"
    ),
    ("one.h", "int cshm_left(void);", "Sources/one.h:1: nobody uses 'cshm_left'\n"),
    (
      "One.swift", "/// As `cshm_gone` does.\nlet one = 1, two = one",
      "Sources/One.swift:1: a comment quotes 'cshm_gone', which is nowhere\n"
    ),
    ("One.swift", "/// Win32's `OpenNothing`.\nlet one = 1, two = one", ""),
    ("two.c", twenty, "Sources/two.c:1: 20 lines are those of Sources/first.c:1\n"),
  ])
  func whatIsDeadQuotedOrTwiceIsNamed(file: String, text: String, complaint: String) {
    let outcome = run(
      "/bin/sh",
      [
        "-c",
        """
        top=$(mktemp -d) && trap 'rm -rf "$top"' EXIT && mkdir "$top/scripts" "$top/Sources" &&
        cp "$1/scripts/check-names" "$top/scripts/" && git init -q "$top" &&
        printf '%s\\n' "$2" > "$top/Sources/first.c" && printf '%s\\n' "$4" > "$top/Sources/$3" &&
        "$top/scripts/check-names" 2>&1
        """, "sh", Places.repository, Self.twenty, file, text,
      ])
    #expect(outcome.output == complaint, "\(outcome)")
    #expect(outcome.status == (complaint.isEmpty ? 0 : 1))
  }
}
