import Glibc
import TestSupport
import Testing

/// The library in somebody else's package: `Tests/Consumer`, built apart from this one.
@Suite struct APackageThatUsesTheLibrary {
  private let folder = "/tmp/\(Places.unique("moonpool-consumer"))"

  @Test(.enabled(if: Places.haveInstalled("swift"), "there is no swift in the path"))
  func buildsWithoutAWarningAndLinksNoLua() throws {
    defer { _ = run("rm", ["-rf", "--", folder]) }
    try copy()
    let built = run(
      "swift", ["build", "--package-path", folder, "--scratch-path", "\(folder)/build"],
      environment: surroundings())
    #expect(built.status == 0, "\(built.output)\(built.errors)")
    let said = (built.output + built.errors).split(separator: "\n")
    #expect(said.filter { $0.contains("warning:") && $0.contains("/Sources/") } == [])
    #expect(said.filter { $0.lowercased().contains("lua") } == [])

    let program = "\(folder)/build/debug/consumer"
    let outcome = run(program, environment: ["MOONPOOL_SESSION": Places.unique()])
    #expect(outcome.output == "Message from first process.\n", "\(outcome.errors)")
    #expect(outcome.status == 0)
    // Every library that a program needs is named in it.
    #expect(run("grep", ["-q", "liblua", Places.moonpool]).status == 0)
    #expect(run("grep", ["-q", "liblua", program]).status == 1)
  }

  private func copy() throws {
    try #require(mkdir(folder, 0o700) == 0)
    let source = "\(Places.repository)/Tests/Consumer"
    try #require(run("cp", ["-r", "--", "\(source)/Sources", folder]).status == 0)
    // The path in the manifest is relative to where the package stands in the repository.
    let edit = "s|path: \"../..\"|path: \"\(Places.repository)\"|"
    let manifest = run("sed", [edit, "\(source)/Package.swift"])
    try #require(manifest.output.contains("\"\(Places.repository)\""))
    let file = open("\(folder)/Package.swift", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    let written = write(file, manifest.output, manifest.output.utf8.count)
    close(file)
    try #require(written == manifest.output.utf8.count)
  }

  /// A machine where pkg-config finds nothing, as only programs that use Lua need it; and a place
  /// of our own for what SwiftPM leaves in the temporary directory.
  private func surroundings() -> [String: String] {
    ["PKG_CONFIG_LIBDIR": "/nonexistent", "PKG_CONFIG_PATH": "", "TMPDIR": folder]
  }
}
