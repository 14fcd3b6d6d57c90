import Glibc
import TestSupport
import Testing

/// Mumble Link with a program in C on the other side, which has a structure of its own.
@Suite(.enabled(if: access("/usr/bin/gcc", X_OK) == 0, "gcc is not installed"))
final class MumbleTests {
  /// A POSIX name that no other test has.
  private let name = "/\(Places.unique("moonpool-link"))"
  private let session = Places.unique()

  deinit { shm_unlink(name) }

  private var exists: Bool { access("/dev/shm\(name)", F_OK) == 0 }

  private func start(_ words: String...) -> Child {
    Child(Places.moonpool, ["run"] + words, environment: ["MOONPOOL_SESSION": session])
  }

  /// What both sides of Mumble's protocol need.
  private static let shared = #"""
    #include <fcntl.h>
    #include <stdint.h>
    #include <stdio.h>
    #include <string.h>
    #include <sys/mman.h>
    #include <unistd.h>
    #include <wchar.h>

    struct link {
      uint32_t version, tick;
      float position[3], front[3], top[3];
      wchar_t name[256];
      float camera[3], camera_front[3], camera_top[3];
      wchar_t identity[256];
      uint32_t context_length;
      unsigned char context[256];
      wchar_t description[2048];
    };
    _Static_assert(sizeof(struct link) == 10580, "as on x86-64 Linux");

    static volatile struct link *map(int file) {
      void *memory = mmap(NULL, sizeof(struct link), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
      close(file);
      return memory == MAP_FAILED ? NULL : memory;
    }
    """#

  /// As Mumble's plugin: makes the object, and looks whether a game has come.
  private static let mumble =
    shared + #"""

      int main(int count, char **words) {
        int file = shm_open(words[1], O_RDWR | O_CREAT, 0600);
        if (count != 2 || file < 0 || ftruncate(file, sizeof(struct link)) != 0)
          return 1;
        volatile struct link *link = map(file);
        if (!link)
          return 1;
        puts("mumble runs");
        fflush(stdout);
        uint32_t last = 0, frames = 0;
        for (int waited = 0; frames < 5; waited++) {
          if (waited > 20000)
            return 2;
          usleep(1000);
          if (link->version != 2 || link->tick == last)
            continue;
          last = link->tick;
          frames++;
        }
        struct link copy;
        memcpy(&copy, (const void *)link, sizeof copy);
        printf("%ls|%ls|%ls|%.*s|%.1f %.1f|%d\n", copy.name, copy.description, copy.identity,
               (int)copy.context_length, (char *)copy.context, copy.position[1], copy.top[1],
               copy.front[0] * copy.front[0] + copy.front[2] * copy.front[2] > 0.99f);
        shm_unlink(words[1]);
        return 0;
      }
      """#

  /// As a game: opens what Mumble has made, and writes one frame after another.
  private static let game =
    shared + #"""

      int main(int count, char **words) {
        int file = shm_open(words[1], O_RDWR, 0600);
        if (count != 3 || file < 0)
          return 1;
        volatile struct link *link = map(file);
        if (!link)
          return 1;
        if (link->version != 2) {
          wcscpy((wchar_t *)link->name, L"TestLink");
          wcscpy((wchar_t *)link->description, L"A test");
          link->version = 2;
        }
        link->tick = 41;
        link->position[0] = 1.25f;
        link->position[2] = -3.5f;
        link->front[2] = 1;
        link->top[1] = 1;
        wcscpy((wchar_t *)link->identity, L"Sch\u00F6n \U0001F600");
        memcpy((void *)link->context, "room\0one", 8);
        link->context_length = 8;
        link->tick = 42;
        puts("linked");
        fflush(stdout);
        for (int frame = 0; words[2][0] == 'm'; frame++) {
          usleep(20000);
          link->tick++;
        }
        return 0;
      }
      """#

  private func built(_ program: String) throws -> String {
    try #require(Compiler()?.build(program))
  }

  @Test func mumbleFindsTheScript() throws {
    let program = try built(Self.mumble)
    defer { unlink(program) }
    let mumble = Child(program, [name])
    #expect(mumble.prints("mumble runs"))
    let script = start("publish", "mumble_linux", "--name", name)
    #expect(mumble.wait() == 0, "\(script.complained)")
    #expect(
      mumble.printed == """
        mumble runs
        Moonpool|Walks in a circle of 10 m|{"name":"Moonpool"}|moonpool|1.7 1.0|1

        """)
    script.kill()
    script.wait()
    #expect(!exists)
  }

  @Test func theScriptStandsInForMumble() throws {
    let program = try built(Self.game)
    defer { unlink(program) }
    let script = start(
      "show", "mumble_linux", "--name", name, "--create", "-n", "200", "--every", "0.1")
    #expect(script.prints("nobody has linked yet\n"), "\(script.complained)")
    var status = stat()
    #expect(stat("/dev/shm\(name)", &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(status.st_size == 10580)
    let game = Child(program, [name, "once"])
    #expect(game.wait() == 0)
    let expected =
      "tick 42  TestLink  at 1.25 0.00 -3.50  front 0.00 0.00 1.00  identity Schön 😀  "
      + #"context "room\0one""# + "\n"
    #expect(script.prints(expected), "\(script.printed)")
    script.kill()
    script.wait()
  }

  @Test func aGameThatStopsIsGoneAfterFiveSeconds() throws {
    let program = try built(Self.game)
    defer { unlink(program) }
    let script = start(
      "show", "mumble_linux", "--name", name, "--create", "-n", "30", "--every", "0.6")
    #expect(script.prints("nobody has linked yet\n"), "\(script.complained)")
    let game = Child(program, [name, "many"])
    #expect(game.prints("linked"))
    #expect(script.prints("TestLink  at 1.25"))
    game.kill()
    #expect(script.prints("TestLink is gone: tick "), "\(script.printed)")
    script.kill()
    script.wait()
  }

  @Test func withoutMumbleThereIsNothingToOpen() {
    let outcome = moonpool("run", "publish", "mumble_linux", "--name", name, session: session)
    #expect(
      outcome.errors
        == "publish: \(name) is made by Mumble, which does not run; to try without: --create\n")
    #expect(outcome.status == 1)
    #expect(!exists)
  }

  @Test func theScriptsMeetWithoutMumbleAndLeaveNothing() {
    let writer = start("publish", "mumble_linux", "60", "--name", name, "--create")
    #expect(writer.prints("publishing mumble_linux in \(name), 50 times a second\n"))
    let shown = moonpool(
      "run", "show", "mumble_linux", "--name", name, "-n", "1", session: session)
    #expect(shown.output.contains("  Moonpool  at "), "\(shown.errors)")
    writer.kill()
    writer.wait()
    #expect(exists, "a POSIX name outlives who is killed")
    let again = moonpool(
      "run", "publish", "mumble_linux", "0.1", "--name", name, session: session)
    #expect(again.status == 0, "\(again.errors)")
    #expect(exists, "it is not the script's that only opened it")
    shm_unlink(name)
    let own = moonpool(
      "run", "publish", "mumble_linux", "0.1", "--name", name, "--create", session: session)
    #expect(own.status == 0, "\(own.errors)")
    #expect(!exists, "it goes with who made it")
  }
}
