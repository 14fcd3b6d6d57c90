import Glibc
import TestSupport
import Testing

/// The bundled `ask`: who asks is answered, or learns why not, whichever server is killed.
@Suite(.timeLimit(.minutes(5))) struct RequestTests {
  private let session = Places.unique("request")

  /// - Parameter before: what Lua does before the script, to make a server slow or wrong.
  private func start(_ words: String..., before: String = "") -> Child {
    Child(
      Places.moonpool, ["run", "ask"] + words,
      environment: ["MOONPOOL_SESSION": session, "LUA_INIT": before], input: .open)
  }

  /// One that takes requests, as its second handle is there, too.
  private func server(before: String = "") -> Child {
    let server = start("serve", before: before)
    #expect(
      poll {
        moonpool("who", "requests", session: session).output.split(separator: "\n").contains {
          let columns = $0.split(separator: " ")
          return columns.count > 3 && columns[0] == "\(server.pid)" && columns[3] == "2"
        }
      })
    return server
  }

  /// It says when it has a request, and then takes its time.
  private static let slow =
    "string.upper = function(s) print('has ' .. s) io.flush() shm.sleep(100) end"

  private func end(_ servers: [Child]) {
    for server in servers {
      server.kill(SIGKILL)
      server.wait()
    }
    // A listing removes what is dead: no more of the session is on /dev/shm.
    _ = moonpool("ls", session: session)
  }

  @Test func aQuestionIsAnswered() {
    let server = self.server()
    for _ in 0..<2 {
      #expect(moonpool("run", "ask", "how", "loud", session: session).output == "HOW LOUD\n")
    }
    let long = String(repeating: "x", count: 20_000)
    #expect(
      moonpool("run", "ask", long, session: session).output == long.uppercased() + "\n")
    end([server])
  }

  @Test func theNextServerAnswersForAKilledOne() {
    let first = server(before: Self.slow)
    let asker = start("how", "loud")
    #expect(first.prints("has how loud\n"))
    let second = server(before: Self.slow)
    first.kill(SIGKILL)
    first.wait()
    #expect(second.prints("has how loud\n"))
    let third = server()
    second.kill(SIGKILL)
    second.wait()
    #expect(asker.wait() == 0, "\(asker.complained)")
    #expect(asker.printed == "HOW LOUD\n")
    end([third])
  }

  @Test func whoAsksLearnsThatNobodyIsLeft() {
    let server = self.server(before: Self.slow)
    let asker = start("how", "loud")
    #expect(server.prints("has how loud\n"))
    end([server])
    #expect(asker.wait() == 1)
    #expect(
      asker.complained.contains(
        #"drain Local\requests: ERROR_NO_DATA (232): 1 message was not taken, and nobody "#
          + "who took messages is left; start one who does\n"), "\(asker.complained)")
    #expect(moonpool("run", "ask", "x", session: session).status == 1)
  }

  @Test func anAnswerThatIsTooLargeIsAnError() {
    let server = self.server(before: "string.upper = function() return ('x'):rep(1 << 20) end")
    let outcome = moonpool("run", "ask", "how", session: session)
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains(": ERROR_BAD_LENGTH (24): the message has 1048587 bytes")
        && outcome.errors.contains(#"push Local\requests-"#), "\(outcome.errors)")
    end([server])
  }

  @Test func anErrorOfTheServersIsTold() {
    let server = self.server(before: "string.upper = function() error('no voice', 0) end")
    let outcome = moonpool("run", "ask", "how", session: session)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("no voice\n"), "\(outcome.errors)")
    end([server])
  }
}
