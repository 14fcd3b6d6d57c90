import Glibc
import TestSupport
import Testing

/// `scripts/package` with small binaries in place of the real ones: what is in the archives, and
/// what it refuses to put there. `scripts/test` makes the real ones after these tests.
@Suite(
  .enabled(
    if: Places.haveInstalled("python3", "gcc", "objcopy", "dpkg-deb", "dpkg-shlibdeps"),
    "dpkg-dev is not installed (scripts/setup test)"),
  .enabled(
    if: run("git", ["-C", Places.repository, "rev-parse", "HEAD"]).status == 0,
    "this is no checkout of git's"))
struct PackageTests {
  private static let version = moonpool("--version", session: Places.unique()).output
    .split(separator: " ")[1]
  private static let deb = "moonpool_\(version)_amd64.deb"
  private static let tarball = "moonpool-\(version)-linux-x86_64"

  @Test func theArchivesHaveTheirFiles() throws {
    let workshop = try Workshop()
    let made = workshop.package()
    try #require(made.status == 0, "\(made.errors)")
    #expect(made.output == "\(workshop.out)/\(Self.deb)\n\(workshop.out)/\(Self.tarball).tar.gz\n")

    let listed = run("dpkg-deb", ["-c", "\(workshop.out)/\(Self.deb)"]).output
    #expect(files(listed) == Self.installed.map { "-rw-r--r-- ./\($0)" }.withProgram)
    #expect(listed.split(separator: "\n").allSatisfy { $0.contains(" root/root ") })
    let packed = run("tar", ["-tvzf", "\(workshop.out)/\(Self.tarball).tar.gz"]).output
    #expect(
      files(packed) == Self.unpacked.map { "-rw-r--r-- \(Self.tarball)/\($0)" }.withProgram)

    let fields = run("dpkg-deb", ["-f", "\(workshop.out)/\(Self.deb)"]).output
    #expect(fields.contains("Package: moonpool\nVersion: \(Self.version)\nArchitecture: amd64\n"))
    #expect(fields.contains(#/\nDepends: libc6 \(>= [0-9.]+\), liblua5.4-0 \(>= [0-9.]+\)\n/#))
    #expect(workshop.read("usr/lib/tmpfiles.d/moonpool.conf") == Self.tmpfiles)
    #expect(workshop.read("usr/lib/systemd/system/moonpool-sweep.timer").contains("hourly"))
    #expect(
      workshop.read("usr/share/doc/moonpool/README.md").contains("[reference](Reference.md)"))
  }

  @Test func bothHaveTheLicencesOfWhatIsInThem() throws {
    let workshop = try Workshop()
    let made = workshop.package()
    try #require(made.status == 0, "\(made.errors)")
    let theirs = workshop.read("usr/share/doc/moonpool/THIRD-PARTY.txt")
    for words in [
      "\nSwift's runtime and standard library, and libdispatch (Apache License 2.0 with",
      "\nFoundation Essentials (Apache License 2.0", "\nSwift Argument Parser (Apache License 2.0",
      "## Runtime Library Exception to the Apache 2.0 License: ##",
      "\nCopyright (c) 2004 Apple Computer, Inc. All rights reserved.\n",
      "\nlibstdc++ and libgcc (GPL 3 with", "\nGCC RUNTIME LIBRARY EXCEPTION\n",
      "GNU GENERAL PUBLIC LICENSE",
    ] { #expect(theirs.contains(words), "\(words)") }
    #expect(!theirs.contains("Lua.org"))
    #expect(workshop.unpack("share/doc/moonpool/THIRD-PARTY.txt").contains("Lua.org, PUC-Rio"))
    let licence = Traces.text("\(Places.repository)/LICENSE")
    #expect(workshop.unpack("share/doc/moonpool/LICENSE") == licence)
    #expect(workshop.read("usr/share/doc/moonpool/copyright").contains("License: Expat\n"))
  }

  @Test func twoPackagingsAreEqual() throws {
    let workshop = try Workshop()
    try #require(workshop.package().status == 0)
    // The second one is made by somebody with other habits.
    let again = workshop.package(out: "again", prefix: ["sh", "-c", "umask 077; \"$@\"", "sh"])
    try #require(again.status == 0, "\(again.errors)")
    for archive in [Self.deb, "\(Self.tarball).tar.gz"] {
      #expect(
        run("cmp", ["\(workshop.out)/\(archive)", "\(workshop.folder)/again/\(archive)"]).status
          == 0)
    }
  }

  /// Each folder's binaries have its path in the compiler's hashes, and so another build ID.
  @Test func theFolderOfTheBuildMakesNoDifference() throws {
    let (one, other) = (try Workshop(), try Workshop())
    for made in [one.package(), other.package()] {
      try #require(made.status == 0, "\(made.errors)")
    }
    for binary in ["moonpool", "inside/moonpool", "shm.so"] {
      let notes = [one, other].map { run("readelf", ["-n", "\($0.folder)/\(binary)"]).output }
      try #require(notes[0].contains("Build ID") && notes[0] != notes[1])
    }
    for archive in [Self.deb, "\(Self.tarball).tar.gz"] {
      #expect(run("cmp", ["\(one.out)/\(archive)", "\(other.out)/\(archive)"]).status == 0)
    }
    // Each has one all the same, of what is in the file.
    let notes = ["bin/moonpool", "lib/lua/5.4/shm.so"].map { one.notes(of: $0) }
    #expect(notes.allSatisfy { $0.contains("Build ID") } && notes[0] != notes[1])
  }

  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var program = ""
    var flags: [String] = []
    var map = Workshop.map
    let complaint: String
  }

  @Test(arguments: [
    Fault(
      testDescription: "code that nobody has a licence of",
      map: Workshop.map + " .text 0x1000 0x20 /usr/lib/x86_64-linux-gnu/libz.a(inflate.o)\n",
      complaint: "links what no licence is named for (scripts/packaging/licences.py): "
        + "/usr/lib/x86_64-linux-gnu/libz.a\n"),
    Fault(
      testDescription: "no map", map: "Archive member included\n",
      complaint: "moonpool.map names no object: is it a linker's map?\n"),
    Fault(
      testDescription: "a part that is missing in the map",
      map: Workshop.map.replacing("libFoundationEssentials", with: "libswiftGlibc"),
      complaint: "package: THIRD-PARTY.txt lacks 'Copyright (c) 2004 Apple Computer, Inc.'\n"),
    Fault(
      testDescription: "another library",
      flags: ["-Wl,--no-as-needed", "-lresolv"],
      complaint: "package: moonpool asks for libresolv.so.2\n"),
    Fault(
      testDescription: "a path of the builder's", flags: ["-Wl,-rpath,$ORIGIN"],
      complaint: "package: moonpool has a RUNPATH\n"),
    Fault(
      testDescription: "the builder's folder",
      program: "const char place[] = FOLDER;",
      complaint: "package: moonpool names the folder that it was built in\n"),
    Fault(
      testDescription: "a function of a younger C library",
      program: "unsigned arc4random(void); unsigned (*number)(void) = arc4random;",
      complaint: "package: moonpool asks for GLIBC_2.36; its floor is 2.35\n"),
  ])
  func itRefuses(_ fault: Fault) throws {
    let workshop = try Workshop(fault)
    let made = workshop.package()
    #expect(made.status == 1)
    #expect(made.output == "")
    #expect(made.errors.hasSuffix(fault.complaint), "\(made.errors)")
  }

  /// Each file with its mode, sorted.
  private func files(_ listing: String) -> [String] {
    listing.split(separator: "\n").map { $0.split(separator: " ") }
      .filter { $0[0].hasPrefix("-") }.map { "\($0[0]) \($0.last!)" }.sorted()
  }

  private static let tmpfiles = "d /dev/shm/moonpool-global 1777 root root -\n"

  private static let installed = [
    "usr/bin/moonpool", "usr/lib/systemd/system/moonpool-sweep.service",
    "usr/lib/systemd/system/moonpool-sweep.timer", "usr/lib/tmpfiles.d/moonpool.conf",
    "usr/lib/x86_64-linux-gnu/lua/5.4/shm.so", "usr/share/bash-completion/completions/moonpool",
    "usr/share/doc/moonpool/README.md", "usr/share/doc/moonpool/Reference.md",
    "usr/share/doc/moonpool/THIRD-PARTY.txt", "usr/share/doc/moonpool/changelog.gz",
    "usr/share/doc/moonpool/copyright", "usr/share/fish/vendor_completions.d/moonpool.fish",
    "usr/share/man/man1/moonpool.1.gz", "usr/share/moonpool/luals/config.json",
    "usr/share/moonpool/luals/library/shm.d.lua", "usr/share/zsh/vendor-completions/_moonpool",
  ]

  private static let unpacked = [
    "bin/moonpool", "lib/lua/5.4/shm.so", "share/bash-completion/completions/moonpool",
    "share/doc/moonpool/LICENSE", "share/doc/moonpool/README.md",
    "share/doc/moonpool/Reference.md", "share/doc/moonpool/THIRD-PARTY.txt",
    "share/fish/vendor_completions.d/moonpool.fish", "share/man/man1/moonpool.1",
    "share/moonpool/luals/config.json", "share/moonpool/luals/library/shm.d.lua",
    "share/zsh/site-functions/_moonpool",
  ]
}

extension [String] {
  /// The program alone may be run.
  fileprivate var withProgram: [String] {
    map { $0.hasSuffix("bin/moonpool") ? "-rwxr-xr-x" + $0.dropFirst(10) : $0 }.sorted()
  }
}

/// A folder with small binaries, as `scripts/build` leaves the real ones.
final class Workshop {
  let folder: String
  var out: String { "\(folder)/out" }

  /// What a linker says of a program with all parts that the real one has.
  static let map = """
    Archive member included because of file (symbol)

     .text 0x1 0x2 /opt/swift/usr/lib/swift_static/linux/libswiftCore.a(Casting.cpp.o)
     .text 0x1 0x2 /opt/swift/usr/lib/swift_static/linux/libdispatch.a(queue.c.o)
     .text 0x1 0x2 /opt/swift/usr/lib/swift_static/linux/libFoundationEssentials.a(UUID.swift.o)
     .text 0x1 0x2 /home/a/.build/release/ArgumentParser.build/Flag.swift.o
     .text 0x1 0x2 /home/a/.build/release/CShm.build/futex.c.o
     .text 0x1 0x2 /home/a/.build/static/libstdc++.a(random.o)
     .text 0x1 0x2 /lib/x86_64-linux-gnu/crti.o

    """

  init(_ fault: PackageTests.Fault? = nil) throws {
    var template = Array("/tmp/moonpool-package-XXXXXX".utf8CString)
    folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    let source = """
      #define FOLDER "\(folder)"
      #include <stdio.h>
      #include <string.h>
      #include <unistd.h>
      __attribute__((section(".moonpool_commit"), used)) static const volatile char commit[64] = "";
      __attribute__((section(".swift_modhash"), used)) static const char hash[] = FOLDER;
      \(fault?.program ?? "")
      int main(int count, char **words) {
        if (count == 2 && strcmp(words[1], "--version") == 0)
          return printf("moonpool 0.0.0 (%s, Lua 5.4.4)\\n", (const char *)commit) < 0;
        return execv("\(Places.moonpool)", words);
      }

      """
    let map = fault?.map ?? Self.map
    try write(source, to: "program.c")
    try write(
      "#include \"program.c\"\ndouble lua_version(void *);\ndouble (*lua)(void *) = lua_version;\n",
      to: "outside.c")
    try write(map, to: "moonpool.map")
    try write(map, to: "shm.map")
    try #require(mkdir("\(folder)/inside", 0o700) == 0)
    try write(map + " .text 0x1 0x2 /home/a/.build/static/lua-whole.o\n", to: "inside/moonpool.map")
    let flags = fault?.flags ?? []
    try compile(["outside.c", "-o", "moonpool", "-llua5.4"] + flags)
    try compile(["program.c", "-o", "inside/moonpool"] + flags)
    try compile(["-shared", "-fPIC", "program.c", "-o", "shm.so"])
  }

  deinit { _ = run("/bin/rm", ["-rf", folder]) }

  private func write(_ text: String, to file: String) throws {
    let stream = try #require(fopen("\(folder)/\(file)", "w"))
    fputs(text, stream)
    fclose(stream)
  }

  private func compile(_ words: [String]) throws {
    let made = run("env", ["-C", folder, "gcc"] + words)
    try #require(made.status == 0, "\(made.errors)")
  }

  func package(out: String = "out", prefix: [String] = []) -> Outcome {
    run(
      "env",
      prefix + ["\(Places.scripts)/package", "--binaries", folder, "--out", "\(folder)/\(out)"])
  }

  /// A file that the Debian package installs.
  func read(_ path: String) -> String {
    run("sh", ["-c", "dpkg-deb --fsys-tarfile '\(out)'/*.deb | tar -xO './\(path)'"]).output
  }

  /// What a debugger is told of a binary of the other archive.
  func notes(of path: String) -> String {
    let unpacked = "\(folder)/unpacked"
    let unpack = "tar -xOzf '\(out)'/*.tar.gz --wildcards '*/\(path)' >'\(unpacked)'"
    return run("sh", ["-c", "\(unpack) && readelf -n '\(unpacked)'"]).output
  }

  /// A file of the other archive.
  func unpack(_ path: String) -> String {
    run("sh", ["-c", "tar -xOzf '\(out)'/*.tar.gz --wildcards '*/\(path)'"]).output
  }
}
