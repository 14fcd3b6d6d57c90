/*
 * Bit-fields in memory that other processes may change. A store is a
 * compare-and-swap of the field's unit, or of each of its bytes where it lies
 * in no aligned unit, so the neighbouring bits are never lost.
 */
#ifndef COPERATIONS_BITS_H
#define COPERATIONS_BITS_H

#include <stdbool.h>
#include <stdint.h>

/* Taken from a field as CShmLayout.h describes it. */
struct cops_bits {
  uint64_t unit;   /* the type's size in bytes: 1, 2, 4 or 8 */
  uint32_t offset; /* of the lowest bit, with the bytes taken as one number */
  uint32_t width;
  bool in_unit;    /* a whole unit stands there, inside the record */
  bool big_endian;
};

/* `at` is the field's first byte. Returns the field's bits from bit 0 on. */
uint64_t cops_load_bits(const void *at, struct cops_bits);
void cops_store_bits(void *at, struct cops_bits, uint64_t value);

#endif
