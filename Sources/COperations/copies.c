#include "COperationsCopies.h"

#include <stdint.h>
#include <string.h>

/* Copies in pieces through private memory, starting at the end if the target
   lies behind: no piece is overwritten before it was read. */
void cops_copy_between(unsigned char *to, const unsigned char *from,
                       size_t length, bool up) {
  unsigned char piece[4096];
  for (size_t done = 0; done < length;) {
    size_t rest = length - done;
    size_t count = rest < sizeof piece ? rest : sizeof piece;
    size_t at = up ? rest - count : done;
    memcpy(piece, from + at, count);
    memcpy(to + at, piece, count);
    done += count;
  }
}

/* The private side is aligned. Volatile: a number is loaded once. */
#define NUMBERS(bits)                                                          \
  struct unaligned##bits {                                                     \
    volatile uint##bits##_t value;                                             \
  } __attribute__((packed));                                                   \
  static void load##bits(uint##bits##_t *to, const void *from,                 \
                         size_t count) {                                       \
    const uint##bits##_t *aligned = from;                                      \
    const struct unaligned##bits *any = from;                                  \
    if ((uintptr_t)from % (bits / 8) == 0)                                     \
      for (size_t i = 0; i < count; i++)                                       \
        to[i] = __atomic_load_n(&aligned[i], __ATOMIC_ACQUIRE);                \
    else                                                                       \
      for (size_t i = 0; i < count; i++)                                       \
        to[i] = any[i].value;                                                  \
  }                                                                            \
  static void store##bits(void *to, const uint##bits##_t *from,                \
                          size_t count) {                                      \
    uint##bits##_t *aligned = to;                                              \
    struct unaligned##bits *any = to;                                          \
    if ((uintptr_t)to % (bits / 8) == 0)                                       \
      for (size_t i = 0; i < count; i++)                                       \
        __atomic_store_n(&aligned[i], from[i], __ATOMIC_RELEASE);              \
    else                                                                       \
      for (size_t i = 0; i < count; i++)                                       \
        any[i].value = from[i];                                                \
  }

NUMBERS(8)
NUMBERS(16)
NUMBERS(32)
NUMBERS(64)

#undef NUMBERS

/* Sequentially consistent as a whole: a fence on each side in place of one for
   each number. */
void cops_load_numbers(void *to, const void *from, size_t size, size_t count) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  if (size == 1)
    load8(to, from, count);
  else if (size == 2)
    load16(to, from, count);
  else if (size == 4)
    load32(to, from, count);
  else
    load64(to, from, count);
}

void cops_store_numbers(void *to, const void *from, size_t size, size_t count) {
  if (size == 1)
    store8(to, from, count);
  else if (size == 2)
    store16(to, from, count);
  else if (size == 4)
    store32(to, from, count);
  else
    store64(to, from, count);
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
