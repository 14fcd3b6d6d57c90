// The command. Words of `lua`'s are run at once; this program's own words go through the parser,
// which costs ten times as much as starting an interpreter.

import Glibc
import LuaHost
import SharedMemory

let arguments = Words.ofThisProcess()

// If the caller closed a standard descriptor, an object's file could get its number, and a print
// would write into shared memory. So it is opened in the wrong direction, and fails as a closed one
// does.
for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
  _ = open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
}

switch Invocation(arguments) {
case .script(let run):
  let end = run.perform()
  if end == .failed, let command = run.meantCommand {
    ExitStatus.failure.exit(saying: Array("did you mean \(command)?\n".utf8))
  }
  ExitStatus.exit(after: end)
case .command:
  Moonpool.perform(arguments)
  ExitStatus.exitAfterCommand()
case .help: Moonpool.help()
case .completion(let completion):
  completion.answer()
  ExitStatus.exitAfterCommand()
case .misuse(let program, let option):
  // The same words as lua's, but nothing that could command a terminal is sent to one.
  let text = Invocation.complaint(program: program, option: option)
  let isSeen = isatty(STDERR_FILENO) == 1
  ExitStatus.failure.exit(saying: isSeen ? Printable.escaped(text, .lines) : text)
}
