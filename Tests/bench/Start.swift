import Glibc
import TestSupport

/// An empty script from start to end, and what an idle interpreter keeps, beside `lua5.4`.
///
/// Instructions are the same on a busy machine; time has page faults and system calls in it, too.
func measureStart(_ report: inout Report) {
  guard run("lua5.4", ["-e", ""]).status == 0 else {
    print("start-up is not measured: lua5.4 is not installed (scripts/setup test)")
    return
  }
  if let ours = instructions(Places.moonpool), let theirs = instructions("lua5.4") {
    report.add(
      "start of an empty script / lua5.4", ours: ours, bare: theirs, budget: 1, unit: "instr.")
  } else {
    print("instructions are not counted: valgrind is not installed, or cannot run these programs")
  }
  // A linker's file lies in the page cache page by page; one that was copied, as installing it
  // does, or read from the disk, in large pieces, which a process maps with fewer page faults.
  let installed = "/tmp/\(Places.unique("bench"))"
  defer { unlink(installed) }
  precondition(run("cp", [Places.moonpool, installed]).status == 0)
  let taken = compare(rounds: 300, calls: 1) {
    start(installed)
  } _: {
    start("lua5.4")
  }
  report.add(
    "start of an empty script / lua5.4, time", ours: taken.ours / 1000, bare: taken.bare / 1000,
    budget: 1.15, unit: "us")
  if let ours = privateMemory(Places.moonpool), let theirs = privateMemory("lua5.4") {
    // A difference, not a factor, is what the budget names.
    report.add(
      "private memory of an idle script", ours: ours, bare: theirs,
      budget: (theirs + 3 * 1024) / theirs, unit: "KiB")
  }
}

/// Waits for its end, too.
private func start(_ program: String) {
  var words: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup("-e"), strdup(""), nil]
  defer { for word in words { free(word) } }
  var process = pid_t()
  var status: Int32 = 0
  guard posix_spawnp(&process, program, nil, nil, &words, environ) == 0,
    waitpid(process, &status, 0) == process, status == 0
  else { fatalError("\(program) does not start") }
}

/// What callgrind counts from the first instruction of the process to its last.
private func instructions(_ program: String) -> Double? {
  let outcome = run(
    "valgrind",
    ["--tool=callgrind", "--callgrind-out-file=/dev/null", program, "-e", ""])
  guard outcome.status == 0,
    let line = outcome.errors.split(separator: "\n").last(where: {
      $0.contains("Collected :")
    })
  else { return nil }
  return line.split(separator: " ").last.flatMap { Double($0) }
}

/// KiB that no other process shares, while standard input is waited for. Pages of the program's
/// file count, too, as long as it runs only once.
private func privateMemory(_ program: String) -> Double? {
  let child = Child(program, ["-e", "print('idle') io.stdout:flush() io.read()"], input: .open)
  defer {
    child.closeInput()
    child.wait()
  }
  guard child.prints("idle"), let file = fopen("/proc/\(child.pid)/smaps_rollup", "r") else {
    return nil
  }
  defer { fclose(file) }
  var total = 0.0
  var line = [CChar](repeating: 0, count: 256)
  while fgets(&line, Int32(line.count), file) != nil {
    let words = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self
    )
    .split(separator: " ")
    if let first = words.first, first.hasPrefix("Private_"), words.count > 1 {
      total += Double(words[1]) ?? 0
    }
  }
  return total
}
