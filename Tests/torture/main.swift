// torture COUNT [SEED]   kills COUNT random workers of six that create, open, use and close four
//                        names, and checks every answer independently of the library
// torture race ROUNDS    eight processes create one name at once
//
// Exit status: 0 nothing was found; 1 violations, each said on standard error; 64 usage.
import Glibc

func usage() -> Never {
  let text = "usage: torture COUNT [SEED]\n       torture race ROUNDS\n"
  _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  exit(64)
}

func number(_ text: String) -> UInt64 {
  guard let number = UInt64(text) else { usage() }
  return number
}

let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case "race" where words.count == 2:
  exit(Race.run(rounds: Int(number(words[1]))) ? 0 : 1)
case let count? where words.count <= 2 && UInt64(count) != nil:
  var overseer = Overseer(
    seed: words.count == 2 ? number(words[1]) : UInt64.random(in: 0..<1 << 32))
  exit(overseer.run(kills: Int(number(count))) ? 0 : 1)
default:
  usage()
}
