/// The names that headers find defined: those of stdint, POSIX and Windows, and the compilers'
/// macros. They are looked up on demand; nothing is built at start.
enum LayoutBuiltins {
  /// The type of a name; nil: unknown. `isUnicode`: the text defines UNICODE.
  static func type(_ name: String, _ abi: Layout.ABI, isUnicode: Bool) -> LayoutType? {
    if name == "TCHAR" || name == "_TCHAR" || name == "TBYTE" {
      return isUnicode ? scalar("WCHAR", .wide, 2) : scalar("char", .character, 1)
    }
    guard let form = types[name] else { return nil }
    let size = form.sizes[Int(abi.rawValue)]
    if size == 0 { return nil }
    var type = scalar(name, form.kind, size)
    // Of all wide characters only Linux's wchar_t is signed.
    if form.kind == .wide && form.sizes[0] != form.sizes[1] && abi == .linux {
      type.isUnsigned = false
    }
    type.isBigEndian = form.isBigEndian
    type.isFixedOrder = form.isFixedOrder
    return type
  }

  /// All that such names are and C's own words for types, for those that somebody wrote like one.
  static func names(_ abi: Layout.ABI) -> [String] {
    let structures = structureNames
    let words = [
      "char", "short", "int", "long", "float", "double", "signed", "unsigned", "void", "struct",
      "union", "enum", "const", "static", "typedef", "volatile", "extern", "class",
    ]
    let known = types.filter { $0.value.sizes[Int(abi.rawValue)] != 0 }.keys.sorted()
    let headers = (abi == .linux ? structures.linux : structures.windows) + structures.everywhere
    return words + known + headers.filter { !$0.contains(" ") }
  }

  /// Of stdint.h and stddef.h.
  static let standard: Set<String> = [
    "int8_t", "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t",
    "int_least8_t", "int_least16_t", "int_least32_t", "int_least64_t", "uint_least8_t",
    "uint_least16_t", "uint_least32_t", "uint_least64_t", "int_fast8_t", "int_fast16_t",
    "int_fast32_t", "int_fast64_t", "uint_fast8_t", "uint_fast16_t", "uint_fast32_t",
    "uint_fast64_t", "intptr_t", "uintptr_t", "intmax_t", "uintmax_t", "size_t", "ptrdiff_t",
    "wchar_t", "nullptr_t", "max_align_t",
  ]

  static func scalar(
    _ name: String, _ kind: LayoutKind, _ size: UInt64
  ) -> LayoutType {
    let isUnsigned = kind != .signed && kind != .character
    return LayoutType(
      kind: kind, size: size, alignment: size, name: name, isUnsigned: isUnsigned)
  }

  private struct Form {
    let kind: LayoutKind
    /// In bytes, indexed by the ABI's number; 0: unknown there.
    let sizes: [UInt64]
    var isBigEndian = false
    var isFixedOrder = false
  }

  private static let types: [String: Form] = {
    var types: [String: Form] = [:]
    /// The sizes on Linux, for Microsoft's compiler, and for mingw.
    func add(_ kind: LayoutKind, _ sizes: [UInt64], _ names: String) {
      for name in names.split(separator: " ") {
        types[String(name)] = Form(kind: kind, sizes: sizes)
      }
    }
    func add(_ kind: LayoutKind, _ linux: UInt64, _ windows: UInt64, _ names: String) {
      add(kind, [linux, windows, windows], names)
    }
    func add(_ kind: LayoutKind, _ size: UInt64, _ names: String) {
      add(kind, [size, size, size], names)
    }
    add(.unsigned, 1, "uint8_t uint_least8_t uint_fast8_t u_int8_t u_char uchar BYTE UCHAR UINT8")
    add(.unsigned, 1, "BOOLEAN u8 __u8 char8_t byte UInt8 uint8 cc_t")
    add(.signed, 1, "int8_t int_least8_t int_fast8_t INT8 s8 __s8 sint8 __int8_t")
    add(.unsigned, 2, "uint16_t uint_least16_t u_int16_t u_short ushort WORD USHORT UINT16 ATOM")
    add(.unsigned, 2, "u16 __u16 UInt16 uint16 LANGID __uint16_t sa_family_t in_port_t")
    add(.unsigned, 2, "__kernel_sa_family_t __sum16")
    add(.signed, 2, "int16_t int_least16_t SHORT INT16 s16 __s16 __int16_t VARIANT_BOOL")
    add(
      .unsigned, 4, "uint32_t uint_least32_t u_int32_t u_int uint DWORD UINT ULONG UINT32 DWORD32")
    add(.unsigned, 4, "ULONG32 COLORREF LCID u32 __u32 UInt32 uint32 __uint32_t ACCESS_MASK")
    add(.unsigned, 4, "in_addr_t tcflag_t speed_t pthread_key_t __wsum __poll_t __kernel_mode_t")
    add(.unsigned, 4, "__kernel_uid32_t __kernel_gid32_t __kernel_uid_t __kernel_gid_t")
    add(.signed, 4, "int32_t int_least32_t INT LONG INT32 LONG32 HRESULT NTSTATUS s32 __s32")
    add(.signed, 4, "__int32_t __time32_t __kernel_pid_t __kernel_key_t __kernel_timer_t")
    add(.signed, 4, "__kernel_mqd_t __kernel_daddr_t __kernel_clockid_t")
    add(.signed, 0, 4, "BOOL")
    add(.unsigned, 4, "jack_nframes_t jack_port_id_t jack_port_type_id_t canid_t __virtio32")
    add(.signed, 4, "SInt32 jack_shmsize_t __kernel_rwf_t int32")
    add(
      .unsigned, 8, "jack_time_t jack_uuid_t jack_unique_t jack_intclient_t __virtio64 rte_iova_t")
    add(.floating, 4, "jack_default_audio_sample_t float32")
    add(.floating, 8, "float64")
    add(.unsigned, 2, "__virtio16 atm_backend_t Elf32_Half Elf64_Half")
    add(.unsigned, 4, "Elf32_Addr Elf32_Word Elf32_Off Elf64_Word")
    add(.signed, 4, "Elf32_Sword Elf64_Sword")
    add(.unsigned, 8, "Elf64_Addr Elf64_Off Elf64_Xword")
    add(.signed, 8, "Elf64_Sxword SInt64 int64")
    add(.signed, 2, "SInt16 int16")
    add(.signed, 1, "SInt8 int8")
    add(.signed, 4, 0, "pthread_once_t mqd_t sig_atomic_t __pid_t __clockid_t")
    add(.unsigned, 4, 0, "__uid_t __gid_t __mode_t __useconds_t __socklen_t __id_t id_t")
    add(
      .unsigned, 8, "uint64_t uint_least64_t uintmax_t u_int64_t size_t uintptr_t DWORDLONG UINT64")
    add(.unsigned, 8, "ULONGLONG DWORD64 ULONG64 QWORD ULONG_PTR UINT_PTR DWORD_PTR SIZE_T WPARAM")
    add(.unsigned, 8, "u64 __u64 UInt64 uint64 __uint64_t KAFFINITY SOCKET __aligned_u64")
    add(.unsigned, 8, "__kernel_size_t")
    add(
      .signed, 8, "int64_t int_least64_t intmax_t ssize_t ptrdiff_t intptr_t time_t LONGLONG INT64")
    add(.signed, 8, "LONG64 LONG_PTR INT_PTR SSIZE_T LPARAM LRESULT USN s64 __s64 __int64_t")
    add(.signed, 8, "__time64_t __kernel_ssize_t __kernel_ptrdiff_t __kernel_loff_t")
    add(.signed, 8, "__kernel_time64_t __aligned_s64 loff_t")
    add(.unsigned, 8, 4, "u_long ulong uint_fast32_t __kernel_ulong_t __kernel_ino_t")
    add(
      .signed, 8, 4,
      "int_fast32_t off_t clock_t suseconds_t __kernel_long_t __kernel_off_t __kernel_old_time_t")
    add(.signed, 8, 4, "__kernel_time_t __kernel_clock_t __kernel_suseconds_t")
    add(.unsigned, [8, 4, 2], "uint_fast16_t")
    add(.signed, [8, 4, 2], "int_fast16_t")
    add(.unsigned, 8, 2, "ino_t")
    add(.unsigned, 8, "uint_fast64_t")
    add(.signed, 8, "int_fast64_t off64_t")
    add(.unsigned, 8, 0, "pthread_t nlink_t rlim_t fsblkcnt_t fsfilcnt_t nfds_t ino64_t __dev_t")
    add(.unsigned, 8, 0, "__ino_t __nlink_t __rlim_t")
    add(.signed, 8, 0, "blksize_t blkcnt_t __off_t __off64_t __time_t __suseconds_t __ssize_t")
    add(.signed, 8, 0, "__clock_t __blksize_t __blkcnt_t __syscall_slong_t __intptr_t")
    add(.signed, 4, 8, "pid_t")
    add(.unsigned, 4, 2, "mode_t")
    add(.unsigned, 8, 4, "dev_t")
    add(.unsigned, 4, 4, "uid_t gid_t useconds_t socklen_t")
    add(.signed, 4, 4, "key_t clockid_t errno_t")
    add(.floating, 4, "FLOAT float_t float32_t _Float32")
    add(.floating, 8, "DOUBLE DATE double_t float64_t _Float64 _Float32x")
    add(.boolean, 1, "bool _Bool")
    add(.character, 1, "CHAR CCHAR")
    add(.wide, 4, 2, "wchar_t __wchar_t")
    add(.wide, 2, "WCHAR char16_t OLECHAR")
    add(.wide, 4, "char32_t")
    add(.unsigned, 4, 2, "wint_t")
    add(.pointer, 8, pointers)
    add(.pointer, 0, 8, "va_list __builtin_va_list __gnuc_va_list")
    atomics(&types)
    for bits: UInt64 in [16, 32, 64] {
      let size = bits / 8
      for name in ["__be\(bits)", "rte_be\(bits)_t", "ovs_be\(bits)"] {
        types[name] = Form(kind: .unsigned, sizes: [size, size, size], isBigEndian: true)
      }
      types["__aligned_be64"] = types["__be64"]
      for name in ["__le\(bits)", "rte_le\(bits)_t"] {
        types[name] = Form(kind: .unsigned, sizes: [size, size, size], isFixedOrder: true)
      }
    }
    return types
  }()

  /// `atomic_uint` and the like have the size of what they hold, for all three compilers.
  private static func atomics(_ types: inout [String: Form]) {
    for (name, plain) in [
      ("schar", "int8_t"), ("uchar", "uint8_t"), ("short", "int16_t"), ("ushort", "uint16_t"),
      ("int", "int32_t"), ("uint", "uint32_t"), ("llong", "int64_t"), ("ullong", "uint64_t"),
      ("long", "clock_t"), ("ulong", "u_long"), ("bool", "bool"), ("char", "CHAR"),
      ("wchar_t", "wchar_t"), ("char16_t", "char16_t"), ("char32_t", "char32_t"),
      ("char8_t", "uint8_t"),
    ] { types["atomic_\(name)"] = types[plain] }
    for name in Array(types.keys) where name.hasSuffix("_t") && !name.hasPrefix("_") {
      if ["int", "uint", "size", "ptrdiff"].contains(where: { name.hasPrefix($0) }) {
        types["atomic_\(name)"] = types[name]
      }
    }
  }

  private static let pointers = """
    HANDLE PVOID LPVOID LPCVOID HWND HMODULE HINSTANCE HDC HICON HMENU HBITMAP HBRUSH HKEY HGLOBAL \
    HLOCAL HFONT HCURSOR HRSRC HGDIOBJ SC_HANDLE LPSTR LPCSTR LPWSTR LPCWSTR LPTSTR LPCTSTR PSTR \
    PCSTR PWSTR PCWSTR PCHAR PWCHAR PBYTE LPBYTE PDWORD LPDWORD PWORD LPWORD PLONG LPLONG PULONG \
    PBOOL LPBOOL PUINT PINT LPINT PFLOAT PHANDLE LPHANDLE PUCHAR PUSHORT PSHORT PULONGLONG \
    PLONGLONG PULONG_PTR PSIZE_T FARPROC BSTR PCWCH LPCH PCCH PTSTR PCTSTR HMONITOR \
    HPALETTE HPEN HRGN HHOOK HDESK HWINSTA HENHMETAFILE HACCEL HCOLORSPACE HDROP HGLRC \
    locale_t timer_t caddr_t nullptr_t
    """

  /// A constant that a text may use, and may define itself; nil: not known.
  static func constant(_ name: String, _ abi: Layout.ABI) -> Int64? {
    if abi != .linux, let value = windowsConstants[name] { return value == 0 ? nil : value }
    return constants[name]
  }

  static var constantNames: [String] { constants.keys.sorted() }

  /// Where Windows' headers say otherwise; 0: they have no such name.
  private static let windowsConstants: [String: Int64] = [
    "FD_SETSIZE": 64, "INET_ADDRSTRLEN": 22, "INET6_ADDRSTRLEN": 65, "IF_NAMESIZE": 256,
    "IFNAMSIZ": 0, "PATH_MAX": 0, "NAME_MAX": 0, "HOST_NAME_MAX": 0, "IOV_MAX": 0,
  ]

  private static let constants: [String: Int64] = [
    "TRUE": 1, "FALSE": 0, "true": 1, "false": 0, "NULL": 0, "nullptr": 0, "MAX_PATH": 260,
    "PATH_MAX": 4096, "NAME_MAX": 255, "_MAX_PATH": 260, "_MAX_FNAME": 256, "_MAX_DIR": 256,
    "_MAX_EXT": 256, "_MAX_DRIVE": 3, "IFNAMSIZ": 16, "IF_NAMESIZE": 16, "INET_ADDRSTRLEN": 16,
    "INET6_ADDRSTRLEN": 46, "HOST_NAME_MAX": 64, "L1_CACHE_BYTES": 64,
    "SMP_CACHE_BYTES": 64, "ETH_ALEN": 6, "RTE_ETHER_ADDR_LEN": 6, "ANYSIZE_ARRAY": 1,
    "MAX_COMPUTERNAME_LENGTH": 15, "UNIX_PATH_MAX": 108, "FD_SETSIZE": 1024,
    "MAX_ADDR_LEN": 32, "IFHWADDRLEN": 6, "ATM_ESA_LEN": 20,
    "AX25_MAX_DIGIS": 8, "MAX_IPOPTLEN": 40, "ETH_HLEN": 14, "ETH_FRAME_LEN": 1514,
    "AERON_CACHE_LINE_LENGTH": 64, "HID_MAX_DESCRIPTOR_SIZE": 4096, "DM_UUID_LEN": 129,
    "DM_NAME_LEN": 128, "NFACCT_NAME_MAX": 32, "PAGE_SIZE": 4096, "IOV_MAX": 1024,
    "LF_FACESIZE": 32, "CCHDEVICENAME": 32,
  ]
}
