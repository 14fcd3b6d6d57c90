#include "COperationsBits.h"

#include <CShmScalars.h>

#include <string.h>

/* The lowest `width` bits set. */
static uint64_t low(uint32_t width) {
  return width < 64 ? ((uint64_t)1 << width) - 1 : UINT64_MAX;
}

/* A bit-field of a packed struct may touch nine bytes. */
typedef unsigned __int128 wide;

static uint32_t bytes_of(struct cops_bits bits) {
  return (bits.offset + bits.width + 7) / 8;
}

static uint64_t ordered(struct cops_bits bits, uint64_t unit) {
  return bits.big_endian ? __builtin_bswap64(unit) >> (64 - 8 * bits.unit)
                         : unit;
}

/* A big-endian field's bytes are one number, the most significant first. */
static void copy_reversed(void *to, const unsigned char *from, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    ((unsigned char *)to)[i] = from[count - 1 - i];
}

uint64_t cops_load_bits(const void *at, struct cops_bits bits) {
  wide value = 0;
  if (bits.in_unit)
    value = ordered(bits, cshm_load_scalar(at, bits.unit));
  else if (bits.big_endian)
    copy_reversed(&value, at, bytes_of(bits));
  else
    memcpy(&value, at, bytes_of(bits));
  return (uint64_t)(value >> bits.offset) & low(bits.width);
}

/* Repeats a compare-and-swap until nobody changed the unit in between. */
#define SWAP(type)                                                             \
  do {                                                                         \
    type old = __atomic_load_n((type *)to, __ATOMIC_SEQ_CST);                  \
    while (!__atomic_compare_exchange_n(                                       \
        (type *)to, &old, (type)((old & ~(type)mask) | (type)value), false,    \
        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))                                   \
      ;                                                                        \
  } while (0)

static void swap_unit(void *to, uint64_t size, uint64_t mask, uint64_t value) {
  switch (size) {
  case 1:
    SWAP(uint8_t);
    return;
  case 2:
    SWAP(uint16_t);
    return;
  case 4:
    SWAP(uint32_t);
    return;
  default:
    SWAP(uint64_t);
  }
}

static void swap_bytes(unsigned char *to, struct cops_bits bits, wide mask,
                       wide value) {
  uint32_t count = bits.in_unit && bits.big_endian ? (uint32_t)bits.unit
                                                   : bytes_of(bits);
  for (uint32_t i = 0; i < count; i++, mask >>= 8, value >>= 8)
    swap_unit(to + (bits.big_endian ? count - 1 - i : i), 1, (uint8_t)mask,
              (uint8_t)value);
}

void cops_store_bits(void *at, struct cops_bits bits, uint64_t value) {
  wide mask = (wide)low(bits.width) << bits.offset;
  wide shifted = ((wide)value << bits.offset) & mask;
  if (bits.in_unit && (uintptr_t)at % bits.unit == 0)
    swap_unit(at, bits.unit, ordered(bits, (uint64_t)mask),
              ordered(bits, (uint64_t)shifted));
  else
    swap_bytes(at, bits, mask, shifted);
}
