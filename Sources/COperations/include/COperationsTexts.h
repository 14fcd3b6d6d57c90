/*
 * Texts in UTF-16 and UTF-32, as memory has them, and in UTF-8, as Lua has
 * them; `unit`: 2 or 4 bytes, and 1 where that is said.
 *
 * What is no character stays what it was, both ways: a surrogate without its
 * partner is three bytes, as utf8.char makes them; only a UTF-32 unit past
 * U+10FFFF becomes U+FFFD.
 */
#ifndef COPERATIONS_TEXTS_H
#define COPERATIONS_TEXTS_H

#include <stddef.h>

/* At most so many bytes of UTF-8 for one unit, of 1 byte, too. */
static inline size_t cops_most_utf8(size_t unit) {
  return unit == 2 ? 3 : unit;
}

/* Units before the first NUL, of 1 byte, too. */
size_t cops_text_units(const unsigned char *from, size_t units, size_t unit);

/* Units that a text of UTF-8 takes, of 1 byte, too; *bad: the first byte that
   is no UTF-8, from 1, or 0. */
size_t cops_units_of(const char *text, size_t length, size_t unit,
                     size_t *bad);

/* Each unit is loaded once; ends at a NUL. Returns the bytes in `to`. */
size_t cops_decode(char *to, const unsigned char *from, size_t units,
                     size_t unit);

/* The text is UTF-8. Returns what follows its last unit; adds no NUL. */
unsigned char *cops_encode(unsigned char *to, const char *text, size_t length,
                           size_t unit);

#endif
