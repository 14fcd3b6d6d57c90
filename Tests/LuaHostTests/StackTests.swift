import Glibc
import TestSupport
import Testing

/// The switch of C stacks, which is a few instructions for each processor.
@Suite struct StackTests {
  struct Processor: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let compiler: String
    /// What runs its programs here; nil: this processor.
    let emulator: String?
    let isInstalled: Bool

    init(_ name: String, _ compiler: String, _ emulator: String? = nil) {
      testDescription = name
      self.compiler = compiler
      self.emulator = emulator
      isInstalled = [compiler, emulator].compactMap { $0 }.allSatisfy {
        run("/bin/sh", ["-c", "command -v \($0)"]).status == 0
      }
    }
  }

  static let ours = Processor("this processor", "gcc")
  static let other = Processor("aarch64", "aarch64-linux-gnu-gcc", "qemu-aarch64")

  @Test(.enabled(if: ours.isInstalled, "gcc is not installed"), arguments: ["-O0", "-O2"])
  func aSwitchKeepsRegisters(optimization: String) throws {
    try Self.compileAndRun(Self.ours, optimization)
  }

  @Test(
    .enabled(
      if: other.isInstalled,
      "aarch64's compiler and emulator are not installed (gcc-aarch64-linux-gnu, qemu-user)"),
    arguments: ["-O0", "-O2"])
  func aSwitchKeepsRegistersOfAarch64(optimization: String) throws {
    try Self.compileAndRun(Self.other, optimization)
  }

  private static func compileAndRun(_ processor: Processor, _ optimization: String) throws {
    let sources = "\(Places.repository)/Sources/CLuaShm"
    let program = "/tmp/\(Places.unique("switch"))"
    defer { unlink(program) }
    let compiled = run(
      processor.compiler,
      [
        optimization, "-static", "-Wall", "-Werror", "-I", "\(sources)/include",
        "\(sources)/World/stack.c", "\(Places.repository)/Tests/stack-switch/main.c", "-o", program,
      ])
    try #require(compiled.status == 0, "\(compiled.errors)")
    let ran = run(processor.emulator ?? program, processor.emulator == nil ? [] : [program])
    #expect(ran.output == "well\n" && ran.status == 0)
  }
}
