extension HeaderShape {
  /// C on Linux: the kernel's interface, audio and network libraries, field buses.
  static let ofLinux = [
    HeaderShape(
      .linux, nil,
      "32: when 0, pid 8, tid 12, kind 16, depth 18, spare[0] 19, payload 24",
      #"""
      #include <linux/types.h>
      struct probe_event { __u64 when; __u32 pid, tid; __u16 kind; __u8 depth; __u8 spare[5]; __aligned_u64 payload; };
      """#),
    HeaderShape(
      .linux, nil,
      "16: to 0, port 4, flags 6, stamp 8",
      #"""
      #include <linux/types.h>
      struct net_cell { __be32 to; __be16 port; __le16 flags; __be64 stamp; };
      """#),
    HeaderShape(
      .linux, nil,
      "4: words 0b4, version 4b4, service 1, length 2",
      #"""
      #include <linux/types.h>
      struct ip_like {
      #if defined(__LITTLE_ENDIAN_BITFIELD)
        __u8 words:4, version:4;
      #elif defined(__BIG_ENDIAN_BITFIELD)
        __u8 version:4, words:4;
      #endif
        __u8 service; __be16 length; };
      """#),
    HeaderShape(
      .linux, nil,
      "16: size 0, flags 4, result 8",
      #"""
      #include <linux/ioctl.h>
      #include <linux/types.h>
      struct query { __u32 size; __u32 flags; __u64 result; };
      #define QUERY _IOWR(0xb3, 1, struct query)
      """#),
    HeaderShape(
      .linux, nil,
      "128: head 0, tail 64, cells[0] 72",
      #"""
      #include <linux/types.h>
      struct ring_head { __u32 head __attribute__((aligned(64))); __u32 tail __attribute__((aligned(64))); __u64 cells[]; };
      """#),
    HeaderShape(
      .linux, nil,
      "24: when.tv_sec 0, when.tv_usec 8, type 16, code 18, value 20",
      #"""
      #include <sys/time.h>
      #include <linux/types.h>
      struct input_like { struct timeval when; __u16 type, code; __s32 value; };
      """#),
    HeaderShape(
      .linux, nil,
      "32: at.tv_sec 0, at.tv_nsec 8, count 16, clock 24",
      #"""
      #include <stdint.h>
      #include <time.h>
      struct tick { struct timespec at; uint64_t count; clockid_t clock; };
      """#),
    HeaderShape(
      .linux, nil,
      "384: lock 0, full 40, items 88, head 120, tail 124, data 128",
      #"""
      #include <pthread.h>
      #include <semaphore.h>
      #include <stdint.h>
      struct shared_queue { pthread_mutex_t lock; pthread_cond_t full; sem_t items; uint32_t head, tail; char data[256]; };
      """#),
    HeaderShape(
      .linux, nil,
      "36: from 0, six 16, port 32, up 34",
      #"""
      #include <netinet/in.h>
      #include <stdint.h>
      struct peer { struct sockaddr_in from; struct in6_addr six; in_port_t port; uint8_t up; };
      """#),
    HeaderShape(
      .linux, nil,
      "32: hits 0, stop 4, total 8, level 16, bytes 24",
      #"""
      #include <stdatomic.h>
      #include <stdint.h>
      struct counters { atomic_uint hits; atomic_bool stop; atomic_ullong total; _Atomic int16_t level; atomic_size_t bytes; };
      """#),
    HeaderShape(
      .linux, nil,
      "7: kind 0, place 1, length 5",
      #"""
      struct desc { unsigned char kind; unsigned int place; unsigned short length; } __packed;
      """#),
    HeaderShape(
      .linux, nil,
      "9: version 0, id 1",
      #"""
      struct __packed wire { unsigned char version; unsigned long long id; };
      """#),
    HeaderShape(
      .linux, nil,
      "320: cores 0, per[0].rx 64, per[0].tx 72",
      #"""
      #include <stdint.h>
      struct core_stat { uint64_t rx, tx; } ____cacheline_aligned;
      struct all_stat { uint32_t cores; struct core_stat per[4]; };
      """#),
    HeaderShape(
      .linux, nil,
      "16: id 0, raw[0] 1, low 1, high 3, rest 5, sum 12",
      #"""
      #include <stdint.h>
      struct frame { uint8_t id; union { uint8_t raw[8]; struct { uint16_t low, high; uint32_t rest; } __packed; }; uint8_t sum __aligned(4); };
      """#),
    HeaderShape(
      .linux, nil,
      "8: on 0b1, speed 1b7, dir 8b2, code 32b12",
      #"""
      #define BITS(name, n) unsigned name : n
      struct control { BITS(on, 1); BITS(speed, 7); BITS(dir, 2); unsigned : 0; BITS(code, 12); };
      """#),
    HeaderShape(
      .linux, nil,
      "32: at_x 0, at_y 4, at_z 8, speed_x 12, speed_y 16, speed_z 20, time 24",
      #"""
      #define FIELD(T, n) T n
      #define VEC3(n) FIELD(float, n##_x); FIELD(float, n##_y); FIELD(float, n##_z)
      struct pose { VEC3(at); VEC3(speed); double time; };
      """#),
    HeaderShape(
      .linux, nil,
      "32: status 0, control 4, mask 8, level 12, rest[0] 16",
      #"""
      #include <stdint.h>
      #define REG_TABLE(X) X(status) X(control) X(mask) X(level)
      #define AS_FIELD(n) uint32_t n;
      struct regs { REG_TABLE(AS_FIELD) uint8_t rest[16]; };
      """#),
    HeaderShape(
      .linux, nil,
      "130: used 0, data[0] 2",
      #"""
      #include <stdint.h>
      #define ROUND(n, a) (((n) + (a) - 1) / (a) * (a))
      struct block { uint16_t used; uint8_t data[ROUND(100, 64)]; };
      """#),
    HeaderShape(
      .linux, nil,
      "24: a 0, pad_12[0] 4, b 16, pad_3[0] 18",
      #"""
      #define CONCAT_(a, b) a##b
      #define CONCAT(a, b) CONCAT_(a, b)
      #define PAD(n) char CONCAT(pad_, n)[n]
      struct old { int a; PAD(12); short b; PAD(3); };
      """#),
    HeaderShape(
      .linux, nil,
      "32: count 0, at[0] 4, ink[0].r 16, ink[0].g 17, ink[0].b 18",
      #"""
      #include <stdint.h>
      struct page { uint8_t order; uint8_t data[]; };
      struct book { uint16_t count; uint32_t at[3]; struct { uint8_t r, g, b; } ink[5]; };
      """#),
    HeaderShape(
      .linux, nil,
      """
      64: buf 0, iova 8, rearm 16, off 16, refs 18, segs 20, port 22, flags 24, packet_type \
      32, l2 256b4, l3 260b4, l4 264b4, tun 268b4, length 36
      """,
      #"""
      #include <stdint.h>
      struct ether_like { uint8_t to[6], from[6]; uint16_t type; } __attribute__((__packed__));
      struct mbuf_like { void *buf; uint64_t iova; union { uint64_t rearm; struct { uint16_t off, refs, segs, port; }; }; uint64_t flags; union { uint32_t packet_type; struct { uint8_t l2:4, l3:4, l4:4, tun:4; }; }; uint32_t length; } __attribute__((aligned(64)));
      """#),
    HeaderShape(
      .linux, nil,
      "2: id 0b12, dei 12b1, prio 13b3",
      #"""
      #include <stdint.h>
      #if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
      struct vlan { uint16_t id:12, dei:1, prio:3; };
      #else
      struct vlan { uint16_t prio:3, dei:1, id:12; };
      #endif
      """#),
    HeaderShape(
      .linux, nil,
      "272: tail[0] 0, active 12, pad1[0] 16, end 128, session 136, stream 140, header[0] 144",
      #"""
      #include <stdint.h>
      #pragma pack(push)
      #pragma pack(4)
      typedef struct log_meta_stct { int32_t tail[3]; int32_t active; uint8_t pad1[(2 * 64) - (4 * sizeof(int32_t))]; int64_t end; int32_t session, stream; uint8_t header[128]; } log_meta_t;
      #pragma pack(pop)
      """#),
    HeaderShape(
      .linux, nil,
      """
      128: state 0, ALstatuscode 2, bits 4, SM[0].start 8, SM[0].length 10, SM[0].flags 12, \
      in 72, name[0] 80
      """,
      #"""
      #include <stdint.h>
      typedef struct { uint16_t state; uint16_t ALstatuscode; uint32_t bits; struct { uint16_t start, length; uint32_t flags; } __attribute__((packed)) SM[8]; unsigned char *in; uint8_t name[41]; } slave_like;
      """#),
    HeaderShape(
      .linux, nil,
      "64: usecs 0, rate 8, frame 12, bar 16, beat 20, per_bar 24, bpm 28, pad[0] 36",
      #"""
      #include <stdint.h>
      #define PRE
      #define POST __attribute__((__packed__))
      PRE
      struct _transport_pos { uint64_t usecs; uint32_t rate; uint32_t frame; int32_t bar, beat; float per_bar; double bpm; int32_t pad[7]; } POST;
      """#),
    HeaderShape(
      .linux, nil,
      "32: seq 0, name 8, load 16, next 24",
      #"""
      #include <stdint.h>
      typedef volatile struct engine { volatile uint32_t seq; const char *const name; float load; struct engine *volatile next; } engine_t;
      """#),
    HeaderShape(
      .linux, nil,
      "4: a 0b4, b 4b4, c 8b3, d 16b6",
      #"""
      struct bits { unsigned short a : 4; unsigned int b : 4; unsigned char c : 3, d : 6; };
      """#),
    HeaderShape(
      .linux, nil,
      "48: c 0, d 16, l 32, w 40",
      #"""
      struct wide { char c; long double d; long l; wchar_t w; };
      """#),
    HeaderShape(
      .linux, nil,
      "16: c 0, w 8",
      #"""
      # 1 "x.h"
      # 1 "<built-in>" 1
      typedef unsigned char __u_char;
      typedef int word_t __attribute__ ((__mode__ (__word__)));
      typedef __builtin_va_list __gnuc_va_list;
      extern int printf (const char *__restrict __format, ...);
      struct cpp { __u_char c; word_t w; };
      """#),
    HeaderShape(
      .linux, nil,
      "48: c 0, v[0] 16, s 32",
      #"""
      typedef float v4 __attribute__((vector_size(16)));
      struct simd { char c; v4 v; short s; };
      """#),
    HeaderShape(
      .linux, nil,
      "16: a 0, b 1, c 8",
      #"""
      struct s { char a; int b __attribute__((packed)); short c __attribute__((aligned(8))); };
      """#),
    HeaderShape(
      .linux, nil,
      "32: a 0, b 16, c 20",
      #"""
      typedef int spaced __attribute__((aligned(16)));
      struct s { char a; spaced b; int c; };
      """#),
    HeaderShape(
      .linux, nil,
      "16: a 0, b[0] 8",
      #"""
      #include <limits.h>
      #if ULONG_MAX > 0xffffffffUL
      struct s { long a; char b[LONG_MAX > INT_MAX ? 3 : 5]; };
      #else
      struct s { int a; };
      #endif
      """#),
    HeaderShape(
      .linux, nil,
      "28: pad[0] 0, x[0] 12",
      #"""
      #include <stddef.h>
      struct a { char c; long l; };
      struct b { char pad[offsetof(struct a, l) + sizeof(((struct a *)0)->c)]; int x[sizeof(struct a) / sizeof(int)]; };
      """#),
    HeaderShape(
      .linux, nil,
      "4: l 0, c 2",
      #"""
      enum level { LOW, HIGH = 300 } __attribute__((packed));
      struct s { enum level l; char c; };
      """#),
    HeaderShape(
      .linux, nil,
      "8: c 0, a 8b3, b 4",
      #"""
      typedef enum { NO = -1, YES = 1 } answer; struct s { char c; answer a : 3; answer b; };
      """#),
    HeaderShape(
      .linux, nil,
      "56: p 0, call 8, rows 16, names[0] 24, n 48",
      #"""
      struct s { const volatile int *p; void (*call)(int, char *); int (*rows)[4]; char *names[3]; unsigned long long n; };
      """#),
    HeaderShape(
      .linux, nil,
      "192: name 16, slots[0].state 72, slots[0].flags 78, opts 128, pending 136",
      #"""
      #include "ring.h"
      #include <sys/queue.h>
      struct lane_owner { owner_id_t id; char name[OWNER_NAME]; };
      struct ring_slot { uint64_t seq; RTE_ATOMIC(uint32_t) state; uint16_t len; uint8_t flags; };
      struct lane { TAILQ_ENTRY(lane) next; char name[16]; struct ring_slot slots[4] __rte_cache_aligned; lane_opts_t *opts; STAILQ_HEAD(, ring_msg) pending; };
      """#),
    HeaderShape(
      .linux, nil,
      "32: index 0, bindcnt 16, rate 20, color 28",
      #"""
      #include <linux/pkt_cls.h>
      struct meter_old { struct meter_rate rate; enum meter_kind kind; };
      struct meter { tc_gen; __u32 rate, burst; __u8 color; };
      """#),
    HeaderShape(
      .linux, nil,
      "8: magic 0, flags 4",
      #"""
      typedef unsigned int __u32;
      typedef __u32 __bitwise __be32;
      struct probe_head { __be32 magic; __u32 flags; };
      """#),
    HeaderShape(
      .linux, nil,
      "212: type 0, fmt.pix.pix 12, fmt.raw 4, win 204",
      #"""
      #include <linux/types.h>
      #include <linux/ioctl.h>
      struct vid_clip { struct vid_rect c; struct vid_clip *next; };
      struct vid_fmt { __u32 type; union { struct { __u32 w, h, pix; __u32 flags; } pix; __u8 raw[200]; } fmt; struct vid_window *win; } __attribute__ ((packed));
      #define VID_S_FMT _IOWR('V', 5, struct vid_fmt)
      """#),
    HeaderShape(
      .linux, nil,
      "92: tail[0] 0, active 24, pad1[0] 28, when 84",
      #"""
      #include "util/bits.h"
      #pragma pack(push)
      #pragma pack(4)
      typedef struct log_descriptor_stct { volatile int64_t tail[3]; volatile int32_t active; uint8_t pad1[AERON_CACHE_LINE_LENGTH - sizeof(int64_t)]; int64_t when; } log_descriptor_t;
      #pragma pack(pop)
      _Static_assert(sizeof(log_descriptor_t) == 92, "the log's descriptor");
      int log_open(log_mapping_t *mapping, const char *path) LOG_API;
      """#),
    HeaderShape(
      .linux, nil,
      "32: state 0, head.index 3, owner 16, dc 24",
      #"""
      #include "osal.h"
      OSAL_PACKED_BEGIN
      typedef struct OSAL_PACKED { uint8 len; uint16 index; uint32 address; } bus_head;
      OSAL_PACKED_END
      struct station { uint16 state; bus_head head; bus_context *owner; int64 dc; };
      """#),
    HeaderShape(
      .linux, nil,
      "40: usecs 8, frame 20, valid 24, beats 32",
      #"""
      #include "types.h"
      class Failure : public std::runtime_error { public: Failure(const std::string &what); std::string text; };
      struct Position { jack_unique_t unique; jack_time_t usecs; jack_nframes_t rate, frame; Valid *valid; double beats; } POST_PACKED_STRUCTURE;
      """#),
  ]
}
