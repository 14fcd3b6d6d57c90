import Glibc
import TestSupport
import Testing

/// What the shells' completions are told of names under Wine.
@Suite struct DoubleCompletionTests {
  private func names(_ double: Double, _ kind: String, _ typed: String) -> [String] {
    let outcome = run(
      Places.moonpool, ["--complete", kind, typed],
      environment: ["MOONPOOL_WINE": double.prefix, "MOONPOOL_SESSION": Places.unique()])
    #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
    return outcome.output.split(separator: "\0").map(String.init).filter { $0.contains("Wine") }
  }

  @Test func namesUnderWineAreOfferedWhereTheyAreMeant() throws {
    let double = try Double()
    // A server is waited for 0.3 s, and a busy machine may take longer.
    #expect(poll(within: 5) { names(double, "names", "") == [#"Wine\telemetry"#] })
    for kind in ["names", "memory"] {
      for typed in ["W", #"Wine\"#, #"Wine\tel"#] {
        #expect(poll(within: 5) { names(double, kind, typed) == [#"Wine\telemetry"#] }, "\(typed)")
      }
      #expect(
        poll(within: 5) { names(double, kind, #"Wine\Lo"#) == [#"Wine\Local\telemetry"#] })
    }
    #expect(names(double, "names", #"Wine\x"#) == [])
    // These have no use for them.
    #expect(names(double, "files", "") == [])
    #expect(names(double, "posix", "") == [])
  }

  @Test func whereTheShortNameMeansSomethingElseItIsTheWholeOne() throws {
    let double = try Double(#"\Sessions\7\BaseNamedObjects\Global"#)
    #expect(poll(within: 5) { names(double, "names", "Wi") == [#"Wine\Local\Global"#] })
    let global = try Double(#"\BaseNamedObjects\telemetry"#)
    #expect(poll(within: 5) { names(global, "names", "Wi") == [#"Wine\Global\telemetry"#] })
  }

  /// Who types no name of Wine's asks nobody; of a server that is stopped nothing is said.
  @Test func aStoppedServerIsNoObstacle() throws {
    let double = try Double()
    double.child.kill(SIGSTOP)
    #expect(names(double, "names", "") == [])
    #expect(names(double, "names", #"Wine\t"#) == [])
    let other = try Double()
    #expect(names(other, "names", "x") == [])
    usleep(50_000)
    #expect(other.goneClients == 0)
  }

  @Test func bashCompletesThem() throws {
    let double = try Double()
    let folder = "/tmp/\(Places.unique("share"))"
    defer { _ = run("/bin/rm", ["-rf", folder]) }
    let made = run("\(Places.scripts)/share", [Places.moonpool, folder])
    #expect(made.status == 0, "\(made)")
    let driver = #"""
      source "$1/bash-completion/completions/moonpool"
      COMP_LINE='moonpool watch Wine\\tel' COMP_POINT=${#COMP_LINE}
      COMP_WORDS=(moonpool watch 'Wine\\tel') COMP_CWORD=2
      _moonpool moonpool 'Wine\\tel' watch
      printf '%s\n' "${COMPREPLY[@]}"
      """#
    #expect(
      poll(within: 5) {
        run(
          "bash", ["-c", driver, "bash", folder],
          environment: [
            "MOONPOOL_WINE": double.prefix, "PATH": "\(Places.binaries):/usr/bin:/bin",
          ]
        ).output == #"Wine\\telemetry"# + "\n"
      })
  }
}
