import SharedMemory
import TestSupport
import Testing

// The rules of names: facts 27 to 45 of Tests/Facts.md. Each row is a fact's number, what is written, and
// what it means or the exact refusal.

@Test(arguments: [
  (34, "x", ObjectName.Place.local, "x"),
  (34, #"Local\x"#, .local, "x"),
  (35, #"Global\x"#, .global, "x"),
  (38, "Global/x", .local, "Global/x"),
  (38, #"Local\/x"#, .local, "/x"),
  (39, "X", .local, "X"),
  (32, "global", .local, "global"),
  (33, "Globals", .local, "Globals"),
  (33, #"Local\Global"#, .local, "Global"),
  (33, #"Global\Session"#, .global, "Session"),
  (40, ":*?\"<>| \t\n", .local, ":*?\"<>| \t\n"),
  (40, ".", .local, "."),
  (40, #"Local\.."#, .local, ".."),
  (40, #"Global\/dev/shm/x"#, .global, "/dev/shm/x"),
  (41, "x ", .local, "x "),
  (41, " x", .local, " x"),
  (44, "名前🦭", .local, "名前🦭"),
  (45, "é", .local, "é"),
  (0, "/x", .raw, "x"),
  (0, "/x%2F", .raw, "x%2F"),
  (0, #"/a\b"#, .raw, #"a\b"#),
  (0, "/...", .raw, "..."),
])
func aNameMeansOneObject(
  fact: Int, written: String, place: ObjectName.Place, bytes: String
) throws {
  let name = try ObjectName(Array(written.utf8), for: "open")
  #expect(name.place == place)
  #expect(name.bytes == Array(bytes.utf8))
}

private let onlyPrefixes =
  #"a backslash only ends the prefixes Local\, Global\ and Wine\, which are case sensitive"#
private let notPosix =
  "a POSIX object is written /name, with no further slash and no NUL; it is not . or .."

@Test(arguments: [
  (29, #"a\b"#, "ERROR_PATH_NOT_FOUND (3): \(onlyPrefixes)"),
  (29, #"Global\a\b"#, "ERROR_PATH_NOT_FOUND (3): \(onlyPrefixes)"),
  (29, #"Local\a\b"#, "ERROR_PATH_NOT_FOUND (3): \(onlyPrefixes)"),
  (29, #"foo\"#, "ERROR_PATH_NOT_FOUND (3): \(onlyPrefixes)"),
  (29, #"Local\\x"#, "ERROR_PATH_NOT_FOUND (3): \(onlyPrefixes)"),
  (30, #"\foo"#, "ERROR_BAD_PATHNAME (161): a name does not begin with a backslash"),
  (
    30, #"\BaseNamedObjects\foo"#,
    "ERROR_BAD_PATHNAME (161): a name does not begin with a backslash"
  ),
  (30, #"\"#, "ERROR_BAD_PATHNAME (161): a name does not begin with a backslash"),
  (
    31, #"Global\"#,
    "ERROR_INVALID_NAME (123): the name is empty; write something after the prefix"
  ),
  (
    31, #"Local\"#, "ERROR_INVALID_NAME (123): the name is empty; write something after the prefix"
  ),
  (32, #"global\x"#, "ERROR_PATH_NOT_FOUND (3): \(onlyPrefixes)"),
  (32, #"GLOBAL\x"#, "ERROR_PATH_NOT_FOUND (3): \(onlyPrefixes)"),
  (32, #"local\x"#, "ERROR_PATH_NOT_FOUND (3): \(onlyPrefixes)"),
  (
    33, "Global",
    "ERROR_INVALID_HANDLE (6): Global is reserved; an object needs a name of its own"
  ),
  (
    33, "Local", "ERROR_INVALID_HANDLE (6): Local is reserved; an object needs a name of its own"
  ),
  (
    33, "Session",
    "ERROR_INVALID_HANDLE (6): Session is reserved; an object needs a name of its own"
  ),
  (36, #"Session\0\x"#, "ERROR_PATH_NOT_FOUND (3): \(onlyPrefixes)"),
  (36, #"Session\x"#, "ERROR_PATH_NOT_FOUND (3): \(onlyPrefixes)"),
  (37, #"Local\Global\x"#, "ERROR_PATH_NOT_FOUND (3): \(onlyPrefixes)"),
  (37, #"Global\Global\x"#, "ERROR_PATH_NOT_FOUND (3): \(onlyPrefixes)"),
  (37, #"Global\Local\x"#, "ERROR_PATH_NOT_FOUND (3): \(onlyPrefixes)"),
  (0, "/", "ERROR_INVALID_NAME (123): \(notPosix)"),
  (0, "/.", "ERROR_INVALID_NAME (123): \(notPosix)"),
  (0, "/..", "ERROR_INVALID_NAME (123): \(notPosix)"),
  (0, "/a/b", "ERROR_INVALID_NAME (123): \(notPosix)"),
  (0, "//", "ERROR_INVALID_NAME (123): \(notPosix)"),
])
func aNameThatIsNoneIsRefusedByCreateAndOpenAlike(fact: Int, written: String, text: String) {
  let session = Session(named: Places.unique())
  #expect(
    refusal { _ = try MemoryObject.create(written, size: 1, in: session) }
      == "create \(written): \(text)")
  #expect(
    refusal { _ = try MemoryObject.open(written, in: session) } == "open \(written): \(text)")
}

@Test func aNulIsAByteLikeAnyOtherButInPosixNames() throws {
  #expect(try ObjectName([0x61, 0, 0x62], for: "open").bytes == [0x61, 0, 0x62])
  #expect(
    refusal { _ = try ObjectName(Array("/a".utf8) + [0], for: "open") }
      == #"open /a\x00: ERROR_INVALID_NAME (123): \#(notPosix)"#)
}

/// Facts 27 and 24: an empty name creates an object without one, and opens nothing.
@Test func anEmptyNameIsNoName() throws {
  let session = Session(named: Places.unique())
  let first = try MemoryObject.create("", size: 1, in: session)
  let second = try MemoryObject.create("", size: 2, in: session)
  #expect(first.existed == false)
  #expect(second.existed == false)
  #expect(second.size == 2)
  #expect(first.path == nil)
  #expect(
    refusal { _ = try MemoryObject.open("", in: session) }
      == "open: ERROR_INVALID_HANDLE (6): an object without a name cannot be opened; give its name"
  )
}

/// Facts 42 and 43, without the A functions' MAX_PATH.
@Test(arguments: ["", #"Local\"#, #"Global\"#])
func aNameMayHave32766BytesWithItsPrefix(prefix: String) throws {
  let stem = [UInt8](repeating: UInt8(ascii: "n"), count: ObjectName.limit - prefix.utf8.count)
  let longest = Array(prefix.utf8) + stem
  #expect(try ObjectName(longest, for: "open").bytes == stem)
  let beginning = String(decoding: longest.prefix(120), as: UTF8.self)
  #expect(
    refusal { _ = try ObjectName(longest + [0x6E], for: "open") }
      == "open \(beginning)…: ERROR_FILENAME_EXCED_RANGE (206): a name has at most 32766 bytes")
}

@Test func theLongestNameIsSharedAndListedWhole() throws {
  let root = try ShmRoot()
  let session = root.session(named: "s")
  let name = Array("Local\\".utf8) + [UInt8](repeating: 0xFE, count: ObjectName.limit - 6)
  let object = try MemoryObject.create(bytes: name, size: 3, in: session)
  #expect(try MemoryObject.open(bytes: name, in: session).size == 3)
  let listed = try session.list(.local)
  #expect(listed.count == 1)
  if ShmRoot.keepsAttributes { #expect(listed.first?.name == name) }
  object.close()
}

@Test func aPosixNameMayHave255Bytes() throws {
  let stem = String(repeating: "p", count: 255)
  #expect(try ObjectName(Array("/\(stem)".utf8), for: "open").bytes.count == 255)
  #expect(
    refusal { _ = try ObjectName(Array("/\(stem)p".utf8), for: "open") }
      == "open /\(stem.prefix(119))…: ERROR_FILENAME_EXCED_RANGE (206): "
      + "a POSIX name has at most 255 bytes after the slash")
}

/// Facts 34, 35, 39 and 41 with objects rather than names.
@Test func namesThatDifferAreDifferentObjects() throws {
  let root = try ShmRoot()
  let session = root.session(named: "s")
  let names = ["x", "X", "x ", " x", #"Global\x"#, "é", "e\u{301}", "x\u{0}", "x\n"]
  for (index, name) in names.enumerated() {
    let object = try MemoryObject.create(name, size: index + 1, in: session)
    for other in names where other != name {
      #expect(throws: SharedMemoryError.self) { try MemoryObject.open(other, in: session).close() }
    }
    object.close()
  }
  let object = try MemoryObject.create("x", size: 7, in: session)
  #expect(try MemoryObject.open(#"Local\x"#, in: session).size == 7)
  object.close()
}
