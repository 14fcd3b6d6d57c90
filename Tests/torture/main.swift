// torture COUNT [SEED]   kills COUNT random workers of six that create, open, use and close four
//                        names, and checks every answer independently of the library
// torture race ROUNDS    eight processes create one name at once
// torture named COUNT [SEED]   kills COUNT random workers of four on named mutexes, a semaphore
//                              and an event, and checks every answer
// torture queues COUNT [SEED]  kills COUNT random processes that push, pop and work
// torture topics LAPS [SEED]   kills random processes that publish and read, over so many laps
// torture histories COUNT [SEED]   looks for an order of what three processes did with one queue
// torture ends COUNT [SEED]    kills all that push COUNT times, and measures when it is told; the
//                              same a fiftieth as often for all that publish
// torture values COUNT [SEED]  lets a script pop random bytes that pretend to be values
// torture flips COUNT [SEED]   overwrites random words of such objects while two processes use them
//
// Exit status: 0 nothing was found; 1 violations, each said on standard error; 64 usage.
import Glibc
import SharedMemory

func usage() -> Never {
  let text = """
    usage: torture COUNT [SEED]
           torture race ROUNDS
           torture named COUNT [SEED]
           torture queues COUNT [SEED]
           torture topics LAPS [SEED]
           torture histories COUNT [SEED]
           torture ends COUNT [SEED]
           torture values COUNT [SEED]
           torture flips COUNT [SEED]

    """
  _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  exit(64)
}

func number(_ text: String) -> UInt64 {
  guard let number = UInt64(text) else { usage() }
  return number
}

/// What is given, or any.
func seed(_ words: ArraySlice<String>) -> UInt64 {
  words.first.map(number) ?? .random(in: 0..<1 << 32)
}

let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case "race" where words.count == 2:
  exit(Race.run(rounds: Int(number(words[1]))) ? 0 : 1)
case "named" where (2...3).contains(words.count):
  var overseer = NamedOverseer(seed: seed(words.dropFirst(2)))
  exit(overseer.run(kills: Int(number(words[1]))) ? 0 : 1)
case "queues" where (2...3).contains(words.count):
  let kills = Int(number(words[1]))
  exit(QueueTorture(seed: seed(words.dropFirst(2)), kills: kills).run(kills: kills) ? 0 : 1)
case "topics" where (2...3).contains(words.count):
  exit(TopicTorture(seed: seed(words.dropFirst(2))).run(laps: Int(number(words[1]))) ? 0 : 1)
case "histories" where (2...3).contains(words.count):
  exit(Histories(seed: seed(words.dropFirst(2))).run(Int(number(words[1]))) ? 0 : 1)
case "ends" where (2...3).contains(words.count):
  let (count, seed) = (Int(number(words[1])), seed(words.dropFirst(2)))
  let isQueueFine = StreamEnds(of: NamedQueue.self, seed: seed).run(count)
  let isTopicFine = StreamEnds(of: NamedTopic.self, seed: seed).run((count + 49) / 50)
  exit(isQueueFine && isTopicFine ? 0 : 1)
case "values" where (2...3).contains(words.count):
  var values = Values(seed: seed(words.dropFirst(2)))
  exit(values.run(Int(number(words[1]))) ? 0 : 1)
case "flips" where (2...3).contains(words.count):
  exit(Flips(seed: seed(words.dropFirst(2))).run(flips: Int(number(words[1]))) ? 0 : 1)
case let count? where words.count <= 2 && UInt64(count) != nil:
  var overseer = Overseer(seed: seed(words.dropFirst()))
  exit(overseer.run(kills: Int(number(count))) ? 0 : 1)
default:
  usage()
}
