// The command. `lua`'s own words run at once; this program's words go through the parser, which
// costs ten times what starting an interpreter does.

import Glibc
import LuaHost
import SharedMemory

let arguments = Words.ofThisProcess()

// A standard descriptor that the caller closed would become an object's: a print to it would then
// write into shared memory. Opened the wrong way round, it fails as a closed one does.
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
  // Word for word as lua says it, but to a terminal nothing that could command it.
  let text = Invocation.complaint(program: program, option: option)
  let isSeen = isatty(STDERR_FILENO) == 1
  ExitStatus.failure.exit(saying: isSeen ? Printable.escaped(text, .lines) : text)
}
