import CShm
import Glibc
import TestSupport
import Testing

/// Sleeps for several words where the kernel has no `futex_waitv(2)`; what stands on them is
/// tested with whole programs.
@Suite struct SleepingOnAnOlderKernel {
  /// As `0` or errno's number.
  fileprivate static func outcome(_ result: Int32) -> Int32 { result == 0 ? 0 : errno }

  @Test func lastsAMillisecondAtMost() async {
    let ended = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent]
    ) {
      guard OlderKernel.begin() else { return print("no filter", terminator: "") }
      var words: [UInt32] = [7, 8]
      words.withUnsafeMutableBufferPointer { words in
        let first = cshm_sleeper(word: words.baseAddress, expected: 7)
        let second = cshm_sleeper(word: words.baseAddress! + 1, expected: 8)
        let hour: Int64 = 3_600_000_000_000
        // Not for an hour, and no error: the sleeper looks again.
        print(SleepingOnAnOlderKernel.outcome(cshm_futex_wait_any([first, second], 2, hour)))
      }
    }
    let said = String(decoding: ended?.standardOutputContent ?? [], as: UTF8.self)
    #expect(said == "0\n")
  }
}
