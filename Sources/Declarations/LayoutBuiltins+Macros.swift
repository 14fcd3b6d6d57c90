/// Macros that compilers and well-known headers define.
extension LayoutBuiltins {
  /// What a name that the text has not defined stands for; nil: nothing.
  static func macro(_ name: String, _ options: LayoutReading) -> LayoutMacro? {
    if annotations.contains(name) { return LayoutMacro(body: []) }
    if let text = words[name] { return LayoutMacro(text: text) }
    if let text = values.value(name, options) { return LayoutMacro(body: text) }
    return nil
  }

  /// The same for a word of kernels and libraries, as text; nil: it is no such word.
  static func text(ofMacro name: String) -> String? {
    annotations.contains(name) ? keywords.contains(name) ? nil : "" : words[name]
  }

  /// Words that compilers know themselves.
  private static let keywords = words(
    """
    __cdecl _cdecl __stdcall _stdcall __fastcall __thiscall __vectorcall __unaligned __ptr64 \
    __restrict __restrict__ restrict __extension__ noexcept __w64 _Noreturn register __inline__ \
    __inline inline __forceinline _Thread_local __thread auto _Nonnull _Nullable
    """)

  /// The names that headers define, for the test that compares them with the headers.
  static var headerMacros: [String] {
    var all: Set<String> = []
    for table in [headers, longs, longLongs] {
      for item in table.description.split(separator: ";") {
        if let name = item.split(separator: " ").first { all.insert(String(name)) }
      }
    }
    return all.sorted()
  }

  /// Defined on another machine or in another language, and not here.
  static func isElsewhere(_ name: String) -> Bool { values.hasAnywhere(name) }

  /// Tables by ABI and language.
  private static let values = Tables()

  private struct Tables: Sendable {
    private let all: [[String: String]]

    func value(_ name: String, _ options: LayoutReading) -> String? {
      all[Int(options.abi.rawValue) * 2 + (options.isCPlusPlus ? 1 : 0)][name]
    }

    /// Is the name in one of the tables, for whatever machine?
    func hasAnywhere(_ name: String) -> Bool { all.contains { $0[name] != nil } }

    fileprivate init() {
      typealias Predefined = LayoutPredefined
      let gnu = [Predefined.everywhere, Predefined.gnu, LayoutBuiltins.headers]
      let linux = gnu + [Predefined.linux, LayoutBuiltins.longs]
      let mingw = gnu + [Predefined.mingw, LayoutBuiltins.longLongs]
      let microsoft = [
        Predefined.everywhere, Predefined.microsoft, LayoutBuiltins.headers,
        LayoutBuiltins.longLongs,
      ]
      let gnuCPlusPlus = [Predefined.cPlusPlus, Predefined.gnuCPlusPlus]
      let microsoftCPlusPlus = [Predefined.cPlusPlus, Predefined.microsoftCPlusPlus]
      all = [
        linux, linux + gnuCPlusPlus, microsoft, microsoft + microsoftCPlusPlus, mingw,
        mingw + gnuCPlusPlus + ["__WCHAR_UNSIGNED__ 1"],
      ].map { texts in
        var table: [String: String] = [:]
        for text in texts { Self.read(text, into: &table) }
        return table
      }
    }

    /// Reads `NAME value; NAME value`.
    private static func read(_ text: StaticString, into table: inout [String: String]) {
      for item in text.description.split(separator: ";") {
        let parts = item.drop { $0 == " " }.split(separator: " ", maxSplits: 1)
        guard let name = parts.first else { continue }
        table[String(name)] = parts.count > 1 ? String(parts[1]) : ""
      }
    }
  }

  /// From limits.h, stdint.h and the byte orders' headers, where they are the same everywhere.
  private static let headers: StaticString = """
    CHAR_BIT 8; SCHAR_MIN (-128); SCHAR_MAX 127; UCHAR_MAX 255; CHAR_MIN (-128); CHAR_MAX 127; \
    SHRT_MIN (-32768); SHRT_MAX 32767; USHRT_MAX 65535; INT_MIN (-2147483647 - 1); \
    INT_MAX 2147483647; UINT_MAX 4294967295U; LLONG_MIN (-9223372036854775807LL - 1LL); \
    LLONG_MAX 9223372036854775807LL; ULLONG_MAX 18446744073709551615ULL; \
    INT8_MIN (-128); INT8_MAX 127; UINT8_MAX 255; INT16_MIN (-32768); INT16_MAX 32767; \
    UINT16_MAX 65535; INT32_MIN (-2147483647 - 1); INT32_MAX 2147483647; UINT32_MAX 4294967295U; \
    __BYTE_ORDER 1234; __LITTLE_ENDIAN 1234; __BIG_ENDIAN 4321; __PDP_ENDIAN 3412; \
    BYTE_ORDER 1234; LITTLE_ENDIAN 1234; BIG_ENDIAN 4321; PDP_ENDIAN 3412; _BYTE_ORDER 1234; \
    _LITTLE_ENDIAN 1234; _BIG_ENDIAN 4321; __FLOAT_WORD_ORDER 1234; RTE_BYTE_ORDER 1; \
    RTE_LITTLE_ENDIAN 1; RTE_BIG_ENDIAN 2; G_BYTE_ORDER 1234; G_LITTLE_ENDIAN 1234; \
    G_BIG_ENDIAN 4321; G_PDP_ENDIAN 3412; SDL_BYTEORDER 1234; SDL_LIL_ENDIAN 1234; \
    SDL_BIG_ENDIAN 4321; __LITTLE_ENDIAN_BITFIELD 1234; __LITTLE_ENDIAN__ 1; RTE_CACHE_LINE_SIZE 64; \
    RTE_ARCH_X86 1; RTE_ARCH_X86_64 1; RTE_ARCH_64 1; _STRING_ARCH_unaligned 1
    """

  private static let longs: StaticString = """
    __WORDSIZE 64; __BITS_PER_LONG 64; BITS_PER_LONG 64; __BITS_PER_LONG_LONG 64; \
    BITS_PER_LONG_LONG 64; LONG_BIT 64; WORD_BIT 32; LONG_MIN (-9223372036854775807L - 1L); \
    LONG_MAX 9223372036854775807L; ULONG_MAX 18446744073709551615UL; \
    INT64_MIN (-9223372036854775807L - 1L); INT64_MAX 9223372036854775807L; \
    UINT64_MAX 18446744073709551615UL; INTPTR_MIN (-9223372036854775807L - 1L); \
    INTPTR_MAX 9223372036854775807L; UINTPTR_MAX 18446744073709551615UL; \
    PTRDIFF_MIN (-9223372036854775807L - 1L); PTRDIFF_MAX 9223372036854775807L; \
    SIZE_MAX 18446744073709551615UL; SSIZE_MAX 9223372036854775807L; \
    INTMAX_MIN (-9223372036854775807L - 1L); INTMAX_MAX 9223372036854775807L; \
    UINTMAX_MAX 18446744073709551615UL; WCHAR_MIN (-2147483647 - 1); WCHAR_MAX 2147483647; \
    SIG_ATOMIC_MAX 2147483647; WINT_MIN 0u; WINT_MAX 4294967295u; __SYSCALL_WORDSIZE 64; \
    __TIMESIZE 64; _DEFAULT_SOURCE 1; _POSIX_C_SOURCE 200809L; __GLIBC__ 2; \
    __GLIBC_MINOR__ 36; __USE_MISC 1; __USE_ATFILE 1; __USE_ISOC95 1; __USE_ISOC99 1; \
    __USE_ISOC11 1; __USE_POSIX 1; __USE_POSIX2 1; __USE_POSIX199309 1; __USE_POSIX199506 1; \
    __USE_XOPEN2K 1; __USE_XOPEN2K8 1; MB_LEN_MAX 16
    """

  private static let longLongs: StaticString = """
    _AMD64_ 1; LONG_BIT 32; LONG_MIN (-2147483647L - 1L); LONG_MAX 2147483647L; ULONG_MAX 4294967295UL; \
    INT64_MIN (-9223372036854775807LL - 1LL); INT64_MAX 9223372036854775807LL; \
    UINT64_MAX 18446744073709551615ULL; INTPTR_MIN (-9223372036854775807LL - 1LL); \
    INTPTR_MAX 9223372036854775807LL; UINTPTR_MAX 18446744073709551615ULL; \
    PTRDIFF_MIN (-9223372036854775807LL - 1LL); PTRDIFF_MAX 9223372036854775807LL; \
    SIZE_MAX 18446744073709551615ULL; SSIZE_MAX 9223372036854775807LL; \
    INTMAX_MIN (-9223372036854775807LL - 1LL); INTMAX_MAX 9223372036854775807LL; \
    UINTMAX_MAX 18446744073709551615ULL; WCHAR_MIN 0; WCHAR_MAX 65535; WINT_MIN 0; \
    WINT_MAX 65535; __WORDSIZE 64; __BITS_PER_LONG 32; BITS_PER_LONG 32; WIN32 1; WIN64 1; _WINDOWS 1; \
    MB_LEN_MAX 5
    """

  /// Words that say nothing about memory.
  private static let annotations: Set<String> = words(
    """
    WINAPI APIENTRY CALLBACK NTAPI FAR NEAR PASCAL CONST_VTBL WINAPIV WINBASEAPI WINUSERAPI \
    _In_ _Out_ _Inout_ _In_opt_ _Out_opt_ _Inout_opt_ _In_z_ _Null_terminated_ _Field_z_ \
    _NullNull_terminated_ _Reserved_ _Must_inspect_result_ UNALIGNED \
    __cdecl _cdecl __stdcall _stdcall __fastcall __thiscall __vectorcall \
    __unaligned __ptr64 __restrict __restrict__ restrict __extension__ \
    __BEGIN_DECLS __END_DECLS G_BEGIN_DECLS G_END_DECLS EXTERN_C_START EXTERN_C_END noexcept __w64 \
    _Noreturn __noreturn register __inline__ __inline inline __forceinline \
    _Thread_local __thread auto __user __kernel __iomem __force __bitwise __bitwise__ __rcu \
    __percpu __must_check __maybe_unused __always_unused __read_mostly \
    __pure __cold __hot __deprecated __designated_init __randomize_layout \
    __no_randomize_layout __always_inline __noinline __visible __nonstring __rte_unused \
    __rte_experimental __rte_internal __rte_deprecated __rte_always_inline __rte_packed_begin \
    RTE_STD_C11 PRE_PACKED_STRUCTURE DUMMYUNIONNAME DUMMYUNIONNAME2 DUMMYUNIONNAME3 \
    DUMMYSTRUCTNAME DUMMYSTRUCTNAME2 DUMMYSTRUCTNAME3 _ANONYMOUS_UNION _ANONYMOUS_STRUCT \
    OSAL_PACKED_BEGIN OSAL_PACKED_END \
    SERVER_EXPORT LIB_EXPORT __ATM_API_ALIGN SCSSDK_HEADER SCSSDK_FOOTER RTAPI_BEGIN_DECLS \
    RTAPI_END_DECLS DECLSPEC_IMPORT DECLSPEC_NOVTABLE __THROW __wur __attribute_deprecated__ _Nonnull _Nullable
    """)

  private static func words(_ text: String) -> Set<String> {
    Set(text.split(separator: " ").map(String.init))
  }

  /// Words of kernels and libraries that do say something about memory.
  private static let words: [String: String] = [
    "__packed": "__attribute__((packed))", "__rte_packed": "__attribute__((packed))",
    "__rte_packed_end": "__attribute__((packed))",
    "__attribute_packed__": "__attribute__((packed))",
    "POST_PACKED_STRUCTURE": "__attribute__((packed))",
    "__aligned": "(n) __attribute__((aligned(n)))",
    "__rte_aligned": "(n) __attribute__((aligned(n)))",
    "__rte_cache_aligned": "__attribute__((aligned(64)))",
    "__rte_cache_min_aligned": "__attribute__((aligned(64)))",
    "____cacheline_aligned": "__attribute__((aligned(64)))",
    "____cacheline_aligned_in_smp": "__attribute__((aligned(64)))",
    "__cacheline_aligned": "__attribute__((aligned(64)))",
    "__cacheline_aligned_in_smp": "__attribute__((aligned(64)))",
    "____cacheline_internodealigned_in_smp": "__attribute__((aligned(64)))",
    "DECLSPEC_ALIGN": "(n) __declspec(align(n))",
    "__counted_by": "(n)", "__counted_by_le": "(n)", "__counted_by_be": "(n)", "__sized_by": "(n)",
    "__acquires": "(x)", "__releases": "(x)", "__printf": "(a, b)", "__nonnull": "(x)",
    "_In_reads_": "(n)", "_In_reads_bytes_": "(n)", "_Out_writes_": "(n)", "_In_range_": "(a, b)",
    "_Out_writes_bytes_": "(n)", "_Field_size_": "(n)", "_Field_size_bytes_": "(n)",
    "_Field_range_": "(a, b)", "_Field_size_opt_": "(n)", "_Struct_size_bytes_": "(n)",
    "OSAL_PACKED": "__attribute__((packed))", "__declspec_align": "(n) __declspec(align(n))",
    "__DECLARE_FLEX_ARRAY": "(T, N) T N[0]", "DECLARE_FLEX_ARRAY": "(T, N) T N[0]",
    "__struct_group":
      "(TAG, NAME, ATTRS, ...) union { struct { __VA_ARGS__ } ATTRS; struct TAG { __VA_ARGS__ } ATTRS NAME; }",
    "struct_group": "(NAME, ...) __struct_group(, NAME, , __VA_ARGS__)",
    "struct_group_attr": "(NAME, ATTRS, ...) __struct_group(, NAME, ATTRS, __VA_ARGS__)",
    "struct_group_tagged": "(TAG, NAME, ...) __struct_group(TAG, NAME, , __VA_ARGS__)",
    "DECLARE_BITMAP":
      "(name, bits) unsigned long name[((bits) + __BITS_PER_LONG - 1) / __BITS_PER_LONG]",
    "tc_gen": "__u32 index; __u32 capab; int action; int refcnt; int bindcnt",
    "__constant_cpu_to_be32":
      "(x) (((x) & 0xffU) << 24 | ((x) & 0xff00U) << 8 | ((x) >> 8 & 0xff00U) | ((x) >> 24 & 0xffU))",
    "__KERNEL_DIV_ROUND_UP": "(n, d) (((n) + (d) - 1) / (d))",
    "RDMA_UAPI_PTR": "(T, N) __aligned_u64 N",
    "RTE_ATOMIC": "(T) T", "RTE_BIT32": "(n) (1U << (n))", "RTE_BIT64": "(n) (1ULL << (n))",
    "RTE_DECLARE_PER_LCORE": "(T, N) extern T per_lcore_ ## N",
    "TAILQ_HEAD": "(N, T) struct N { struct T *tqh_first; struct T **tqh_last; }",
    "TAILQ_ENTRY": "(T) struct { struct T *tqe_next; struct T **tqe_prev; }",
    "STAILQ_HEAD": "(N, T) struct N { struct T *stqh_first; struct T **stqh_last; }",
    "STAILQ_ENTRY": "(T) struct { struct T *stqe_next; }",
    "SLIST_HEAD": "(N, T) struct N { struct T *slh_first; }",
    "SLIST_ENTRY": "(T) struct { struct T *sle_next; }",
    "LIST_ENTRY": "(T) struct { struct T *le_next; struct T **le_prev; }",
    "RTE_TAILQ_HEAD": "(N, T) TAILQ_HEAD(N, T)", "RTE_TAILQ_ENTRY": "(T) TAILQ_ENTRY(T)",
    "RTE_STAILQ_HEAD": "(N, T) STAILQ_HEAD(N, T)", "RTE_STAILQ_ENTRY": "(T) STAILQ_ENTRY(T)",
    "DECLARE_HANDLE": "(name) typedef void *name", "DEFINE_GUID": "(...)", "EXTERN_C": "extern",
    "BIT": "(n) (1UL << (n))", "BIT_ULL": "(n) (1ULL << (n))", "_BITUL": "(n) (1UL << (n))",
    "_BITULL": "(n) (1ULL << (n))", "_UL": "(n) n ## UL", "_ULL": "(n) n ## ULL",
    "_AC": "(x, y) x ## y", "DIV_ROUND_UP": "(n, d) (((n) + (d) - 1) / (d))",
    "_T": "(x) x", "TEXT": "(x) x", "_TEXT": "(x) x", "INT8_C": "(c) c", "UINT8_C": "(c) c",
    "INT16_C": "(c) c", "UINT16_C": "(c) c",
    "INT32_C": "(c) c", "UINT32_C": "(c) c ## U", "INT64_C": "(c) c ## LL",
    "UINT64_C": "(c) c ## ULL", "INTMAX_C": "(c) c ## LL", "UINTMAX_C": "(c) c ## ULL",
    "__GNUC_PREREQ": "(a, b) ((__GNUC__ << 16) + __GNUC_MINOR__ >= ((a) << 16) + (b))",
    "__GLIBC_PREREQ": "(a, b) ((__GLIBC__ << 16) + __GLIBC_MINOR__ >= ((a) << 16) + (b))",
    "_IOC": "(d, t, n, s) (((d) << 30) | ((t) << 8) | (n) | ((s) << 16))",
    "_IO": "(t, n) _IOC(0U, t, n, 0)", "_IOW": "(t, n, s) _IOC(1U, t, n, sizeof(s))",
    "_IOR": "(t, n, s) _IOC(2U, t, n, sizeof(s))", "_IOWR": "(t, n, s) _IOC(3U, t, n, sizeof(s))",
  ]
}
