/// What is certainly undefined, and which headers hide nothing.
extension LayoutBuiltins {
  /// Names of glibc's endian.h, which defines all of them, whereas the kernel's headers define one
  /// of two; a text that asks which one it is means `#ifdef __BIG_ENDIAN`.
  static let bigOrders: Set<String> = [
    "__BIG_ENDIAN", "BIG_ENDIAN", "_BIG_ENDIAN", "__PDP_ENDIAN", "PDP_ENDIAN",
  ]

  static let endianHeaders: Set<String> = [
    "endian.h", "sys/param.h", "sys/types.h", "stdlib.h", "arpa/inet.h", "netinet/in.h",
    "machine/endian.h", "sys/endian.h", "signal.h", "sys/socket.h", "sys/select.h", "netinet/ip.h",
  ]

  /// What to say about a type that several headers have with different sizes. On Windows only one
  /// of them can be meant.
  static func ambiguity(_ type: String) -> String? {
    type == "BOOL"
      ? "BOOL has 4 bytes on Windows (typedef int BOOL;) and 1 in X11 (typedef unsigned char BOOL;): "
        + "declare it"
      : nil
  }

  /// Names of other machines, systems, compilers and languages.
  static func isNeverDefined(_ name: String, _ options: LayoutReading) -> Bool {
    if never.contains(name) || families.contains(where: { name.hasPrefix($0) }) { return true }
    if ["linux", "unix"].contains(name) { return options.abi != .linux }
    return isElsewhere(name)
  }

  private static let never: Set<String> = Set(
    """
    __APPLE__ __APPLE_CC__ __MACH__ macintosh __FreeBSD__ __FreeBSD_kernel__ __NetBSD__ __OpenBSD__ \
    __DragonFly__ __bsdi__ BSD __sun sun __sun__ __SVR4 __svr4__ _AIX __hpux hpux __QNX__ __QNXNTO__ \
    __HAIKU__ __BEOS__ __ANDROID__ ANDROID __EMSCRIPTEN__ __wasm__ __wasm32__ __native_client__ \
    __VXWORKS__ VXWORKS __vxworks __rtems__ __Fuchsia__ __MSDOS__ MSDOS __DOS__ __OS2__ OS2 __sgi sgi \
    __osf__ _CRAY __MVS__ __illumos__ __GNU__ __minix __CYGWIN__ __CYGWIN32__ __INTERIX __OSF__ \
    __i386__ __i386 i386 __i486__ __i586__ __i686__ _X86_ __X86__ __arm__ __arm __aarch64__ _ARM_ \
    __thumb__ __m68k__ m68k __hppa __hppa__ __sh__ __e2k__ __avr__ __xtensa__ __ia64 __ia64__ \
    __alpha __alpha__ __sparc __sparc__ sparc __s390__ __s390x__ __bfin__ __nios2__ __arc__ \
    __ILP32__ _ILP32 __LP32__ __BIG_ENDIAN__ __BIG_ENDIAN_BITFIELD __ARMEB__ __AARCH64EB__ \
    __MIPSEB__ _MIPSEB __MIPSEB WORDS_BIGENDIAN \
    __clang__ __clang_major__ __clang_minor__ __llvm__ __INTEL_COMPILER __ICC __ICL \
    __INTEL_LLVM_COMPILER __SUNPRO_C __SUNPRO_CC __BORLANDC__ __TURBOC__ __WATCOMC__ __DMC__ \
    __CODEGEARC__ __TINYC__ __PGI __PGIC__ __NVCC__ __CUDACC__ __CUDA_ARCH__ __OPENCL_VERSION__ \
    __HCC__ __CC_ARM __ARMCC_VERSION __IAR_SYSTEMS_ICC__ __ICCARM__ __TI_COMPILER_VERSION__ \
    __TMS320C6X__ __GHS__ ghs __HIGHC__ __LCC__ __POCC__ __xlC__ __xlc__ __IBMC__ __IBMCPP__ __DECC \
    __DECCXX __HP_cc __HP_aCC __MWERKS__ __KEIL__ __C51__ __GCCXML__ __CASTXML__ \
    __COVERITY__ __CDT_PARSER__ __INTELLISENSE__ __DOXYGEN__ DOXYGEN DOXYGEN_SHOULD_SKIP_THIS \
    SWIG SWIGPYTHON Q_MOC_RUN Q_QDOC lint __lint __lint__ __LINT__ S_SPLINT_S __CHECKER__ \
    __BINDGEN__ __cppcheck__ __GENKSYMS__ __KLOCWORK__ __clang_analyzer__ RC_INVOKED \
    __midl MIDL_PASS __KERNEL__ _KERNEL __ASSEMBLY__ __ASSEMBLER__ __STRICT_ANSI__ __OBJC__ \
    __OPTIMIZE__ __cplusplus_cli __CLR_VER _MANAGED __EDG__ __SANITIZE_ADDRESS__ \
    __SANITIZE_THREAD__ __STDC_NO_ATOMICS__ __STDC_NO_THREADS__ __STDC_NO_VLA__ \
    __STDC_NO_COMPLEX__ __STDC_IEC_559_COMPLEX__ __DJGPP__ __unix__ __unix __linux __linux__ \
    __gnu_linux__ _WIN32_WCE UNDER_CE __VMLINUX_H__ __KERNEL_STRICT_NAMES _LP64 __LP64__ __LLP64__
    """.split(separator: " ").map(String.init))

  private static let families = [
    "__ARM_", "__powerpc", "__ppc", "__PPC", "_ARCH_PPC", "__mips", "_MIPS", "__riscv",
    "__loongarch",
    "__AVX", "__SSE3", "__SSSE3", "__SSE4", "__FMA", "_M_ARM", "_M_IX86", "_M_IA64", "_M_PPC",
    "TARGET_OS_", "TARGET_IPHONE", "__IPHONE_", "__MAC_", "__ENVIRONMENT_", "__HIP", "__cpp_",
    "__clang_", "__has_",
  ]

  /// Operators of conditions, which count as defined: gcc has these, Microsoft's compiler two of
  /// them.
  static func isOperator(_ name: String, _ options: LayoutReading) -> Bool {
    switch name {
    case "__has_include": true
    case "__has_include_next", "__has_attribute", "__has_builtin": options.abi != .windows
    case "__has_c_attribute": options.abi != .windows && !options.isCPlusPlus
    case "__has_cpp_attribute": options.isCPlusPlus || options.abi != .windows
    default: false
    }
  }

  /// The builtins that gcc has, as far as headers ask with `__has_builtin`; the other compilers are
  /// clang here.
  static let functions: Set<String> = Set(
    """
    __builtin_expect __builtin_unreachable __builtin_trap __builtin_constant_p __builtin_offsetof \
    __builtin_types_compatible_p __builtin_choose_expr __builtin_bswap16 __builtin_bswap32 \
    __builtin_bswap64 __builtin_clz __builtin_clzl __builtin_clzll __builtin_ctz __builtin_ctzl \
    __builtin_ctzll __builtin_ffs __builtin_popcount __builtin_popcountl __builtin_popcountll \
    __builtin_prefetch __builtin_assume_aligned __builtin_add_overflow __builtin_sub_overflow \
    __builtin_mul_overflow __builtin_object_size __builtin_memcpy __builtin_memset \
    __builtin_memcmp __builtin_strlen __builtin_alloca __builtin_frame_address \
    __builtin_return_address __builtin_va_start __builtin_va_end __builtin_va_copy __builtin_va_arg \
    __builtin_isnan __builtin_isinf __builtin_signbit __builtin_huge_val __builtin_inf \
    __builtin_nan __builtin_LINE __builtin_FILE __builtin_FUNCTION
    """.split(separator: " ").map(String.init))

  /// The answer of `__has_include`; nil: unknown.
  static func hasHeader(_ path: String, _ options: LayoutReading) -> Bool? {
    if cHeaders.contains(path) { return true }
    if cPlusPlusHeaders.contains(path) { return options.isCPlusPlus }
    if windowsHeaders.contains(path) { return options.abi != .linux }
    if isPosixHeader(path) {
      return options.abi == .linux ? true : options.abi == .windows ? false : nil
    }
    return nil
  }

  /// Is it a header of C, of the system or of its compilers, which contains no project's names?
  static func isKnownHeader(_ path: String) -> Bool {
    cHeaders.contains(path) || cPlusPlusHeaders.contains(path) || windowsHeaders.contains(path)
      || isPosixHeader(path)
  }

  /// Could it define what an `#ifdef` of the text asks for? The kernel's own headers do, and those
  /// that only glibc's headers include.
  static func hidesNothing(_ path: String) -> Bool {
    let isInner = ["linux/", "asm/", "asm-generic/", "bits/", "gnu/"].contains {
      path.hasPrefix($0)
    }
    return isInner ? plainHeaders.contains(path) : isKnownHeader(path)
  }

  private static let plainHeaders = headers(
    """
    linux/types.h linux/const.h linux/ioctl.h linux/limits.h linux/compiler.h linux/stddef.h \
    linux/time.h linux/errno.h linux/if_ether.h linux/socket.h linux/posix_types.h asm/types.h \
    asm/byteorder.h asm/ioctl.h asm/bitsperlong.h asm/errno.h linux/byteorder/little_endian.h \
    bits/types.h bits/wordsize.h bits/endian.h bits/endianness.h bits/timesize.h bits/libc-header-start.h
    """)

  private static func isPosixHeader(_ path: String) -> Bool {
    if posixHeaders.contains(path) { return true }
    return ["linux/", "asm/", "sys/", "asm-generic/", "bits/", "netinet/", "arpa/", "gnu/"]
      .contains { path.hasPrefix($0) }
  }

  private static let cHeaders = headers(
    """
    assert.h complex.h ctype.h errno.h fenv.h float.h inttypes.h iso646.h limits.h locale.h math.h \
    setjmp.h signal.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h \
    stdnoreturn.h string.h tgmath.h time.h uchar.h wchar.h wctype.h fcntl.h sys/types.h \
    sys/stat.h malloc.h memory.h immintrin.h xmmintrin.h emmintrin.h
    """)

  private static let posixHeaders = headers(
    """
    unistd.h endian.h byteswap.h pthread.h semaphore.h poll.h sched.h dlfcn.h dirent.h getopt.h \
    libgen.h strings.h termios.h utime.h mqueue.h aio.h netdb.h ifaddrs.h net/if.h features.h \
    alloca.h values.h x86intrin.h threads.h
    """)

  private static let windowsHeaders = headers(
    """
    windows.h Windows.h WINDOWS.H windef.h winnt.h basetsd.h guiddef.h minwindef.h tchar.h \
    winsock2.h WinSock2.h ws2tcpip.h mmsystem.h objbase.h wtypes.h crtdbg.h process.h io.h \
    conio.h direct.h pshpack1.h pshpack2.h pshpack4.h pshpack8.h poppack.h intrin.h
    """)

  private static let cPlusPlusHeaders = headers(
    """
    algorithm any array atomic bitset cassert cctype cerrno cfloat chrono cinttypes climits cmath \
    condition_variable cstdarg cstdbool cstddef cstdint cstdio cstdlib cstring ctime cwchar deque \
    exception filesystem forward_list fstream functional future initializer_list iomanip ios \
    iosfwd iostream istream iterator limits list map memory mutex new numeric optional ostream \
    queue random ratio set shared_mutex span sstream stack stdexcept streambuf string string_view \
    thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility variant vector
    """)

  private static func headers(_ text: String) -> Set<String> {
    Set(text.split(separator: " ").map(String.init))
  }
}
