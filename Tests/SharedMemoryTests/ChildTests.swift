import Glibc
import TestSupport
import Testing

/// Of the children that tests start: an end that nobody saw is no success.
@Test func aChildWhoseEndIsLostIsNoSuccess() async {
  await #expect(processExitsWith: .failure) {
    signal(SIGCHLD, SIG_IGN)
    Child("false").wait()
  }
}
