/*
 * Operations on an atomic cell: an aligned word of 4 or 8 bytes. All are
 * sequentially consistent.
 */
#ifndef COPERATIONS_CELLS_H
#define COPERATIONS_CELLS_H

#include <CShmWords.h>

enum cops_act {
  COPS_LOAD,
  COPS_STORE,
  COPS_ADD,
  COPS_SUB,
  COPS_AND,
  COPS_OR,
  COPS_XOR,
  COPS_EXCHANGE,
  COPS_CAS
};

/* Returns the word as it was before; a load returns the word, a store what it
   stored. Only cas uses `expected`: it swapped if it returns `expected`. */
#define COPS_APPLY(bits)                                                       \
  static inline uint64_t cops_apply##bits(                                     \
      void *word, enum cops_act act, uint##bits##_t value,                     \
      uint##bits##_t expected) {                                               \
    switch (act) {                                                             \
    case COPS_LOAD:                                                            \
      return cshm_load##bits(word);                                            \
    case COPS_STORE:                                                           \
      cshm_store##bits(word, value);                                           \
      return value;                                                            \
    case COPS_ADD:                                                             \
      return cshm_fetch_add##bits(word, value);                                \
    case COPS_SUB:                                                             \
      return cshm_fetch_add##bits(word, 0 - value);                            \
    case COPS_AND:                                                             \
      return cshm_fetch_and##bits(word, value);                                \
    case COPS_OR:                                                              \
      return cshm_fetch_or##bits(word, value);                                 \
    case COPS_XOR:                                                             \
      return cshm_fetch_xor##bits(word, value);                                \
    case COPS_EXCHANGE:                                                        \
      return cshm_exchange##bits(word, value);                                 \
    case COPS_CAS:                                                             \
      cshm_cas##bits(word, &expected, value);                                  \
      return expected;                                                         \
    }                                                                          \
    return 0;                                                                  \
  }

COPS_APPLY(32)
COPS_APPLY(64)

#undef COPS_APPLY

/* `size` is the word's: 4 or 8 bytes. */
static inline uint64_t cops_apply(void *word, uint32_t size, enum cops_act act,
                                  uint64_t value, uint64_t expected) {
  return size == 8
             ? cops_apply64(word, act, value, expected)
             : cops_apply32(word, act, (uint32_t)value, (uint32_t)expected);
}

#endif
