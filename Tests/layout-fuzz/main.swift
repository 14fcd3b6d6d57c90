@preconcurrency import Glibc
import LayoutTrials
import SharedMemory

// usage: layout-fuzz COUNT [SEED]         random texts, which must give a layout or an error
//        layout-fuzz compare COUNT [SEED] random declarations, asked of the compilers, too
//        layout-fuzz show [windows]       the layout of standard input
let arguments = CommandLine.arguments.dropFirst()
let numbers = arguments.compactMap { UInt64($0) }
let count = Int(numbers.first ?? 10_000)
let seed = numbers.count > 1 ? numbers[1] : 1

func compare() throws {
  let all = [Compiler.gcc, .mingw, .microsoft, .gxx, .mingwxx, .microsoftxx]
  setvbuf(stdout, nil, _IOLBF, 0)
  for compiler in all where compiler.isInstalled {
    let found = try Comparison.differences(count, seed: seed, compiler)
    print("\(compiler.name): \(count) declarations, \(found.count) differences")
    for difference in found.sorted(by: { $0.utf8.count < $1.utf8.count }).prefix(8) {
      print(difference)
    }
  }
}

func show() {
  var text = ""
  while let line = readLine(strippingNewline: false) { text += line }
  do {
    let layout = try Layout(
      text,
      abi: arguments.contains("windows") ? .windows : arguments.contains("mingw") ? .mingw : .linux)
    print(layout)
    for (name, value) in layout.constants.sorted(by: { $0.key < $1.key }) {
      print("\(name) = \(value)")
    }
  } catch {
    print(error)
  }
}

switch arguments.first {
case "compare": try compare()
case "show": show()
default:
  var broken = Broken(seed: seed)
  broken.run(count) { print("\($0) texts") }
  print("\(count) texts, \(broken.accepted) layouts")
}
