/* Bit-fields in memory that other processes may change. */
#include "record.h"

#include <string.h>

static bool is_aligned(const unsigned char *at, uint64_t size) {
  return ((uintptr_t)at & (size - 1)) == 0;
}

/* The lowest `width` bits set. */
static uint64_t low(uint32_t width) {
  return width < 64 ? ((uint64_t)1 << width) - 1 : UINT64_MAX;
}

/* A bit-field of a packed struct may touch nine bytes. */
typedef unsigned __int128 wide;

static uint32_t bytes_of(const struct luashm_member *member) {
  return (member->bit_offset + member->bit_width + 7) / 8;
}

/* Of big-endian bits the bytes that hold them are one number, the highest
   first. */
static bool is_reversed(const struct luashm_member *member) {
  return member->type->flags & CSHM_BIG_ENDIAN;
}

static void copy_reversed(void *to, const unsigned char *from, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    ((unsigned char *)to)[i] = from[count - 1 - i];
}

uint64_t luashm_load_bits(const unsigned char *base,
                          const struct luashm_member *member) {
  const unsigned char *from = base + member->offset;
  wide value = 0;
  if (member->in_unit)
    value = luashm_load_scalar(member->type, from);
  else if (is_reversed(member))
    copy_reversed(&value, from, bytes_of(member));
  else
    memcpy(&value, from, bytes_of(member));
  return (uint64_t)(value >> member->bit_offset) & low(member->bit_width);
}

/* Replaces the unit until nobody changed it in between. */
#define SWAP(type)                                                             \
  do {                                                                         \
    type old = __atomic_load_n((type *)to, __ATOMIC_SEQ_CST);                  \
    while (!__atomic_compare_exchange_n(                                       \
        (type *)to, &old, (type)((old & ~(type)mask) | (type)bits), false,     \
        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))                                   \
      ;                                                                        \
  } while (0)

static void swap_unit(unsigned char *to, uint64_t size, uint64_t mask,
                      uint64_t bits) {
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

void luashm_store_bits(unsigned char *base, const struct luashm_member *member,
                       uint64_t value) {
  unsigned char *to = base + member->offset;
  wide mask = (wide)low(member->bit_width) << member->bit_offset;
  wide bits = ((wide)value << member->bit_offset) & mask;
  uint64_t size = member->type->size;
  if (member->in_unit && is_aligned(to, size)) {
    swap_unit(to, size, luashm_ordered(member->type, (uint64_t)mask),
              luashm_ordered(member->type, (uint64_t)bits));
    return;
  }
  uint32_t count = member->in_unit && is_reversed(member)
                       ? (uint32_t)size
                       : bytes_of(member);
  for (uint32_t i = 0; i < count; i++, mask >>= 8, bits >>= 8)
    swap_unit(to + (is_reversed(member) ? count - 1 - i : i), 1, (uint8_t)mask,
              (uint8_t)bits);
}
