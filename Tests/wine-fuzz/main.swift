import WineTrials

// usage: wine-fuzz COUNT [SEED]     answers at random to every request; a trap ends it
let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
var hostility = Hostility(seed: numbers.count > 1 ? numbers[1] : 1)
let replies = try hostility.run(Int(numbers.first ?? 10_000_000))
print("\(replies) answers, \(hostility.successes) operations succeeded")
