/// The names that a header finds defined: stdint's, POSIX', Windows', and the macros of both
/// compilers. Looked up on demand; nothing is built at start.
enum LayoutBuiltins {
  /// A type's name; nil: not known. `isUnicode`: the text defines UNICODE.
  static func type(_ name: String, _ abi: Layout.ABI, isUnicode: Bool) -> LayoutType? {
    if name == "TCHAR" || name == "_TCHAR" || name == "TBYTE" {
      return isUnicode ? scalar("WCHAR", .wide, 2) : scalar("char", .character, 1)
    }
    guard let form = types[name] else { return nil }
    var type = scalar(name, form.kind, abi == .linux ? form.linux : form.windows)
    // Of the wide characters only Linux's wchar_t has a sign.
    if form.kind == .wide && form.linux != form.windows && abi == .linux { type.isUnsigned = false }
    return type
  }

  static func scalar(
    _ name: String, _ kind: LayoutKind, _ size: UInt64
  ) -> LayoutType {
    let isUnsigned = kind != .signed && kind != .character
    return LayoutType(
      kind: kind, size: size, alignment: size, name: name, isUnsigned: isUnsigned)
  }

  private struct Form {
    let kind: LayoutKind
    let linux: UInt64
    let windows: UInt64
  }

  private static let types: [String: Form] = {
    var types: [String: Form] = [:]
    func add(_ kind: LayoutKind, _ linux: UInt64, _ windows: UInt64, _ names: String) {
      for name in names.split(separator: " ") {
        types[String(name)] = Form(kind: kind, linux: linux, windows: windows)
      }
    }
    func add(_ kind: LayoutKind, _ size: UInt64, _ names: String) { add(kind, size, size, names) }
    add(.unsigned, 1, "uint8_t uint_least8_t uint_fast8_t u_int8_t u_char uchar BYTE UCHAR UINT8")
    add(.unsigned, 1, "BOOLEAN u8 __u8 char8_t byte UInt8 uint8")
    add(.signed, 1, "int8_t int_least8_t int_fast8_t INT8 s8 __s8 sint8 __int8_t")
    add(.unsigned, 2, "uint16_t uint_least16_t u_int16_t u_short ushort WORD USHORT UINT16 ATOM")
    add(.unsigned, 2, "u16 __u16 UInt16 uint16 LANGID __uint16_t")
    add(.signed, 2, "int16_t int_least16_t SHORT INT16 s16 __s16 __int16_t VARIANT_BOOL")
    add(
      .unsigned, 4, "uint32_t uint_least32_t u_int32_t u_int uint DWORD UINT ULONG UINT32 DWORD32")
    add(.unsigned, 4, "ULONG32 COLORREF LCID u32 __u32 UInt32 uint32 __uint32_t ACCESS_MASK")
    add(.signed, 4, "int32_t int_least32_t BOOL INT LONG INT32 LONG32 HRESULT NTSTATUS s32 __s32")
    add(.signed, 4, "__int32_t")
    add(
      .unsigned, 8, "uint64_t uint_least64_t uintmax_t u_int64_t size_t uintptr_t DWORDLONG UINT64")
    add(.unsigned, 8, "ULONGLONG DWORD64 ULONG64 QWORD ULONG_PTR UINT_PTR DWORD_PTR SIZE_T WPARAM")
    add(.unsigned, 8, "u64 __u64 UInt64 uint64 __uint64_t KAFFINITY SOCKET")
    add(
      .signed, 8, "int64_t int_least64_t intmax_t ssize_t ptrdiff_t intptr_t time_t LONGLONG INT64")
    add(.signed, 8, "LONG64 LONG_PTR INT_PTR SSIZE_T LPARAM LRESULT USN s64 __s64 __int64_t")
    add(.unsigned, 8, 4, "u_long ulong uint_fast32_t")
    add(.signed, 8, 4, "int_fast32_t off_t clock_t suseconds_t")
    add(.unsigned, 8, 2, "uint_fast16_t ino_t")
    add(.signed, 8, 2, "int_fast16_t")
    add(.unsigned, 8, "uint_fast64_t")
    add(.signed, 8, "int_fast64_t off64_t")
    add(.signed, 4, 8, "pid_t")
    add(.unsigned, 4, 2, "mode_t")
    add(.unsigned, 8, 4, "dev_t")
    add(.unsigned, 4, 4, "uid_t gid_t useconds_t socklen_t")
    add(.signed, 4, 4, "key_t clockid_t errno_t")
    add(.floating, 4, "FLOAT float_t")
    add(.floating, 8, "DOUBLE DATE double_t")
    add(.boolean, 1, "bool _Bool")
    add(.character, 1, "CHAR CCHAR")
    add(.wide, 4, 2, "wchar_t __wchar_t")
    add(.wide, 2, "WCHAR char16_t OLECHAR")
    add(.wide, 4, "char32_t")
    add(.unsigned, 4, 2, "wint_t")
    add(.pointer, 8, pointers)
    return types
  }()

  private static let pointers = """
    HANDLE PVOID LPVOID LPCVOID HWND HMODULE HINSTANCE HDC HICON HMENU HBITMAP HBRUSH HKEY HGLOBAL \
    HLOCAL HFONT HCURSOR HRSRC HGDIOBJ SC_HANDLE LPSTR LPCSTR LPWSTR LPCWSTR LPTSTR LPCTSTR PSTR \
    PCSTR PWSTR PCWSTR PCHAR PWCHAR PBYTE LPBYTE PDWORD LPDWORD PWORD LPWORD PLONG LPLONG PULONG \
    PBOOL LPBOOL PUINT PINT LPINT PFLOAT PHANDLE LPHANDLE PUCHAR PUSHORT PSHORT PULONGLONG \
    PLONGLONG PULONG_PTR PSIZE_T FARPROC BSTR va_list
    """

  // MARK: Macros

  /// What a name stands for that nobody has defined; nil: nothing.
  static func macro(_ name: String, _ abi: Layout.ABI) -> [LayoutToken]? {
    if annotations.contains(name) { return [] }
    guard let value = (abi == .linux ? linux : windows)[name] ?? both[name] else { return nil }
    return [.number(value)]
  }

  private static let both = [
    "__x86_64__": "1", "__x86_64": "1", "__amd64__": "1", "__amd64": "1", "__GNUC__": "12",
    "__GNUC_MINOR__": "2", "__STDC__": "1", "__STDC_VERSION__": "201710L", "__CHAR_BIT__": "8",
    "CHAR_BIT": "8", "__SIZEOF_INT__": "4", "__SIZEOF_POINTER__": "8", "__SIZEOF_SHORT__": "2",
    "__SIZEOF_LONG_LONG__": "8", "__ORDER_LITTLE_ENDIAN__": "1234", "__BYTE_ORDER__": "1234",
    "__ORDER_BIG_ENDIAN__": "4321", "__LITTLE_ENDIAN__": "1", "__INT_MAX__": "0x7fffffff",
    "INT_MAX": "0x7fffffff", "UINT_MAX": "0xffffffffU", "UINT8_MAX": "255", "UINT16_MAX": "65535",
    "UINT32_MAX": "0xffffffffU", "INT32_MAX": "0x7fffffff", "UCHAR_MAX": "255",
    "USHRT_MAX": "65535",
  ]
  private static let linux = [
    "__linux__": "1", "__linux": "1", "__gnu_linux__": "1", "__unix__": "1",
    "__unix": "1", "__ELF__": "1", "__LP64__": "1", "_LP64": "1",
    "__SIZEOF_LONG__": "8", "__SIZEOF_WCHAR_T__": "4",
  ]
  private static let windows = [
    "_WIN32": "1", "_WIN64": "1", "WIN32": "1", "WIN64": "1", "__WIN32__": "1", "__WIN64__": "1",
    "__MINGW32__": "1", "__MINGW64__": "1", "__SIZEOF_LONG__": "4", "__SIZEOF_WCHAR_T__": "2",
  ]

  /// Constants that a text may use, and may define itself.
  static let constants: [String: Int64] = [
    "TRUE": 1, "FALSE": 0, "true": 1, "false": 0, "NULL": 0, "nullptr": 0, "MAX_PATH": 260,
    "PATH_MAX": 4096, "NAME_MAX": 255,
  ]

  /// Words of headers that say nothing about memory.
  private static let annotations: Set<String> = [
    "WINAPI", "APIENTRY", "CALLBACK", "NTAPI", "FAR", "NEAR", "PASCAL", "CONST_VTBL",
    "_In_", "_Out_", "_Inout_", "_In_opt_", "_Out_opt_", "UNALIGNED",
    "__cdecl", "_cdecl", "__stdcall", "_stdcall", "__fastcall", "__thiscall", "__vectorcall",
    "__unaligned", "__ptr64", "__restrict", "__restrict__", "restrict", "__extension__",
    "__BEGIN_DECLS", "__END_DECLS", "EXTERN_C_START", "EXTERN_C_END", "noexcept", "__w64",
    "_Noreturn", "__noreturn", "register", "__inline__", "__inline", "inline", "__forceinline",
    "_Thread_local", "__thread", "auto",
  ]
}
