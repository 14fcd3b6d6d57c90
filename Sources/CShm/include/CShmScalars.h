/*
 * A number of 1, 2, 4 or 8 bytes in shared memory, at any address. If the
 * address is aligned, the access is one sequentially consistent load or store:
 * nobody sees half of it. Otherwise it works, but another process may see it
 * half written.
 *
 * `size` is a constant wherever these are called, so each call compiles to one
 * or two instructions.
 */
#ifndef CSHM_SCALARS_H
#define CSHM_SCALARS_H

#include <stddef.h>
#include <stdint.h>

/* volatile: the number is loaded exactly once, whatever the compiler does with
   the value. */
#define CSHM_SCALAR(bits)                                                      \
  struct cshm_unaligned##bits {                                                \
    volatile uint##bits##_t value;                                             \
  } __attribute__((packed));                                                   \
  static inline uint64_t cshm_load_scalar##bits(const void *at) {              \
    if (__builtin_expect((uintptr_t)at % (bits / 8) == 0, 1))                  \
      return __atomic_load_n((const uint##bits##_t *)at, __ATOMIC_SEQ_CST);    \
    return ((const struct cshm_unaligned##bits *)at)->value;                   \
  }                                                                            \
  static inline void cshm_store_scalar##bits(void *at, uint64_t value) {       \
    if (__builtin_expect((uintptr_t)at % (bits / 8) == 0, 1))                  \
      __atomic_store_n((uint##bits##_t *)at, (uint##bits##_t)value,            \
                       __ATOMIC_SEQ_CST);                                      \
    else                                                                       \
      ((struct cshm_unaligned##bits *)at)->value = (uint##bits##_t)value;      \
  }

CSHM_SCALAR(8)
CSHM_SCALAR(16)
CSHM_SCALAR(32)
CSHM_SCALAR(64)

#undef CSHM_SCALAR

/* The number's bits; the bits above them are zero. */
static inline uint64_t cshm_load_scalar(const void *at, size_t size) {
  switch (size) {
  case 1:
    return cshm_load_scalar8(at);
  case 2:
    return cshm_load_scalar16(at);
  case 4:
    return cshm_load_scalar32(at);
  default:
    return cshm_load_scalar64(at);
  }
}

static inline void cshm_store_scalar(void *at, size_t size, uint64_t bits) {
  switch (size) {
  case 1:
    cshm_store_scalar8(at, bits);
    break;
  case 2:
    cshm_store_scalar16(at, bits);
    break;
  case 4:
    cshm_store_scalar32(at, bits);
    break;
  default:
    cshm_store_scalar64(at, bits);
    break;
  }
}

#endif
