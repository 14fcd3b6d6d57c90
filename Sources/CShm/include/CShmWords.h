/*
 * Atomic access to words of shared memory. Swift's own atomics only work on
 * Swift's variables; these work on any aligned address. All are sequentially
 * consistent: between processes a weaker order gains too little for the doubts
 * it raises.
 */
#ifndef CSHM_WORDS_H
#define CSHM_WORDS_H

#include <stdbool.h>
#include <stdint.h>

/* Each operation as NAME32 and NAME64. The fetch_ operations return the value
   that the word had before. */
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
  /* Stores value if the word is *expected; else sets *expected to it. */      \
  static inline bool cshm_cas##bits(void *word, type *expected, type value) {  \
    return __atomic_compare_exchange_n((type *)word, expected, value, false,   \
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);    \
  }

CSHM_WORD(32, uint32_t)
CSHM_WORD(64, uint64_t)

#undef CSHM_WORD

/* One iteration of a spinning loop. */
static inline void cshm_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#endif
