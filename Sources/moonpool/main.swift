// The command. `lua`'s own words run at once; this program's words go through the parser, which
// costs ten times what starting an interpreter does.

import LuaHost

let arguments = Words(count: CommandLine.argc, arguments: CommandLine.unsafeArgv)

switch Invocation(arguments) {
case .script(let run): ExitStatus(ran: run.perform()).exit()
case .command: Moonpool.main()
case .misuse(let program, let option):
  ExitStatus.failure.exit(saying: Invocation.complaint(program: program, option: option))
}
