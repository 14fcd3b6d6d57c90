import LayoutTrials
import Testing

@testable import Declarations

/// The tables of types and macros against the headers and compilers that they speak of.
@Suite struct LayoutKnown {
  private static let linuxHeaders = [
    "time.h", "sys/time.h", "pthread.h", "semaphore.h", "signal.h", "sched.h", "wchar.h",
    "stddef.h", "stdarg.h", "stdatomic.h",
    "netinet/in.h", "sys/un.h", "sys/uio.h", "poll.h", "sys/resource.h", "sys/ioctl.h",
    "linux/types.h", "linux/time_types.h", "linux/netfilter.h", "linux/netfilter/x_tables.h",
    "linux/filter.h", "linux/can.h", "linux/input.h", "linux/if_ether.h", "linux/ip.h",
    "linux/netlink.h", "linux/usb/ch9.h", "linux/socket.h", "linux/ax25.h", "linux/uuid.h",
  ]
  private static let windowsHeaders = [
    "winsock2.h", "windows.h", "winternl.h", "time.h", "stddef.h", "stdatomic.h",
  ]

  private func check(_ compiler: Compiler, _ headers: [String], _ names: [String]) throws {
    var source = headers.map { "#define _GNU_SOURCE 1\n#include <\($0)>\n" }.joined()
    source += "__attribute__((section(\".mpbits\"))) const char bits = 0;\n"
    source += "__attribute__((section(\".mpnum\"))) const unsigned long long numbers[] = {\n"
    for name in names { source += "sizeof(\(name)), _Alignof(\(name)),\n" }
    let (numbers, _) = try compiler.sections(source + "};\n")
    for (index, name) in names.enumerated() {
      let layout = try Layout("struct all { \(name) x; };", abi: compiler.abi)
      #expect(layout.size == Int(numbers[index * 2]), "\(name)")
      #expect(layout.alignment == Int(numbers[index * 2 + 1]), "\(name)")
    }
  }

  @Test(
    "the structures of Linux' headers have their sizes",
    .enabled(if: Compiler.gcc.isInstalled, "gcc is not installed (scripts/setup test)"))
  func linuxStructures() throws {
    // Of the kernel, DPDK and libuuid, whose headers are not everywhere.
    let elsewhere: Set<String> = [
      "struct list_head", "struct hlist_node", "struct hlist_head", "atomic_t", "atomic64_t",
      "uuid_t",
      "RTE_MARKER", "RTE_MARKER8", "RTE_MARKER64", "struct __kernel_old_timeval",
      "struct rte_ether_addr", "rte_spinlock_t",
    ]
    try check(
      .gcc, Self.linuxHeaders,
      LayoutBuiltins.structureNames.linux.filter { !elsewhere.contains($0) })
  }

  @Test(
    "the structures of Windows' headers have their sizes",
    .enabled(if: Compiler.mingw.isInstalled, "gcc-mingw-w64-x86-64 is not installed"))
  func windowsStructures() throws {
    let names = LayoutBuiltins.structureNames
    try check(
      .mingw, Self.windowsHeaders, names.windows + names.everywhere)
    #expect(try Layout("struct s { max_align_t x; };", abi: .windows).size == 8)
  }

  private static let scalarHeaders = [
    "stdint.h", "sys/types.h", "uchar.h", "stdatomic.h", "mqueue.h", "dirent.h", "net/if.h",
    "arpa/inet.h", "wctype.h", "locale.h", "math.h", "termios.h", "sys/socket.h",
    "elf.h", "linux/virtio_types.h", "linux/posix_types.h", "linux/fs.h", "errno.h", "aio.h",
    "linux/atm.h", "linux/atmdev.h", "linux/atmapi.h",
  ]

  /// Size, alignment, and whether it has a sign, of the names that the headers here have.
  private func checkScalars(
    _ compiler: Compiler, _ headers: [String], atLeast count: Int
  ) throws {
    let words = ["struct", "union", "enum", "const", "static", "extern", "class", "void"]
    let all = LayoutBuiltins.names(compiler.abi).filter {
      !words.contains($0) && $0 != "typedef" && $0 != "volatile"
        && LayoutBuiltins.structure($0, isTag: false, compiler.abi) == nil
    }
    let names = try compiler.types(all, in: headers)
    #expect(names.count >= count)
    var source = headers.map { "#include <\($0)>\n" }.joined()
    source += "__attribute__((section(\".mpbits\"))) const char bits = 0;\n"
    source += "__attribute__((section(\".mpnum\"))) const unsigned long long numbers[] = {\n"
    for name in names {
      source += "sizeof(\(name)), _Alignof(\(name)), ((\(name))-1 > (\(name))0) * 2 + "
      source += "((\(name))3 / (\(name))2 * (\(name))2 == (\(name))3),\n"
    }
    let isNumber: Set<LayoutKind> = [.unsigned, .signed, .floating, .character, .wide]
    let numbers = try compiler.sections(Self.withoutPointers(source, names, compiler)).numbers
    for (index, name) in names.enumerated() {
      let layout = try Layout("struct all { \(name) x; };", abi: compiler.abi)
      #expect(layout.size == Int(numbers[index * 3]), "\(name)")
      #expect(layout.alignment == Int(numbers[index * 3 + 1]), "\(name)")
      let type = layout.types[layout.types.fields[layout.types[layout.root].fields][0].type]
      guard isNumber.contains(type.kind) else { continue }
      let told = numbers[index * 3 + 2]
      #expect((type.kind == .floating) == (told & 1 == 1), "\(name)")
      if type.kind != .floating { #expect(type.isUnsigned == (told & 2 == 2), "\(name)") }
    }
  }

  /// Of what is no number only the size is asked.
  private static func withoutPointers(
    _ source: String, _ names: [String], _ compiler: Compiler
  ) throws -> String {
    var lines = source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for (index, line) in lines.enumerated() where line.hasPrefix("sizeof(") {
      let name = line.dropFirst(7).prefix { $0 != ")" }
      let layout = try Layout("struct all { \(name) x; };", abi: compiler.abi)
      let type = layout.types[layout.types.fields[layout.types[layout.root].fields][0].type]
      if type.kind == .pointer || type.kind == .opaque || type.kind == .boolean {
        lines[index] = "sizeof(\(name)), _Alignof(\(name)), 0,"
      }
    }
    return lines.joined(separator: "\n") + "};\n"
  }

  @Test(
    "the plain types of Linux' headers have their sizes and signs",
    .enabled(if: Compiler.gcc.isInstalled, "gcc is not installed (scripts/setup test)"))
  func linuxScalars() throws {
    try checkScalars(.gcc, Self.linuxHeaders + Self.scalarHeaders, atLeast: 220)
  }

  @Test(
    "the plain types of Windows' headers have their sizes and signs",
    .enabled(if: Compiler.mingw.isInstalled, "gcc-mingw-w64-x86-64 is not installed"))
  func windowsScalars() throws {
    try checkScalars(
      .mingw,
      Self.windowsHeaders + [
        "stdint.h", "sys/types.h", "uchar.h", "stdatomic.h", "math.h", "stdarg.h", "wctype.h",
        "locale.h", "oleauto.h",
      ], atLeast: 200)
  }

  /// Of those that the headers here define.
  private func checkConstants(
    _ compiler: Compiler, _ headers: [String], atLeast count: Int
  ) throws {
    let names = (LayoutBuiltins.constantNames + LayoutBuiltins.headerMacros).filter {
      ![
        "NULL", "nullptr", "true", "false", "ULLONG_MAX", "UINT64_MAX",
        // Without a value there.
        "_AMD64_", "__LITTLE_ENDIAN_BITFIELD",
      ].contains($0)
    }
    var source = "#define _GNU_SOURCE 1\n" + headers.map { "#include <\($0)>\n" }.joined()
    source += "__attribute__((section(\".mpbits\"))) const char bits = 0;\n"
    source += "__attribute__((section(\".mpnum\"))) const unsigned long long numbers[] = {\n"
    for name in names {
      source += "#ifdef \(name)\n\(name) + 0,\n#else\n~0ULL,\n#endif\n"
    }
    var compared = 0
    for (name, number) in zip(names, try compiler.sections(source + "};\n").numbers)
    where number != ~0 {
      let text = "enum { X = \(name) + 0 }; struct s { int a; };"
      let known = try? Layout(text, abi: compiler.abi).constants["X"]
      // mingw has some names of Linux', which Microsoft's headers have not.
      if known == nil && compiler.abi == .mingw { continue }
      #expect(known == Int64(bitPattern: number), "\(name)")
      compared += 1
    }
    #expect(compared >= count)
  }

  @Test(
    "the constants of Linux' headers have their values",
    .enabled(if: Compiler.gcc.isInstalled, "gcc is not installed (scripts/setup test)"))
  func linuxConstants() throws {
    try checkConstants(
      .gcc,
      [
        "limits.h", "stdlib.h", "stdint.h", "endian.h", "signal.h", "wchar.h", "sys/select.h",
        "net/if.h", "netinet/in.h", "linux/un.h",
        "linux/if_ether.h", "netinet/ip.h", "linux/atm.h", "linux/ax25.h", "linux/hid.h",
        "linux/netfilter/nfnetlink_acct.h", "linux/dm-ioctl.h", "linux/netdevice.h", "sys/uio.h",
        "asm/bitsperlong.h", "asm/byteorder.h",
      ], atLeast: 70)
  }

  @Test(
    "the constants of Windows' headers have their values",
    .enabled(if: Compiler.mingw.isInstalled, "gcc-mingw-w64-x86-64 is not installed"))
  func windowsConstants() throws {
    try checkConstants(
      .mingw,
      [
        "winsock2.h", "ws2tcpip.h", "windows.h", "limits.h", "stdlib.h", "netioapi.h", "stdint.h",
        "wchar.h",
      ], atLeast: 55)
  }

  @Test("Microsoft's plain types are as large as mingw's, but one")
  func microsoftScalars() throws {
    for name in LayoutBuiltins.names(.windows) {
      guard let theirs = LayoutBuiltins.type(name, .windows, isUnicode: false),
        let mingws = LayoutBuiltins.type(name, .mingw, isUnicode: false)
      else { continue }
      let isFast = name.hasSuffix("int_fast16_t")
      #expect(isFast ? theirs.size == 4 && mingws.size == 2 : theirs.size == mingws.size, "\(name)")
    }
  }

  @Test("the compilers' own macros are known with their values", arguments: LayoutCompilers.judges)
  func predefined(_ compiler: Compiler) throws {
    let macros = try compiler.predefined()
    #expect(macros.count > 200)
    var text = ""
    for (name, value) in macros.sorted(by: { $0.key < $1.key }) {
      text += "#ifndef \(name)\n#error \(name) is not known\n#endif\n"
      if Int64(value) != nil {
        text += "#if \(name) != \(value)\n#error \(name) is not \(value)\n#endif\n"
      }
    }
    var options = Layout.Options(abi: compiler.abi)
    options.language = compiler.isCPlusPlus ? .cPlusPlus : .c
    _ = try Layout(text + "struct s { int a; };", options: options)
  }

  @Test("numbers of the other byte order are told from others")
  func order() throws {
    let text = "struct s { uint32_t a; unsigned b : 4, c : 12; uint8_t d; };"
    var options = Layout.Options()
    options.order = .big
    let big = try Layout(text, options: options)
    #expect(big.members.map(\.isBigEndian) == [true, true, true, false])
    #expect(try big.bits(of: "b") == Layout.Bits(bit: 28, width: 4))
    let attribute = "struct __attribute__((scalar_storage_order(\"big-endian\"))) s"
    #expect(
      try Layout(text.replacing("struct s", with: attribute)).difference(from: big) == nil)
    let pragma = "#pragma scalar_storage_order big-endian\n"
    #expect(try Layout(pragma + text).difference(from: big) == nil)
    #expect(try Layout(text).difference(from: big) != nil)
  }
}
