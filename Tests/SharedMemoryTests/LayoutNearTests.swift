import SharedMemory
import Testing

@Suite("Layout: names that are like another one") struct LayoutNearTests {
  private func message(
    _ text: String, type: String? = nil, abi: Layout.ABI = .linux
  ) -> String? {
    do {
      _ = try Layout(text, abi: abi, type: type)
      return nil
    } catch {
      return error.message
    }
  }

  @Test(
    "a type that nobody declares",
    arguments: [
      ("struct s { uint23_t a; };", "unknown type name 'uint23_t'; near: uint32_t"),
      ("struct s { flaot a; };", "unknown type name 'flaot'; near: float, FLOAT"),
      (
        "typedef int sample; struct s { smaple a; lnog b; };",
        "unknown type names 'smaple', 'lnog'; near: sample, long, LONG"
      ),
      (
        "struct s { pthread_mutext_t a; };",
        "unknown type name 'pthread_mutext_t'; near: pthread_mutex_t"
      ),
      ("struct s { telemetry_t a; };", "unknown type name 'telemetry_t'"),
      ("struct s { DWROD a; thing b; };", "unknown type names 'DWROD', 'thing'; near: DWORD"),
    ])
  func types(_ text: String, expected: String) { #expect(message(text) == expected) }

  @Test("what the ABI has not is not named") func abi() {
    let text = "struct s { pthread_muxet_t a; };"
    #expect(message(text) == "unknown type name 'pthread_muxet_t'; near: pthread_mutex_t")
    #expect(message(text, abi: .windows) == "unknown type name 'pthread_muxet_t'")
  }

  @Test("the type that is meant") func root() {
    let text = "struct sample { int a; }; typedef struct { int b; } other_t;"
    #expect(message(text, type: "smaple") == "no type is named 'smaple'; near: sample")
    #expect(message(text, type: "None") == "no type is named 'None'; it has: sample, other_t")
    let many = (1...9).map { "struct t\($0)\($0)\($0)x { int a; };" }.joined()
    #expect(
      message(many, type: "None") == "no type is named 'None'; it has: t111x, t222x, t333x, t444x, "
        + "t555x, t666x, t777x, t888x, …")
  }
}
