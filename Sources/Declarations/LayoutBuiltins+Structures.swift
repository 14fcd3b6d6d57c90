/// Structures of well-known headers, declared when a text uses one that it does not define itself.
/// Written from the headers' sizes and members' names; a test compares them with the compilers.
extension LayoutBuiltins {
  /// The declaration for a tag (`struct timeval`) or a type's name; nil: unknown.
  static func structure(_ name: String, isTag: Bool, _ abi: Layout.ABI) -> String? {
    // Of gcc's own headers, which mingw has, too.
    if abi == .mingw && (name == "max_align_t" || name == "atomic_flag") {
      return linuxStructures[name]
    }
    for key in isTag ? ["struct " + name, "union " + name] : [name] {
      if let text = (abi == .linux ? linuxStructures : windowsStructures)[key] { return text }
      if let text = everywhereStructures[key] { return text }
    }
    return nil
  }

  /// Reads lines of `tag, name: declaration`; a tag is written as `struct x`.
  private static func table(_ text: String) -> [String: String] {
    var table: [String: String] = [:]
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let declaration = String(line[line.index(after: colon)...])
      for name in line[..<colon].split(separator: ",") {
        table[String(name.drop { $0 == " " })] = declaration
      }
    }
    return table
  }

  /// The names, for the test that compares them with the compilers.
  static var structureNames: (linux: [String], windows: [String], everywhere: [String]) {
    (
      linuxStructures.keys.sorted(), windowsStructures.keys.sorted(),
      everywhereStructures.keys.sorted()
    )
  }

  private static let linuxStructures = table(
    """
    struct timeval:struct timeval { long tv_sec, tv_usec; };
    struct timespec:struct timespec { long tv_sec, tv_nsec; };
    struct itimerval:struct itimerval { struct timeval it_interval, it_value; };
    struct itimerspec:struct itimerspec { struct timespec it_interval, it_value; };
    struct __kernel_timespec:struct __kernel_timespec { long long tv_sec, tv_nsec; };
    struct __kernel_old_timeval:struct __kernel_old_timeval { long tv_sec, tv_usec; };
    struct tm:struct tm { int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst; long tm_gmtoff; const char *tm_zone; };
    va_list:typedef struct { unsigned gp_offset, fp_offset; void *overflow_arg_area, *reg_save_area; } va_list[1];
    __builtin_va_list:typedef struct { unsigned gp_offset, fp_offset; void *overflow_arg_area, *reg_save_area; } __builtin_va_list[1];
    __gnuc_va_list:typedef struct { unsigned gp_offset, fp_offset; void *overflow_arg_area, *reg_save_area; } __gnuc_va_list[1];
    atomic_flag:typedef struct { bool __val; } atomic_flag;
    pthread_mutex_t:typedef union { char __size[40]; long __align; } pthread_mutex_t;
    pthread_cond_t:typedef union { char __size[48]; long long __align; } pthread_cond_t;
    pthread_rwlock_t:typedef union { char __size[56]; long __align; } pthread_rwlock_t;
    pthread_barrier_t:typedef union { char __size[32]; long __align; } pthread_barrier_t;
    pthread_attr_t:typedef union { char __size[56]; long __align; } pthread_attr_t;
    pthread_mutexattr_t:typedef union { char __size[4]; int __align; } pthread_mutexattr_t;
    pthread_condattr_t:typedef union { char __size[4]; int __align; } pthread_condattr_t;
    pthread_rwlockattr_t:typedef union { char __size[8]; long __align; } pthread_rwlockattr_t;
    pthread_barrierattr_t:typedef union { char __size[4]; int __align; } pthread_barrierattr_t;
    pthread_spinlock_t:typedef int pthread_spinlock_t;
    sem_t:typedef union { char __size[32]; long __align; } sem_t;
    sigset_t:typedef struct { unsigned long __val[16]; } sigset_t;
    fd_set:typedef struct { long __fds_bits[16]; } fd_set;
    cpu_set_t:typedef struct { unsigned long __bits[16]; } cpu_set_t;
    mbstate_t:typedef struct { int __count; unsigned __wch; } mbstate_t;
    max_align_t:typedef struct { long long __ll; long double __ld; } max_align_t;
    struct sockaddr:struct sockaddr { unsigned short sa_family; char sa_data[14]; };
    struct in_addr:struct in_addr { uint32_t s_addr; };
    struct in6_addr:struct in6_addr { union { unsigned char s6_addr[16]; uint16_t s6_addr16[8]; uint32_t s6_addr32[4]; }; };
    struct sockaddr_in:struct sockaddr_in { unsigned short sin_family; uint16_t sin_port; struct in_addr sin_addr; unsigned char sin_zero[8]; };
    struct sockaddr_in6:struct sockaddr_in6 { unsigned short sin6_family; uint16_t sin6_port; uint32_t sin6_flowinfo; struct in6_addr sin6_addr; uint32_t sin6_scope_id; };
    struct sockaddr_un:struct sockaddr_un { unsigned short sun_family; char sun_path[108]; };
    struct sockaddr_storage:struct sockaddr_storage { unsigned short ss_family; char __ss_padding[118]; unsigned long __ss_align; };
    union nf_inet_addr:union nf_inet_addr { __u32 all[4]; __be32 ip; __be32 ip6[4]; struct in_addr in; struct in6_addr in6; };
    struct xt_counters:struct xt_counters { __u64 pcnt, bcnt; };
    struct sock_filter:struct sock_filter { __u16 code; __u8 jt, jf; __u32 k; };
    struct can_frame:struct can_frame { canid_t can_id; union { __u8 len; __u8 can_dlc; } __attribute__((packed)); __u8 __pad, __res0, len8_dlc; __u8 data[8] __attribute__((aligned(8))); };
    struct canfd_frame:struct canfd_frame { canid_t can_id; __u8 len, flags, __res0, __res1; __u8 data[64] __attribute__((aligned(8))); };
    struct input_id:struct input_id { __u16 bustype, vendor, product, version; };
    struct ethhdr:struct ethhdr { unsigned char h_dest[6], h_source[6]; __be16 h_proto; } __attribute__((packed));
    struct iphdr:struct iphdr { __u8 ihl : 4, version : 4; __u8 tos; __be16 tot_len, id, frag_off; __u8 ttl, protocol; __u16 check; __be32 saddr, daddr; };
    struct nlmsghdr:struct nlmsghdr { __u32 nlmsg_len; __u16 nlmsg_type, nlmsg_flags; __u32 nlmsg_seq, nlmsg_pid; };
    struct nlattr:struct nlattr { __u16 nla_len, nla_type; };
    struct usb_ctrlrequest:struct usb_ctrlrequest { __u8 bRequestType, bRequest; __le16 wValue, wIndex, wLength; } __attribute__((packed));
    struct __kernel_sockaddr_storage:struct __kernel_sockaddr_storage { union { struct { unsigned short ss_family; char __data[126]; }; void *__align; }; };
    ax25_address:typedef struct { char ax25_call[7]; } ax25_address;
    struct rte_ether_addr:struct rte_ether_addr { uint8_t addr_bytes[6]; } __attribute__((aligned(2)));
    rte_spinlock_t:typedef struct { volatile int locked; } rte_spinlock_t;
    guid_t:typedef struct { __u8 b[16]; } guid_t;
    uuid_le:typedef guid_t uuid_le;
    struct iovec:struct iovec { void *iov_base; size_t iov_len; };
    struct pollfd:struct pollfd { int fd; short events, revents; };
    struct rlimit:struct rlimit { unsigned long rlim_cur, rlim_max; };
    struct winsize:struct winsize { unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel; };
    struct list_head:struct list_head { struct list_head *next, *prev; };
    struct hlist_node:struct hlist_node { struct hlist_node *next, **pprev; };
    struct hlist_head:struct hlist_head { struct hlist_node *first; };
    atomic_t:typedef struct { int counter; } atomic_t;
    atomic64_t:typedef struct { long long counter; } atomic64_t;
    uuid_t:typedef unsigned char uuid_t[16];
    __kernel_fsid_t:typedef struct { int val[2]; } __kernel_fsid_t;
    __uint128_t:typedef unsigned __int128 __uint128_t;
    __int128_t:typedef __int128 __int128_t;
    RTE_MARKER:typedef void *RTE_MARKER[0];
    RTE_MARKER8:typedef uint8_t RTE_MARKER8[0];
    RTE_MARKER64:typedef uint64_t RTE_MARKER64[0];
    """)

  private static let windowsStructures = table(
    """
    struct timeval:struct timeval { long tv_sec, tv_usec; };
    struct timespec:struct timespec { long long tv_sec; long tv_nsec; };
    struct tm:struct tm { int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst; };
    struct in_addr, IN_ADDR:typedef struct in_addr { union { struct { unsigned char s_b1, s_b2, s_b3, s_b4; } S_un_b; struct { unsigned short s_w1, s_w2; } S_un_w; unsigned int S_addr; } S_un; } IN_ADDR;
    struct sockaddr, SOCKADDR:typedef struct sockaddr { unsigned short sa_family; char sa_data[14]; } SOCKADDR;
    struct sockaddr_in, SOCKADDR_IN:typedef struct sockaddr_in { short sin_family; unsigned short sin_port; struct in_addr sin_addr; char sin_zero[8]; } SOCKADDR_IN;
    max_align_t:typedef double max_align_t;
    atomic_flag:typedef struct { bool _Value; } atomic_flag;
    """)

  private static let everywhereStructures = table(
    """
    struct _FILETIME, FILETIME:typedef struct _FILETIME { DWORD dwLowDateTime, dwHighDateTime; } FILETIME;
    struct _SYSTEMTIME, SYSTEMTIME:typedef struct _SYSTEMTIME { WORD wYear, wMonth, wDayOfWeek, wDay, wHour, wMinute, wSecond, wMilliseconds; } SYSTEMTIME;
    LARGE_INTEGER:typedef union _LARGE_INTEGER { struct { DWORD LowPart; LONG HighPart; }; struct { DWORD LowPart; LONG HighPart; } u; LONGLONG QuadPart; } LARGE_INTEGER;
    ULARGE_INTEGER:typedef union _ULARGE_INTEGER { struct { DWORD LowPart, HighPart; }; struct { DWORD LowPart, HighPart; } u; ULONGLONG QuadPart; } ULARGE_INTEGER;
    struct _GUID, GUID:typedef struct _GUID { DWORD Data1; WORD Data2, Data3; BYTE Data4[8]; } GUID;
    IID:typedef GUID IID;
    CLSID:typedef GUID CLSID;
    UUID:typedef GUID UUID;
    FMTID:typedef GUID FMTID;
    struct _LUID, LUID:typedef struct _LUID { DWORD LowPart; LONG HighPart; } LUID;
    struct tagRECT, RECT:typedef struct tagRECT { LONG left, top, right, bottom; } RECT;
    struct _RECTL, RECTL:typedef struct _RECTL { LONG left, top, right, bottom; } RECTL;
    struct tagPOINT, POINT:typedef struct tagPOINT { LONG x, y; } POINT;
    struct _POINTL, POINTL:typedef struct _POINTL { LONG x, y; } POINTL;
    struct tagPOINTS, POINTS:typedef struct tagPOINTS { SHORT x, y; } POINTS;
    struct tagSIZE, SIZE:typedef struct tagSIZE { LONG cx, cy; } SIZE;
    struct _COORD, COORD:typedef struct _COORD { SHORT X, Y; } COORD;
    struct _SMALL_RECT, SMALL_RECT:typedef struct _SMALL_RECT { SHORT Left, Top, Right, Bottom; } SMALL_RECT;
    struct _LIST_ENTRY, LIST_ENTRY:typedef struct _LIST_ENTRY { struct _LIST_ENTRY *Flink, *Blink; } LIST_ENTRY;
    struct _RTL_CRITICAL_SECTION, CRITICAL_SECTION, RTL_CRITICAL_SECTION:typedef struct _RTL_CRITICAL_SECTION { void *DebugInfo; LONG LockCount, RecursionCount; HANDLE OwningThread, LockSemaphore; ULONG_PTR SpinCount; } CRITICAL_SECTION, RTL_CRITICAL_SECTION;
    SRWLOCK:typedef struct { void *Ptr; } SRWLOCK;
    CONDITION_VARIABLE:typedef struct { void *Ptr; } CONDITION_VARIABLE;
    struct _OVERLAPPED, OVERLAPPED:typedef struct _OVERLAPPED { ULONG_PTR Internal, InternalHigh; union { struct { DWORD Offset, OffsetHigh; }; void *Pointer; }; HANDLE hEvent; } OVERLAPPED;
    struct _SECURITY_ATTRIBUTES, SECURITY_ATTRIBUTES:typedef struct _SECURITY_ATTRIBUTES { DWORD nLength; void *lpSecurityDescriptor; int bInheritHandle; } SECURITY_ATTRIBUTES;
    struct tagRGBQUAD, RGBQUAD:typedef struct tagRGBQUAD { BYTE rgbBlue, rgbGreen, rgbRed, rgbReserved; } RGBQUAD;
    struct tagBITMAPINFOHEADER, BITMAPINFOHEADER:typedef struct tagBITMAPINFOHEADER { DWORD biSize; LONG biWidth, biHeight; WORD biPlanes, biBitCount; DWORD biCompression, biSizeImage; LONG biXPelsPerMeter, biYPelsPerMeter; DWORD biClrUsed, biClrImportant; } BITMAPINFOHEADER;
    struct _PROCESS_INFORMATION, PROCESS_INFORMATION:typedef struct _PROCESS_INFORMATION { HANDLE hProcess, hThread; DWORD dwProcessId, dwThreadId; } PROCESS_INFORMATION;
    struct _UNICODE_STRING, UNICODE_STRING:typedef struct _UNICODE_STRING { USHORT Length, MaximumLength; WCHAR *Buffer; } UNICODE_STRING;
    """)
}
