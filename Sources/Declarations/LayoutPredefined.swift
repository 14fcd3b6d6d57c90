/// What compilers define before the first line: names with values, separated by semicolons. Taken
/// from `gcc -dM -E -`, from mingw's, and from `clang --target=x86_64-pc-windows-msvc` without
/// clang's own names; a test asks the compilers again. The file is long because it is data.
enum LayoutPredefined {
  /// Defined by all three.
  static let everywhere: StaticString = """
    __ATOMIC_ACQUIRE 2; __ATOMIC_ACQ_REL 4; __ATOMIC_CONSUME 1; __ATOMIC_RELAXED 0; \
    __ATOMIC_RELEASE 3; __ATOMIC_SEQ_CST 5; __BIGGEST_ALIGNMENT__ 16; \
    __BYTE_ORDER__ __ORDER_LITTLE_ENDIAN__; __CHAR32_TYPE__ unsigned int; __CHAR_BIT__ 8; \
    __DBL_DECIMAL_DIG__ 17; __DBL_DIG__ 15; __DBL_HAS_DENORM__ 1; __DBL_HAS_INFINITY__ 1; \
    __DBL_HAS_QUIET_NAN__ 1; __DBL_MANT_DIG__ 53; __DBL_MAX_10_EXP__ 308; __DBL_MAX_EXP__ 1024; \
    __DBL_MIN_10_EXP__ (-307); __DBL_MIN_EXP__ (-1021); __FINITE_MATH_ONLY__ 0; \
    __FLT16_DECIMAL_DIG__ 5; __FLT16_DIG__ 3; __FLT16_HAS_DENORM__ 1; __FLT16_HAS_INFINITY__ 1; \
    __FLT16_HAS_QUIET_NAN__ 1; __FLT16_MANT_DIG__ 11; __FLT16_MAX_10_EXP__ 4; \
    __FLT16_MAX_EXP__ 16; __FLT16_MIN_10_EXP__ (-4); __FLT16_MIN_EXP__ (-13); \
    __FLT_DECIMAL_DIG__ 9; __FLT_DIG__ 6; __FLT_HAS_DENORM__ 1; __FLT_HAS_INFINITY__ 1; \
    __FLT_HAS_QUIET_NAN__ 1; __FLT_MANT_DIG__ 24; __FLT_MAX_10_EXP__ 38; __FLT_MAX_EXP__ 128; \
    __FLT_MIN_10_EXP__ (-37); __FLT_MIN_EXP__ (-125); __FLT_RADIX__ 2; __FXSR__ 1; \
    __GCC_ASM_FLAG_OUTPUTS__ 1; __GCC_CONSTRUCTIVE_SIZE 64; __GCC_DESTRUCTIVE_SIZE 64; \
    __GCC_HAVE_SYNC_COMPARE_AND_SWAP_1 1; __GCC_HAVE_SYNC_COMPARE_AND_SWAP_2 1; \
    __GCC_HAVE_SYNC_COMPARE_AND_SWAP_4 1; __GCC_HAVE_SYNC_COMPARE_AND_SWAP_8 1; \
    __INT32_TYPE__ int; __INT8_TYPE__ signed char; __INTMAX_WIDTH__ 64; __INTPTR_WIDTH__ 64; \
    __INT_FAST64_WIDTH__ 64; __INT_FAST8_TYPE__ signed char; __INT_FAST8_WIDTH__ 8; \
    __INT_LEAST16_WIDTH__ 16; __INT_LEAST32_TYPE__ int; __INT_LEAST32_WIDTH__ 32; \
    __INT_LEAST64_WIDTH__ 64; __INT_LEAST8_TYPE__ signed char; __INT_LEAST8_WIDTH__ 8; \
    __INT_WIDTH__ 32; __LDBL_HAS_DENORM__ 1; __LDBL_HAS_INFINITY__ 1; __LDBL_HAS_QUIET_NAN__ 1; \
    __MMX__ 1; __NO_INLINE__ 1; __ORDER_BIG_ENDIAN__ 4321; __ORDER_LITTLE_ENDIAN__ 1234; \
    __ORDER_PDP_ENDIAN__ 3412; __PRAGMA_REDEFINE_EXTNAME 1; __PTRDIFF_WIDTH__ 64; \
    __REGISTER_PREFIX__; __SEG_FS 1; __SEG_GS 1; __SHRT_WIDTH__ 16; __SIG_ATOMIC_WIDTH__ 32; \
    __SIZEOF_DOUBLE__ 8; __SIZEOF_FLOAT__ 4; __SIZEOF_INT128__ 16; __SIZEOF_INT__ 4; \
    __SIZEOF_LONG_LONG__ 8; __SIZEOF_POINTER__ 8; __SIZEOF_PTRDIFF_T__ 8; __SIZEOF_SHORT__ 2; \
    __SIZEOF_SIZE_T__ 8; __SIZE_WIDTH__ 64; __SSE2_MATH__ 1; __SSE2__ 1; __SSE_MATH__ 1; \
    __SSE__ 1; __STDC_HOSTED__ 1; __STDC_UTF_16__ 1; __STDC_UTF_32__ 1; __STDC_VERSION__ 201710L; \
    __UINT32_TYPE__ unsigned int; __UINT8_TYPE__ unsigned char; __UINT_FAST8_TYPE__ unsigned char; \
    __UINT_LEAST32_TYPE__ unsigned int; __UINT_LEAST8_TYPE__ unsigned char; __USER_LABEL_PREFIX__; \
    __amd64 1; __amd64__ 1; __k8 1; __k8__ 1; __x86_64 1; __x86_64__ 1;
    """

  /// Defined by gcc and mingw.
  static let gnu: StaticString = """
    __ATOMIC_HLE_ACQUIRE 65536; __ATOMIC_HLE_RELEASE 131072; __CHAR16_TYPE__ short unsigned int; \
    __DBL_DENORM_MIN__ ((double)4.94065645841246544176568792868221372e-324L); \
    __DBL_EPSILON__ ((double)2.22044604925031308084726333618164062e-16L); __DBL_IS_IEC_60559__ 2; \
    __DBL_MAX__ ((double)1.79769313486231570814527423731704357e+308L); \
    __DBL_MIN__ ((double)2.22507385850720138309023271733240406e-308L); \
    __DBL_NORM_MAX__ ((double)1.79769313486231570814527423731704357e+308L); \
    __DEC128_EPSILON__ 1E-33DL; __DEC128_MANT_DIG__ 34; __DEC128_MAX_EXP__ 6145; \
    __DEC128_MAX__ 9.999999999999999999999999999999999E6144DL; __DEC128_MIN_EXP__ (-6142); \
    __DEC128_MIN__ 1E-6143DL; \
    __DEC128_SUBNORMAL_MIN__ 0.000000000000000000000000000000001E-6143DL; \
    __DEC32_EPSILON__ 1E-6DF; __DEC32_MANT_DIG__ 7; __DEC32_MAX_EXP__ 97; \
    __DEC32_MAX__ 9.999999E96DF; __DEC32_MIN_EXP__ (-94); __DEC32_MIN__ 1E-95DF; \
    __DEC32_SUBNORMAL_MIN__ 0.000001E-95DF; __DEC64_EPSILON__ 1E-15DD; __DEC64_MANT_DIG__ 16; \
    __DEC64_MAX_EXP__ 385; __DEC64_MAX__ 9.999999999999999E384DD; __DEC64_MIN_EXP__ (-382); \
    __DEC64_MIN__ 1E-383DD; __DEC64_SUBNORMAL_MIN__ 0.000000000000001E-383DD; \
    __DECIMAL_BID_FORMAT__ 1; __DECIMAL_DIG__ 21; __DEC_EVAL_METHOD__ 2; \
    __FLOAT_WORD_ORDER__ __ORDER_LITTLE_ENDIAN__; __FLT128_DECIMAL_DIG__ 36; \
    __FLT128_DENORM_MIN__ 6.47517511943802511092443895822764655e-4966F128; __FLT128_DIG__ 33; \
    __FLT128_EPSILON__ 1.92592994438723585305597794258492732e-34F128; __FLT128_HAS_DENORM__ 1; \
    __FLT128_HAS_INFINITY__ 1; __FLT128_HAS_QUIET_NAN__ 1; __FLT128_IS_IEC_60559__ 2; \
    __FLT128_MANT_DIG__ 113; __FLT128_MAX_10_EXP__ 4932; __FLT128_MAX_EXP__ 16384; \
    __FLT128_MAX__ 1.18973149535723176508575932662800702e+4932F128; __FLT128_MIN_10_EXP__ (-4931); \
    __FLT128_MIN_EXP__ (-16381); __FLT128_MIN__ 3.36210314311209350626267781732175260e-4932F128; \
    __FLT128_NORM_MAX__ 1.18973149535723176508575932662800702e+4932F128; \
    __FLT16_DENORM_MIN__ 5.96046447753906250000000000000000000e-8F16; \
    __FLT16_EPSILON__ 9.76562500000000000000000000000000000e-4F16; __FLT16_IS_IEC_60559__ 2; \
    __FLT16_MAX__ 6.55040000000000000000000000000000000e+4F16; \
    __FLT16_MIN__ 6.10351562500000000000000000000000000e-5F16; \
    __FLT16_NORM_MAX__ 6.55040000000000000000000000000000000e+4F16; __FLT32X_DECIMAL_DIG__ 17; \
    __FLT32X_DENORM_MIN__ 4.94065645841246544176568792868221372e-324F32x; __FLT32X_DIG__ 15; \
    __FLT32X_EPSILON__ 2.22044604925031308084726333618164062e-16F32x; __FLT32X_HAS_DENORM__ 1; \
    __FLT32X_HAS_INFINITY__ 1; __FLT32X_HAS_QUIET_NAN__ 1; __FLT32X_IS_IEC_60559__ 2; \
    __FLT32X_MANT_DIG__ 53; __FLT32X_MAX_10_EXP__ 308; __FLT32X_MAX_EXP__ 1024; \
    __FLT32X_MAX__ 1.79769313486231570814527423731704357e+308F32x; __FLT32X_MIN_10_EXP__ (-307); \
    __FLT32X_MIN_EXP__ (-1021); __FLT32X_MIN__ 2.22507385850720138309023271733240406e-308F32x; \
    __FLT32X_NORM_MAX__ 1.79769313486231570814527423731704357e+308F32x; __FLT32_DECIMAL_DIG__ 9; \
    __FLT32_DENORM_MIN__ 1.40129846432481707092372958328991613e-45F32; __FLT32_DIG__ 6; \
    __FLT32_EPSILON__ 1.19209289550781250000000000000000000e-7F32; __FLT32_HAS_DENORM__ 1; \
    __FLT32_HAS_INFINITY__ 1; __FLT32_HAS_QUIET_NAN__ 1; __FLT32_IS_IEC_60559__ 2; \
    __FLT32_MANT_DIG__ 24; __FLT32_MAX_10_EXP__ 38; __FLT32_MAX_EXP__ 128; \
    __FLT32_MAX__ 3.40282346638528859811704183484516925e+38F32; __FLT32_MIN_10_EXP__ (-37); \
    __FLT32_MIN_EXP__ (-125); __FLT32_MIN__ 1.17549435082228750796873653722224568e-38F32; \
    __FLT32_NORM_MAX__ 3.40282346638528859811704183484516925e+38F32; __FLT64X_DECIMAL_DIG__ 21; \
    __FLT64X_DENORM_MIN__ 3.64519953188247460252840593361941982e-4951F64x; __FLT64X_DIG__ 18; \
    __FLT64X_EPSILON__ 1.08420217248550443400745280086994171e-19F64x; __FLT64X_HAS_DENORM__ 1; \
    __FLT64X_HAS_INFINITY__ 1; __FLT64X_HAS_QUIET_NAN__ 1; __FLT64X_IS_IEC_60559__ 2; \
    __FLT64X_MANT_DIG__ 64; __FLT64X_MAX_10_EXP__ 4932; __FLT64X_MAX_EXP__ 16384; \
    __FLT64X_MAX__ 1.18973149535723176502126385303097021e+4932F64x; __FLT64X_MIN_10_EXP__ (-4931); \
    __FLT64X_MIN_EXP__ (-16381); __FLT64X_MIN__ 3.36210314311209350626267781732175260e-4932F64x; \
    __FLT64X_NORM_MAX__ 1.18973149535723176502126385303097021e+4932F64x; __FLT64_DECIMAL_DIG__ 17; \
    __FLT64_DENORM_MIN__ 4.94065645841246544176568792868221372e-324F64; __FLT64_DIG__ 15; \
    __FLT64_EPSILON__ 2.22044604925031308084726333618164062e-16F64; __FLT64_HAS_DENORM__ 1; \
    __FLT64_HAS_INFINITY__ 1; __FLT64_HAS_QUIET_NAN__ 1; __FLT64_IS_IEC_60559__ 2; \
    __FLT64_MANT_DIG__ 53; __FLT64_MAX_10_EXP__ 308; __FLT64_MAX_EXP__ 1024; \
    __FLT64_MAX__ 1.79769313486231570814527423731704357e+308F64; __FLT64_MIN_10_EXP__ (-307); \
    __FLT64_MIN_EXP__ (-1021); __FLT64_MIN__ 2.22507385850720138309023271733240406e-308F64; \
    __FLT64_NORM_MAX__ 1.79769313486231570814527423731704357e+308F64; \
    __FLT_DENORM_MIN__ 1.40129846432481707092372958328991613e-45F; \
    __FLT_EPSILON__ 1.19209289550781250000000000000000000e-7F; __FLT_EVAL_METHOD_TS_18661_3__ 0; \
    __FLT_EVAL_METHOD__ 0; __FLT_IS_IEC_60559__ 2; \
    __FLT_MAX__ 3.40282346638528859811704183484516925e+38F; \
    __FLT_MIN__ 1.17549435082228750796873653722224568e-38F; \
    __FLT_NORM_MAX__ 3.40282346638528859811704183484516925e+38F; __GCC_ATOMIC_BOOL_LOCK_FREE 2; \
    __GCC_ATOMIC_CHAR16_T_LOCK_FREE 2; __GCC_ATOMIC_CHAR32_T_LOCK_FREE 2; \
    __GCC_ATOMIC_CHAR_LOCK_FREE 2; __GCC_ATOMIC_INT_LOCK_FREE 2; __GCC_ATOMIC_LLONG_LOCK_FREE 2; \
    __GCC_ATOMIC_LONG_LOCK_FREE 2; __GCC_ATOMIC_POINTER_LOCK_FREE 2; \
    __GCC_ATOMIC_SHORT_LOCK_FREE 2; __GCC_ATOMIC_TEST_AND_SET_TRUEVAL 1; \
    __GCC_ATOMIC_WCHAR_T_LOCK_FREE 2; __GCC_IEC_559 2; __GCC_IEC_559_COMPLEX 2; \
    __GNUC_EXECUTION_CHARSET_NAME "UTF-8"; __GNUC_PATCHLEVEL__ 0; __GNUC_STDC_INLINE__ 1; \
    __GNUC__ 12; __GXX_ABI_VERSION 1017; __HAVE_SPECULATION_SAFE_VALUE 1; __INT16_MAX__ 0x7fff; \
    __INT16_TYPE__ short int; __INT32_MAX__ 0x7fffffff; __INT8_MAX__ 0x7f; __INT_FAST8_MAX__ 0x7f; \
    __INT_LEAST16_MAX__ 0x7fff; __INT_LEAST16_TYPE__ short int; __INT_LEAST32_MAX__ 0x7fffffff; \
    __INT_LEAST8_MAX__ 0x7f; __INT_MAX__ 0x7fffffff; __LDBL_DECIMAL_DIG__ 21; \
    __LDBL_DENORM_MIN__ 3.64519953188247460252840593361941982e-4951L; __LDBL_DIG__ 18; \
    __LDBL_EPSILON__ 1.08420217248550443400745280086994171e-19L; __LDBL_IS_IEC_60559__ 2; \
    __LDBL_MANT_DIG__ 64; __LDBL_MAX_10_EXP__ 4932; __LDBL_MAX_EXP__ 16384; \
    __LDBL_MAX__ 1.18973149535723176502126385303097021e+4932L; __LDBL_MIN_10_EXP__ (-4931); \
    __LDBL_MIN_EXP__ (-16381); __LDBL_MIN__ 3.36210314311209350626267781732175260e-4932L; \
    __LDBL_NORM_MAX__ 1.18973149535723176502126385303097021e+4932L; \
    __LONG_LONG_MAX__ 0x7fffffffffffffffLL; __LONG_LONG_WIDTH__ 64; __MMX_WITH_SSE__ 1; \
    __SCHAR_MAX__ 0x7f; __SCHAR_WIDTH__ 8; __SHRT_MAX__ 0x7fff; __SIG_ATOMIC_MAX__ 0x7fffffff; \
    __SIG_ATOMIC_MIN__ (-__SIG_ATOMIC_MAX__ - 1); __SIG_ATOMIC_TYPE__ int; __SIZEOF_FLOAT128__ 16; \
    __SIZEOF_FLOAT80__ 16; __SIZEOF_LONG_DOUBLE__ 16; __STDC__ 1; __UINT16_MAX__ 0xffff; \
    __UINT16_TYPE__ short unsigned int; __UINT32_MAX__ 0xffffffffU; __UINT8_MAX__ 0xff; \
    __UINT_FAST8_MAX__ 0xff; __UINT_LEAST16_MAX__ 0xffff; \
    __UINT_LEAST16_TYPE__ short unsigned int; __UINT_LEAST32_MAX__ 0xffffffffU; \
    __UINT_LEAST8_MAX__ 0xff;
    """

  /// Defined by gcc on Linux.
  static let linux: StaticString = """
    _LP64 1; _STDC_PREDEF_H 1; __ELF__ 1; __GCC_HAVE_DWARF2_CFI_ASM 1; __GNUC_MINOR__ 2; \
    __GNUC_WIDE_EXECUTION_CHARSET_NAME "UTF-32LE"; __INT64_MAX__ 0x7fffffffffffffffL; \
    __INT64_TYPE__ long int; __INTMAX_MAX__ 0x7fffffffffffffffL; __INTMAX_TYPE__ long int; \
    __INTPTR_MAX__ 0x7fffffffffffffffL; __INTPTR_TYPE__ long int; \
    __INT_FAST16_MAX__ 0x7fffffffffffffffL; __INT_FAST16_TYPE__ long int; __INT_FAST16_WIDTH__ 64; \
    __INT_FAST32_MAX__ 0x7fffffffffffffffL; __INT_FAST32_TYPE__ long int; __INT_FAST32_WIDTH__ 64; \
    __INT_FAST64_MAX__ 0x7fffffffffffffffL; __INT_FAST64_TYPE__ long int; \
    __INT_LEAST64_MAX__ 0x7fffffffffffffffL; __INT_LEAST64_TYPE__ long int; \
    __LONG_MAX__ 0x7fffffffffffffffL; __LONG_WIDTH__ 64; __LP64__ 1; __PIC__ 2; __PIE__ 2; \
    __PTRDIFF_MAX__ 0x7fffffffffffffffL; __PTRDIFF_TYPE__ long int; __SIZEOF_LONG__ 8; \
    __SIZEOF_WCHAR_T__ 4; __SIZEOF_WINT_T__ 4; __SIZE_MAX__ 0xffffffffffffffffUL; \
    __SIZE_TYPE__ long unsigned int; __STDC_IEC_559_COMPLEX__ 1; __STDC_IEC_559__ 1; \
    __STDC_IEC_60559_BFP__ 201404L; __STDC_IEC_60559_COMPLEX__ 201404L; \
    __STDC_ISO_10646__ 201706L; __UINT64_MAX__ 0xffffffffffffffffUL; \
    __UINT64_TYPE__ long unsigned int; __UINTMAX_MAX__ 0xffffffffffffffffUL; \
    __UINTMAX_TYPE__ long unsigned int; __UINTPTR_MAX__ 0xffffffffffffffffUL; \
    __UINTPTR_TYPE__ long unsigned int; __UINT_FAST16_MAX__ 0xffffffffffffffffUL; \
    __UINT_FAST16_TYPE__ long unsigned int; __UINT_FAST32_MAX__ 0xffffffffffffffffUL; \
    __UINT_FAST32_TYPE__ long unsigned int; __UINT_FAST64_MAX__ 0xffffffffffffffffUL; \
    __UINT_FAST64_TYPE__ long unsigned int; __UINT_LEAST64_MAX__ 0xffffffffffffffffUL; \
    __UINT_LEAST64_TYPE__ long unsigned int; __WCHAR_MAX__ 0x7fffffff; \
    __WCHAR_MIN__ (-__WCHAR_MAX__ - 1); __WCHAR_TYPE__ int; __WCHAR_WIDTH__ 32; \
    __WINT_MAX__ 0xffffffffU; __WINT_MIN__ 0U; __WINT_TYPE__ unsigned int; __WINT_WIDTH__ 32; \
    __code_model_small__ 1; __gnu_linux__ 1; __linux 1; __linux__ 1; __pic__ 2; __pie__ 2; \
    __unix 1; __unix__ 1;
    """

  /// Defined by mingw's gcc.
  static let mingw: StaticString = """
    WIN32 1; WIN64 1; WINNT 1; _INTEGRAL_MAX_BITS 64; _WIN32 1; _WIN64 1; __GNUC_MINOR__ 0; \
    __GNUC_WIDE_EXECUTION_CHARSET_NAME "UTF-16LE"; __GXX_MERGED_TYPEINFO_NAMES 0; \
    __GXX_TYPEINFO_EQUALITY_INLINE 0; __INT64_MAX__ 0x7fffffffffffffffLL; \
    __INT64_TYPE__ long long int; __INTMAX_MAX__ 0x7fffffffffffffffLL; \
    __INTMAX_TYPE__ long long int; __INTPTR_MAX__ 0x7fffffffffffffffLL; \
    __INTPTR_TYPE__ long long int; __INT_FAST16_MAX__ 0x7fff; __INT_FAST16_TYPE__ short int; \
    __INT_FAST16_WIDTH__ 16; __INT_FAST32_MAX__ 0x7fffffff; __INT_FAST32_TYPE__ int; \
    __INT_FAST32_WIDTH__ 32; __INT_FAST64_MAX__ 0x7fffffffffffffffLL; \
    __INT_FAST64_TYPE__ long long int; __INT_LEAST64_MAX__ 0x7fffffffffffffffLL; \
    __INT_LEAST64_TYPE__ long long int; __LONG_MAX__ 0x7fffffffL; __LONG_WIDTH__ 32; \
    __MINGW32__ 1; __MINGW64__ 1; __MSVCRT__ 1; __PIC__ 1; __PTRDIFF_MAX__ 0x7fffffffffffffffLL; \
    __PTRDIFF_TYPE__ long long int; __SEH__ 1; __SIZEOF_LONG__ 4; __SIZEOF_WCHAR_T__ 2; \
    __SIZEOF_WINT_T__ 2; __SIZE_MAX__ 0xffffffffffffffffULL; __SIZE_TYPE__ long long unsigned int; \
    __UINT64_MAX__ 0xffffffffffffffffULL; __UINT64_TYPE__ long long unsigned int; \
    __UINTMAX_MAX__ 0xffffffffffffffffULL; __UINTMAX_TYPE__ long long unsigned int; \
    __UINTPTR_MAX__ 0xffffffffffffffffULL; __UINTPTR_TYPE__ long long unsigned int; \
    __UINT_FAST16_MAX__ 0xffff; __UINT_FAST16_TYPE__ short unsigned int; \
    __UINT_FAST32_MAX__ 0xffffffffU; __UINT_FAST32_TYPE__ unsigned int; \
    __UINT_FAST64_MAX__ 0xffffffffffffffffULL; __UINT_FAST64_TYPE__ long long unsigned int; \
    __UINT_LEAST64_MAX__ 0xffffffffffffffffULL; __UINT_LEAST64_TYPE__ long long unsigned int; \
    __WCHAR_MAX__ 0xffff; __WCHAR_MIN__ 0; __WCHAR_TYPE__ short unsigned int; __WCHAR_WIDTH__ 16; \
    __WIN32 1; __WIN32__ 1; __WIN64 1; __WIN64__ 1; __WINNT 1; __WINNT__ 1; __WINT_MAX__ 0xffff; \
    __WINT_MIN__ 0; __WINT_TYPE__ short unsigned int; __WINT_WIDTH__ 16; \
    __cdecl __attribute__((__cdecl__)); __code_model_medium__ 1; \
    __fastcall __attribute__((__fastcall__)); __pic__ 1; __stdcall __attribute__((__stdcall__)); \
    __thiscall __attribute__((__thiscall__)); _cdecl __attribute__((__cdecl__)); \
    _fastcall __attribute__((__fastcall__)); _stdcall __attribute__((__stdcall__)); \
    _thiscall __attribute__((__thiscall__));
    """

  /// Defined by Microsoft's compiler ("Predefined macros").
  static let microsoft: StaticString = """
    _CRT_USE_BUILTIN_OFFSETOF 1; _INTEGRAL_MAX_BITS 64; _MSC_BUILD 1; _MSC_EXTENSIONS 1; \
    _MSC_FULL_VER 193300000; _MSC_VER 1933; _MSVC_CONSTEXPR_ATTRIBUTE 1; \
    _MSVC_EXECUTION_CHARACTER_SET 65001; _M_AMD64 100; _M_FP_CONTRACT 1; _M_FP_PRECISE 1; \
    _M_X64 100; _WIN32 1; _WIN64 1; __BITINT_MAXWIDTH__ 8388608; __BOOL_WIDTH__ 1; \
    __CHAR16_TYPE__ unsigned short; __DBL_DENORM_MIN__ 4.9406564584124654e-324; \
    __DBL_EPSILON__ 2.2204460492503131e-16; __DBL_MAX__ 1.7976931348623157e+308; \
    __DBL_MIN__ 2.2250738585072014e-308; __DBL_NORM_MAX__ 1.7976931348623157e+308; \
    __DECIMAL_DIG__ __LDBL_DECIMAL_DIG__; __FLT16_DENORM_MIN__ 5.9604644775390625e-8F16; \
    __FLT16_EPSILON__ 9.765625e-4F16; __FLT16_MAX__ 6.5504e+4F16; __FLT16_MIN__ 6.103515625e-5F16; \
    __FLT16_NORM_MAX__ 6.5504e+4F16; __FLT_DENORM_MIN__ 1.40129846e-45F; \
    __FLT_EPSILON__ 1.19209290e-7F; __FLT_MAX__ 3.40282347e+38F; __FLT_MIN__ 1.17549435e-38F; \
    __FLT_NORM_MAX__ 3.40282347e+38F; __INT16_C_SUFFIX__; __INT16_MAX__ 32767; \
    __INT16_TYPE__ short; __INT32_C_SUFFIX__; __INT32_MAX__ 2147483647; __INT64_C_SUFFIX__ LL; \
    __INT64_MAX__ 9223372036854775807LL; __INT64_TYPE__ long long int; __INT8_C_SUFFIX__; \
    __INT8_MAX__ 127; __INTMAX_C_SUFFIX__ LL; __INTMAX_MAX__ 9223372036854775807LL; \
    __INTMAX_TYPE__ long long int; __INTPTR_MAX__ 9223372036854775807LL; \
    __INTPTR_TYPE__ long long int; __INT_FAST16_MAX__ 32767; __INT_FAST16_TYPE__ short; \
    __INT_FAST16_WIDTH__ 16; __INT_FAST32_MAX__ 2147483647; __INT_FAST32_TYPE__ int; \
    __INT_FAST32_WIDTH__ 32; __INT_FAST64_MAX__ 9223372036854775807LL; \
    __INT_FAST64_TYPE__ long long int; __INT_FAST8_MAX__ 127; __INT_LEAST16_MAX__ 32767; \
    __INT_LEAST16_TYPE__ short; __INT_LEAST32_MAX__ 2147483647; \
    __INT_LEAST64_MAX__ 9223372036854775807LL; __INT_LEAST64_TYPE__ long long int; \
    __INT_LEAST8_MAX__ 127; __INT_MAX__ 2147483647; __LDBL_DECIMAL_DIG__ 17; \
    __LDBL_DENORM_MIN__ 4.9406564584124654e-324L; __LDBL_DIG__ 15; \
    __LDBL_EPSILON__ 2.2204460492503131e-16L; __LDBL_MANT_DIG__ 53; __LDBL_MAX_10_EXP__ 308; \
    __LDBL_MAX_EXP__ 1024; __LDBL_MAX__ 1.7976931348623157e+308L; __LDBL_MIN_10_EXP__ (-307); \
    __LDBL_MIN_EXP__ (-1021); __LDBL_MIN__ 2.2250738585072014e-308L; \
    __LDBL_NORM_MAX__ 1.7976931348623157e+308L; __LITTLE_ENDIAN__ 1; __LLONG_WIDTH__ 64; \
    __LONG_LONG_MAX__ 9223372036854775807LL; __LONG_MAX__ 2147483647L; __LONG_WIDTH__ 32; \
    __NO_MATH_INLINES 1; __PIC__ 2; __POINTER_WIDTH__ 64; __PTRDIFF_MAX__ 9223372036854775807LL; \
    __PTRDIFF_TYPE__ long long int; __SCHAR_MAX__ 127; __SHRT_MAX__ 32767; \
    __SIG_ATOMIC_MAX__ 2147483647; __SIZEOF_LONG_DOUBLE__ 8; __SIZEOF_LONG__ 4; \
    __SIZEOF_WCHAR_T__ 2; __SIZEOF_WINT_T__ 2; __SIZE_MAX__ 18446744073709551615ULL; \
    __SIZE_TYPE__ long long unsigned int; __STDC_NO_THREADS__ 1; __UINT16_C_SUFFIX__; \
    __UINT16_MAX__ 65535; __UINT16_TYPE__ unsigned short; __UINT32_C_SUFFIX__ U; \
    __UINT32_MAX__ 4294967295U; __UINT64_C_SUFFIX__ ULL; __UINT64_MAX__ 18446744073709551615ULL; \
    __UINT64_TYPE__ long long unsigned int; __UINT8_C_SUFFIX__; __UINT8_MAX__ 255; \
    __UINTMAX_C_SUFFIX__ ULL; __UINTMAX_MAX__ 18446744073709551615ULL; \
    __UINTMAX_TYPE__ long long unsigned int; __UINTMAX_WIDTH__ 64; \
    __UINTPTR_MAX__ 18446744073709551615ULL; __UINTPTR_TYPE__ long long unsigned int; \
    __UINTPTR_WIDTH__ 64; __UINT_FAST16_MAX__ 65535; __UINT_FAST16_TYPE__ unsigned short; \
    __UINT_FAST32_MAX__ 4294967295U; __UINT_FAST32_TYPE__ unsigned int; \
    __UINT_FAST64_MAX__ 18446744073709551615ULL; __UINT_FAST64_TYPE__ long long unsigned int; \
    __UINT_FAST8_MAX__ 255; __UINT_LEAST16_MAX__ 65535; __UINT_LEAST16_TYPE__ unsigned short; \
    __UINT_LEAST32_MAX__ 4294967295U; __UINT_LEAST64_MAX__ 18446744073709551615ULL; \
    __UINT_LEAST64_TYPE__ long long unsigned int; __UINT_LEAST8_MAX__ 255; __WCHAR_MAX__ 65535; \
    __WCHAR_TYPE__ unsigned short; __WCHAR_UNSIGNED__ 1; __WCHAR_WIDTH__ 16; __WINT_MAX__ 65535; \
    __WINT_TYPE__ unsigned short; __WINT_UNSIGNED__ 1; __WINT_WIDTH__ 16; __code_model_small__ 1; \
    __pic__ 2; __seg_fs __attribute__((address_space(257))); \
    __seg_gs __attribute__((address_space(256))); __tune_k8__ 1;
    """

  /// Defined in C++ by all three.
  static let cPlusPlus: StaticString = """
    __DEPRECATED 1; __STDCPP_THREADS__ 1; __cpp_aggregate_nsdmi 201304L; \
    __cpp_alias_templates 200704L; __cpp_attributes 200809L; __cpp_binary_literals 201304L; \
    __cpp_decltype 200707L; __cpp_decltype_auto 201304L; __cpp_delegating_constructors 200604L; \
    __cpp_digit_separators 201309L; __cpp_exceptions 199711L; __cpp_generic_lambdas 201304L; \
    __cpp_inheriting_constructors 201511L; __cpp_init_captures 201304L; \
    __cpp_initializer_lists 200806L; __cpp_lambdas 200907L; __cpp_nsdmi 200809L; \
    __cpp_raw_strings 200710L; __cpp_ref_qualifiers 200710L; __cpp_return_type_deduction 201304L; \
    __cpp_rtti 199711L; __cpp_rvalue_references 200610L; __cpp_sized_deallocation 201309L; \
    __cpp_template_template_args 201611L; __cpp_threadsafe_static_init 200806L; \
    __cpp_unicode_literals 200710L; __cpp_user_defined_literals 200809L; \
    __cpp_variable_templates 201304L; __cpp_variadic_templates 200704L;
    """

  /// Defined in C++ by g++.
  static let gnuCPlusPlus: StaticString = """
    _GNU_SOURCE 1; __EXCEPTIONS 1; __GLIBCXX_BITSIZE_INT_N_0 128; __GLIBCXX_TYPE_INT_N_0 __int128; \
    __GNUG__ 12; __GXX_EXPERIMENTAL_CXX0X__ 1; __GXX_RTTI 1; __GXX_WEAK__ 1; \
    __STDCPP_DEFAULT_NEW_ALIGNMENT__ 16; __cplusplus 201703L; __cpp_aggregate_bases 201603L; \
    __cpp_aligned_new 201606L; __cpp_capture_star_this 201603L; __cpp_constexpr 201603L; \
    __cpp_deduction_guides 201703L; __cpp_enumerator_attributes 201411L; \
    __cpp_fold_expressions 201603L; __cpp_guaranteed_copy_elision 201606L; \
    __cpp_hex_float 201603L; __cpp_if_constexpr 201606L; __cpp_inline_variables 201606L; \
    __cpp_namespace_attributes 201411L; __cpp_nested_namespace_definitions 201411L; \
    __cpp_noexcept_function_type 201510L; __cpp_nontype_template_args 201411L; \
    __cpp_nontype_template_parameter_auto 201606L; __cpp_range_based_for 201603L; \
    __cpp_runtime_arrays 198712L; __cpp_rvalue_reference 200610L; __cpp_static_assert 201411L; \
    __cpp_structured_bindings 201606L; __cpp_template_auto 201606L; \
    __cpp_unicode_characters 201411L; __cpp_variadic_using 201611L;
    """

  /// Defined in C++ by Microsoft's compiler.
  static let microsoftCPlusPlus: StaticString = """
    _CPPRTTI 1; _CPPUNWIND 1; _HAS_CHAR16_T_LANGUAGE_SUPPORT 1; _MSVC_LANG 201402L; \
    _NATIVE_NULLPTR_SUPPORTED 1; _NATIVE_WCHAR_T_DEFINED 1; _RVALUE_REFERENCES_SUPPORTED 1; \
    _RVALUE_REFERENCES_V2_SUPPORTED 1; _WCHAR_T_DEFINED 1; __STDCPP_DEFAULT_NEW_ALIGNMENT__ 16ULL; \
    __cplusplus 199711L;
    """
}
