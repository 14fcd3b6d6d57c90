// The command. `lua`'s own words run at once; this program's words go through the parser, which
// costs ten times what starting an interpreter does.

import Glibc

let arguments = (0..<Int(CommandLine.argc)).map { index in
  let text = CommandLine.unsafeArgv[index]!
  return Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
}

switch Invocation(arguments) {
case .script(let run): ExitStatus(ran: run.perform()).exit()
case .command: Moonpool.main()
case .misuse(let program, let option):
  ExitStatus.failure.exit(saying: Invocation.complaint(program: program, option: option))
}
