/*
 * Numbers of records in memory: byte order and bit-fields. In line, as each
 * access of a field is one of these.
 */
#ifndef LUASHM_BYTE_ORDER_H
#define LUASHM_BYTE_ORDER_H

#include "record.h"

/* ---- byte order ---- */

/* Converts a scalar's bits between the byte order in memory and the
   machine's. */
static inline uint64_t luashm_ordered(const struct cshm_type *type,
                                      uint64_t raw) {
  return __builtin_expect(type->flags & CSHM_BIG_ENDIAN, 0)
             ? __builtin_bswap64(raw) >> (64 - 8 * type->size)
             : raw;
}

static inline uint64_t luashm_load_scalar(const struct cshm_type *type,
                                          const void *at) {
  return luashm_ordered(type, cshm_load_scalar(at, type->size));
}

static inline void luashm_store_scalar(const struct cshm_type *type, void *at,
                                       uint64_t raw) {
  cshm_store_scalar(at, type->size, luashm_ordered(type, raw));
}

/* ---- bit-fields ---- */

static inline struct cops_bits
luashm_bits_of(const struct luashm_member *member) {
  return (struct cops_bits){
      .unit = member->type->size,
      .offset = member->bit_offset,
      .width = member->bit_width,
      .in_unit = member->in_unit,
      .big_endian = (member->type->flags & CSHM_BIG_ENDIAN) != 0};
}

/* `base`: the address of the record. */
static inline uint64_t luashm_load_bits(const unsigned char *base,
                                        const struct luashm_member *member) {
  return cops_load_bits(base + member->offset, luashm_bits_of(member));
}

static inline void luashm_store_bits(unsigned char *base,
                                     const struct luashm_member *member,
                                     uint64_t value) {
  cops_store_bits(base + member->offset, luashm_bits_of(member), value);
}

/* ---- members ---- */

/* Loads a number of the record at `base`, which may be in shared memory. */
static inline uint64_t luashm_load_member(const unsigned char *base,
                                          const struct luashm_member *member) {
  return __builtin_expect(member->bit_width == 0, 1)
             ? luashm_load_scalar(member->type, base + member->offset)
             : luashm_load_bits(base, member);
}

static inline void luashm_store_member(unsigned char *base,
                                       const struct luashm_member *member,
                                       uint64_t raw) {
  if (member->bit_width == 0)
    luashm_store_scalar(member->type, base + member->offset, raw);
  else
    luashm_store_bits(base, member, raw);
}

#endif
