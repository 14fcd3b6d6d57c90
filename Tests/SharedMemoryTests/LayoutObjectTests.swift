import LayoutTrials
import Testing

/// What is read out of compilers' object files. `layout-fuzz objects COUNT` damages more of them.
@Suite struct LayoutObjects {
  @Test(
    "object files say of 300 declarations what the library reads", arguments: LayoutCompilers.judges
  )
  func agree(_ compiler: Compiler) throws {
    let found = try Comparison.compiledDifferences(300, seed: 1, compiler)
    #expect(found.isEmpty, "\(found.count), the first: \(found.first ?? "")")
  }

  @Test(
    "100,000 damaged object files give types or errors, never a trap",
    .enabled(if: Compiler.gcc.isInstalled, "gcc is not installed (scripts/setup test)"),
    arguments: 1...4)
  func damaged(part: Int) throws {
    var broken = try #require(BrokenObjects(seed: UInt64(part)))
    broken.run(25_000)
    #expect(broken.accepted > 1000)
  }
}
