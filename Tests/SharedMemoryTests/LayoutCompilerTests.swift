import Glibc
import LayoutTrials
import SharedMemory
import Testing

/// The compilers have the last word: 2,000 random declarations, and the names of their headers.
/// `MOONPOOL_LAYOUT_SEED` takes other ones.
@Suite struct LayoutCompilers {
  private static let seed = getenv("MOONPOOL_LAYOUT_SEED").flatMap { UInt64(String(cString: $0)) }

  /// C and C++ on three ABIs; the clang is that of Swift's toolchain.
  static let judges = [
    Compiler.gcc, .mingw, .microsoft, .gxx, .mingwxx, .microsoftxx,
  ].filter(\.isInstalled)

  @Test(
    "2,000 random declarations are laid out as the ABI's own compiler does it", arguments: judges)
  func agree(_ compiler: Compiler) throws {
    let found = try Comparison.differences(2000, seed: Self.seed ?? 1, compiler)
    #expect(found.isEmpty, "\(found.count), the first: \(found.first ?? "")")
  }

  /// A name's size and whether -1 is less than 0 in it.
  private func check(_ compiler: Compiler, _ headers: [String], _ names: String) throws {
    let names = names.split(separator: " ")
    var source = headers.map { "#include <\($0)>\n" }.joined()
    source += "__attribute__((section(\".mpbits\"))) const char bits = 0;\n"
    source += "__attribute__((section(\".mpnum\"))) const unsigned long long numbers[] = {\n"
    for name in names {
      source += "sizeof(\(name)), _Alignof(\(name)), (\(name))-1 < (\(name))0,\n"
    }
    let (numbers, _) = try compiler.sections(source + "};\n")
    for (index, name) in names.enumerated() {
      let text = "struct S { \(name) x; }; enum { SIGNED = (\(name))-1 < (\(name))0 };"
      let layout = try Layout(text, abi: compiler.abi)
      #expect(layout.size == Int(numbers[index * 3]), "\(name)")
      #expect(layout.alignment == Int(numbers[index * 3 + 1]), "\(name)")
      #expect(layout.constants["SIGNED"] == Int64(numbers[index * 3 + 2]), "\(name)")
    }
  }

  private static let standard = """
    int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t int_least8_t int_least16_t \
    int_least32_t int_least64_t uint_least8_t uint_least16_t uint_least32_t uint_least64_t \
    int_fast8_t int_fast16_t int_fast32_t int_fast64_t uint_fast8_t uint_fast16_t uint_fast32_t \
    uint_fast64_t intptr_t uintptr_t intmax_t uintmax_t size_t ssize_t ptrdiff_t wchar_t char16_t \
    char32_t bool time_t off_t off64_t pid_t mode_t dev_t ino_t useconds_t clock_t wint_t errno_t
    """

  @Test(
    "the names of Linux's headers have their sizes",
    .enabled(if: Compiler.gcc.isInstalled, "gcc is not installed (scripts/setup test)"))
  func linuxNames() throws {
    let names = Self.standard.replacing("off64_t ", with: "").replacing(" errno_t", with: "")
    try check(
      .gcc,
      [
        "stdint.h", "stddef.h", "stdbool.h", "wchar.h", "uchar.h", "time.h", "sys/types.h",
        "unistd.h",
      ],
      names + " uid_t gid_t key_t clockid_t suseconds_t u_char u_short u_int u_long ushort uint "
        + "ulong u_int8_t u_int16_t u_int32_t u_int64_t")
  }

  private static let windows = """
    BYTE WORD DWORD BOOL BOOLEAN CHAR UCHAR WCHAR SHORT USHORT INT UINT LONG ULONG LONGLONG \
    ULONGLONG INT8 UINT8 INT16 UINT16 INT32 UINT32 INT64 UINT64 LONG32 ULONG32 \
    DWORD32 LONG64 ULONG64 DWORD64 DWORDLONG LONG_PTR ULONG_PTR INT_PTR UINT_PTR DWORD_PTR SIZE_T \
    SSIZE_T WPARAM LPARAM LRESULT HRESULT COLORREF LCID LANGID ATOM ACCESS_MASK CCHAR USN
    """

  @Test(
    "the names of Windows' headers have their sizes",
    .enabled(if: Compiler.mingw.isInstalled, "gcc-mingw-w64-x86-64 is not installed"))
  func windowsNames() throws {
    try check(
      .mingw,
      [
        "windows.h", "stdint.h", "stdbool.h", "wchar.h", "uchar.h", "time.h", "sys/types.h",
        "unistd.h",
      ],
      Self.windows + " " + Self.standard)
  }
}
