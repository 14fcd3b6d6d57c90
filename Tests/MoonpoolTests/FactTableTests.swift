import Glibc
import TestSupport
import Testing

/// `Tests/Facts.md` says of each fact which test asserts it. This reads both.
@Suite struct TheTableOfFacts {
  private static let facts = (1...110).map { "\($0)" } + (1...27).map { "S\($0)" }

  private static let files = [
    "names": "Lua/names.lua", "sizes": "Lua/sizes.lua", "access": "Lua/access.lua",
    "views": "Lua/views.lua", "lifetime": "Lua/lifetime.lua",
    "library": "SharedMemoryTests/FactTests.swift", "processes": "MoonpoolTests/FactTests.swift",
    "named": "Lua/named.lua", "atomics": "Lua/atomics.lua",
    "cells": "SharedMemoryTests/AtomicCellTests.swift",
    "peers": "MoonpoolTests/NamedFactTests.swift",
  ]

  private struct Row {
    let fact: String
    /// The words for files; empty where the fact does not apply.
    let asserted: [String]
    let reason: String
  }

  private func lines(_ file: String) throws -> [Substring] {
    let stream = try #require(fopen("\(Places.repository)/Tests/\(file)", "r"))
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    while case let byte = getc(stream), byte >= 0 { bytes.append(UInt8(byte)) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }

  private func rows() throws -> [Row] {
    try lines("Facts.md").compactMap { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        .map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
      guard cells.count == 6, cells[1].wholeMatch(of: #/S?[0-9]+/#) != nil else { return nil }
      let no = "does not apply: "
      let applies = !cells[3].hasPrefix(no)
      return Row(
        fact: cells[1],
        asserted: applies
          ? cells[3].split(separator: ",").map { $0.split(separator: " ").joined() } : [],
        reason: applies ? "" : String(cells[3].dropFirst(no.count)))
    }
  }

  /// The facts that tests of a file are named with: `"fact 29: …"`, `"facts S3, S4: …"`.
  private func named(in file: String) throws -> Set<String> {
    let name = #/"facts? (S?[0-9]+(?:, S?[0-9]+)*): /#
    return Set(
      try lines(file).compactMap { $0.firstMatch(of: name)?.1 }
        .flatMap { $0.split(separator: ", ").map(String.init) })
  }

  @Test func everyFactHasOneRow() throws {
    #expect(try rows().map(\.fact) == Self.facts)
  }

  @Test func aRowNamesItsTestsOrAReason() throws {
    for row in try rows() {
      #expect(row.asserted.isEmpty != row.reason.isEmpty, "fact \(row.fact)")
      for word in row.asserted { #expect(Self.files[word] != nil, "fact \(row.fact): \(word)") }
    }
  }

  @Test func theTableAndTheTestsSayTheSame() throws {
    let rows = try rows()
    for (word, file) in Self.files {
      let claimed = Set(rows.filter { $0.asserted.contains(word) }.map(\.fact))
      let tested = try named(in: file)
      #expect(!tested.isEmpty, "\(file)")
      #expect(claimed.subtracting(tested).sorted() == [], "claimed but not tested in \(file)")
      #expect(tested.subtracting(claimed).sorted() == [], "tested in \(file) but not claimed")
    }
  }

  @Test func atLeastSeventyAreAsserted() throws {
    #expect(try rows().count { !$0.asserted.isEmpty } >= 95)
  }
}
