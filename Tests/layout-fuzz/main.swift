import LayoutTrials

// usage: layout-fuzz COUNT [SEED]         random texts, which must give a layout or an error
//        layout-fuzz compare COUNT [SEED] random declarations, which gcc and mingw must agree on
let arguments = CommandLine.arguments.dropFirst()
let numbers = arguments.compactMap { UInt64($0) }
let count = Int(numbers.first ?? 10_000)
let seed = numbers.count > 1 ? numbers[1] : 1

if arguments.first == "compare" {
  for compiler in [Compiler.gcc, .mingw] where compiler.isInstalled {
    var found: [String] = []
    for start in stride(from: 0, to: count, by: 250) {
      let declarations = (start..<min(start + 250, count)).map {
        DeclarationMaker.make($0, seed: seed)
      }
      found += try Comparison.differences(declarations, compiler)
    }
    print("\(compiler.command): \(count) declarations, \(found.count) differences")
    for difference in found.prefix(5) { print(difference) }
  }
} else {
  var broken = Broken(seed: seed)
  broken.run(count) { print("\($0) texts") }
  print("\(count) texts, \(broken.accepted) layouts")
}
