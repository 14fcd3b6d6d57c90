@preconcurrency import Glibc
import LayoutTrials
import SharedMemory

// usage: layout-fuzz COUNT [SEED]         random texts, which must give a layout or an error
//        layout-fuzz compare COUNT [SEED] random declarations, asked of the compilers, too
//        layout-fuzz compiled COUNT [SEED]  the same out of the compilers' object files
//        layout-fuzz objects COUNT [SEED]   damaged object files
//        layout-fuzz headers [linux|windows|mingw] [c|c++] [-IFOLDER…] FILE…
//                                         headers as pasted, as files, and by the compiler
//        layout-fuzz show [windows]       the layout of standard input
let arguments = CommandLine.arguments.dropFirst()
let numbers = arguments.compactMap { UInt64($0) }
let count = Int(numbers.first ?? 10_000)
let seed = numbers.count > 1 ? numbers[1] : 1

func compare() throws {
  let all = [Compiler.gcc, .mingw, .microsoft, .gxx, .mingwxx, .microsoftxx]
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

func compiled() throws {
  for compiler in [Compiler.gcc, .mingw, .microsoft, .gxx, .mingwxx, .microsoftxx]
  where compiler.isInstalled {
    let found = try Comparison.compiledDifferences(count, seed: seed, compiler)
    print(
      "\(compiler.name), out of object files: \(count) declarations, \(found.count) differences")
    for difference in found.sorted(by: { $0.utf8.count < $1.utf8.count }).prefix(4) {
      print(difference)
    }
  }
}

func headers() {
  var abi = Layout.ABI.linux
  var language: Layout.Language?
  var folders: [String] = []
  for word in arguments.dropFirst() {
    switch word {
    case "linux": abi = .linux
    case "windows": abi = .windows
    case "mingw": abi = .mingw
    case "c": language = .c
    case "c++": language = .cPlusPlus
    case _ where word.hasPrefix("-I"): folders.append(String(word.dropFirst(2)))
    default:
      guard let trial = HeaderTrial(word, abi, language, folders) else { continue }
      let outcomes = [("pasted", trial.pasted), ("file", trial.file), ("compiled", trial.compiled)]
      print("\(word): \(trial.structures) structures, \(trial.fields) fields")
      for (name, outcome) in outcomes {
        switch outcome {
        case .read: print("  \(name): read")
        case .empty: print("  \(name): empty")
        case .failed(let text): print("  \(name): failed: \(text.replacing("\n", with: " | "))")
        }
      }
      for difference in trial.wrong { print("  wrong: \(difference)") }
    }
  }
}

func objects() {
  guard var broken = BrokenObjects(seed: seed) else { return print("no compiler is here") }
  broken.run(count) { print("\($0) objects") }
  print("\(count) objects, \(broken.accepted) layouts")
}

setvbuf(stdout, nil, _IOLBF, 0)
switch arguments.first {
case "compiled": try compiled()
case "objects": objects()
case "compare": try compare()
case "headers": headers()
case "show": show()
default:
  var broken = Broken(seed: seed)
  broken.run(count) { print("\($0) texts") }
  print("\(count) texts, \(broken.accepted) layouts")
}
