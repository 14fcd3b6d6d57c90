/*
 * Atomic access to words of shared memory. Swift's own atomics live in Swift's
 * variables; these work on any aligned address. All are sequentially
 * consistent: between processes nothing weaker is worth its doubts.
 */
#ifndef CSHM_WORDS_H
#define CSHM_WORDS_H

#include <stdbool.h>
#include <stdint.h>

/* NAME32 and NAME64 of each operation; fetch_ operations return the value
   from before. */
#define CSHM_WORD(bits, type)                                                  \
  static inline type cshm_load##bits(const void *word) {                       \
    return __atomic_load_n((const type *)word, __ATOMIC_SEQ_CST);              \
  }                                                                            \
  static inline void cshm_store##bits(void *word, type value) {                \
    __atomic_store_n((type *)word, value, __ATOMIC_SEQ_CST);                   \
  }                                                                            \
  static inline type cshm_exchange##bits(void *word, type value) {             \
    return __atomic_exchange_n((type *)word, value, __ATOMIC_SEQ_CST);         \
  }                                                                            \
  static inline type cshm_fetch_add##bits(void *word, type value) {            \
    return __atomic_fetch_add((type *)word, value, __ATOMIC_SEQ_CST);          \
  }                                                                            \
  static inline type cshm_fetch_and##bits(void *word, type value) {            \
    return __atomic_fetch_and((type *)word, value, __ATOMIC_SEQ_CST);          \
  }                                                                            \
  static inline type cshm_fetch_or##bits(void *word, type value) {             \
    return __atomic_fetch_or((type *)word, value, __ATOMIC_SEQ_CST);           \
  }                                                                            \
  static inline type cshm_fetch_xor##bits(void *word, type value) {            \
    return __atomic_fetch_xor((type *)word, value, __ATOMIC_SEQ_CST);          \
  }                                                                            \
  /* Stores value if the word is *expected; else *expected is the word. */     \
  static inline bool cshm_cas##bits(void *word, type *expected, type value) {  \
    return __atomic_compare_exchange_n((type *)word, expected, value, false,   \
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);    \
  }

CSHM_WORD(32, uint32_t)
CSHM_WORD(64, uint64_t)

#undef CSHM_WORD

/* One turn of a loop that spins. */
static inline void cshm_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#endif
