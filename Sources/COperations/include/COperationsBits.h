/*
 * Bit-fields in memory that other processes may change. To store one is a
 * compare-and-swap of its unit, or of each of its bytes where it is in no
 * aligned unit: nobody's neighbouring bits are lost.
 */
#ifndef COPERATIONS_BITS_H
#define COPERATIONS_BITS_H

#include <stdbool.h>
#include <stdint.h>

/* As CShmLayout.h says of a field. */
struct cops_bits {
  uint64_t unit;   /* bytes of the type: 1, 2, 4 or 8 */
  uint32_t offset; /* of the lowest bit, in the number that the bytes are */
  uint32_t width;
  bool in_unit;    /* a whole unit stands there, in the record */
  bool big_endian;
};

/* `at`: the field's first byte. The bits, the lowest first. */
uint64_t cops_load_bits(const void *at, struct cops_bits);
void cops_store_bits(void *at, struct cops_bits, uint64_t value);

#endif
