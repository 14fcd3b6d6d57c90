import Glibc
import SharedMemory
import TestSupport
import Testing

// The oracle below restates the rule of `NameEncoding` in other words, so that encoder and decoder
// cannot be wrong together: which bytes may stand in a file name, and which file names are one's.

@Test func everyNameHasAFileNameOfItsOwnThatStaysInItsDirectory() {
  var owners: [[UInt8]: [UInt8]] = [:]
  var complaints: [String] = []
  for name in HostileNames.all {
    let file = NameEncoding.encode(name)
    if let complaint = HostileNames.complaint(about: file) {
      complaints.append("\(shown(name)): \(shown(file)) \(complaint)")
    }
    if let owner = owners.updateValue(name, forKey: file), owner != name {
      complaints.append("\(shown(owner)) and \(shown(name)) share \(shown(file))")
    }
  }
  #expect(complaints == [])
  #expect(owners.count > 8000)
}

@Test func everyNameThatFitsComesBackByteForByte() {
  var shortened = 0
  var complaints: [String] = []
  for name in HostileNames.all {
    let file = NameEncoding.encode(name)
    let isLong = HostileNames.lengthEncoded(name) > 255
    if isLong { shortened += 1 }
    let decoded = NameEncoding.decode(file)
    if NameEncoding.isShortened(file) != isLong || decoded != (isLong ? nil : name) {
      complaints.append(shown(name))
    }
  }
  #expect(complaints == [])
  #expect(shortened > 100)
}

@Test func aFileNameThatNoNameGivesIsNoName() {
  var bytes = SplitMix(state: 2)
  var sound = 0
  var complaints: [String] = []
  for _ in 0..<20_000 {
    let file = HostileNames.fileName(&bytes)
    let decoded = NameEncoding.decode(file)
    if (decoded != nil) != HostileNames.isFileOfAName(file) {
      complaints.append("\(shown(file)) -> \(decoded.map { shown($0) } ?? "nil")")
    }
    if let decoded {
      sound += 1
      if NameEncoding.encode(decoded) != file { complaints.append("\(shown(file)) twice") }
    }
  }
  #expect(complaints == [])
  #expect(sound > 1000)
}

@Test func aShortenedNameKeepsItsBeginningAndNeverHalfAnEscape() {
  // 187 to 191 plain bytes put an escape across every position of the cut at 189.
  for plain in 183...191 {
    let name = Array(repeating: UInt8(ascii: "a"), count: plain) + Array(repeating: 0, count: 100)
    let file = NameEncoding.encode(name)
    #expect(file.starts(with: name.prefix(min(plain, 187))))
    #expect(HostileNames.isFileOfAName(Array(file.dropLast(66))), "\(plain): \(shown(file))")
    #expect(file.count <= 255)
  }
}

@Test func namesThatDifferOnlyPastTheCutAreDifferentObjects() throws {
  let session = Session(named: Places.unique())
  let stem = [UInt8](repeating: UInt8(ascii: "n"), count: 1000)
  let first = try MemoryObject.create(bytes: stem + [1], size: 1, in: session)
  let second = try MemoryObject.create(bytes: stem + [2], size: 2, in: session)
  #expect(first.existed == false)
  #expect(second.existed == false)
  #expect(try MemoryObject.open(bytes: stem + [1], in: session).size == 1)
  #expect(try MemoryObject.open(bytes: stem + [2], in: session).size == 2)
}

@Test func hostileNamesStayInTheirDirectoryAndAreListedByteForByte() throws {
  let root = try ShmRoot()
  let session = root.session(named: "s")
  var number = SplitMix(state: 3)
  let escape = Places.unique("escaped")
  var names = HostileNames.all.filter { isLegal($0) }.shuffled(using: &number).prefix(150)
  let leaving = ["..", ".", "../\(escape)", "../../\(escape)", "/../\(escape)/", "./\(escape)"]
  names += leaving.map { Array("Local\\\($0)".utf8) }
  let wanted = Set(names.map { $0.starts(with: local) ? $0 : local + $0 })
  try withObjects(wanted.sorted { $0.lexicographicallyPrecedes($1) }[...], session) {
    for name in wanted {
      let object = try MemoryObject.open(bytes: name, in: session)
      #expect(object.path?.hasPrefix("\(root.path)/moonpool-\(geteuid())@s/") == true)
    }
    #expect(root.entries() == ["moonpool-\(geteuid())@s"])
    #expect(access("/dev/shm/\(escape)", F_OK) == -1)
    #expect(access("\(root.path)/\(escape)", F_OK) == -1)
    let listed = try session.list(.local)
    #expect(listed.count == wanted.count)
    let unlisted = wanted.subtracting(listed.map(\.name))
    if ShmRoot.keepsAttributes {
      #expect(unlisted.map { shown($0) } == [])
    } else {
      #expect(unlisted.allSatisfy { HostileNames.lengthEncoded(Array($0.dropFirst(6))) > 255 })
      #expect(listed.filter { $0.text.hasSuffix("…") }.count == unlisted.count)
    }
  }
  #expect(root.entries() == [])
}

private let local = Array("Local\\".utf8)

/// As the parser takes it: not empty, no backslash, not a POSIX name, not a reserved word.
private func isLegal(_ name: [UInt8]) -> Bool {
  !name.isEmpty && !name.contains(UInt8(ascii: "\\")) && name.first != UInt8(ascii: "/")
}

/// Runs `body` while objects of all these names live; recursion, as a handle has one owner.
private func withObjects(
  _ names: ArraySlice<[UInt8]>, _ session: Session, _ body: () throws -> Void
) throws {
  guard let name = names.first else { return try body() }
  let object = try MemoryObject.create(bytes: name, size: 1, in: session)
  #expect(object.existed == false)
  try withObjects(names.dropFirst(), session, body)
  object.close()
}
