import LayoutTrials
import Testing

/// `layout-fuzz COUNT` runs more of them.
@Test("20,000 broken texts give layouts or errors, never a trap")
func brokenTexts() {
  var broken = Broken(seed: 42)
  broken.run(20_000)
  #expect(broken.accepted > 1000)
}
