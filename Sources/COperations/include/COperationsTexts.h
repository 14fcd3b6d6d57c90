/*
 * Texts in UTF-16 and UTF-32, as memory has them, and in UTF-8, as Lua has
 * them. `unit` is 2 or 4 bytes, and may be 1 where that is said.
 *
 * What is no character survives in both directions: a surrogate without its
 * partner becomes three bytes, as Lua's utf8.char encodes it. Only a UTF-32
 * unit above U+10FFFF is lost: it becomes U+FFFD.
 */
#ifndef COPERATIONS_TEXTS_H
#define COPERATIONS_TEXTS_H

#include <stddef.h>

/* The most bytes of UTF-8 that one unit can take; `unit` may be 1. */
static inline size_t cops_most_utf8(size_t unit) {
  return unit == 2 ? 3 : unit;
}

/* Counts the units before the first NUL; `unit` may be 1. */
size_t cops_text_units(const unsigned char *from, size_t units, size_t unit);

/* Counts the units that a UTF-8 text takes; `unit` may be 1. *bad is 0, or the
   position from 1 of the first byte that is not UTF-8. */
size_t cops_units_of(const char *text, size_t length, size_t unit,
                     size_t *bad);

/* Loads each unit once and stops at a NUL. Returns the bytes put into `to`. */
size_t cops_decode(char *to, const unsigned char *from, size_t units,
                     size_t unit);

/* The text must be UTF-8. Adds no NUL; returns the end of the last unit. */
unsigned char *cops_encode(unsigned char *to, const char *text, size_t length,
                           size_t unit);

#endif
