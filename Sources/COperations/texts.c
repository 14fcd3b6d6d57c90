/* UTF-16 and UTF-32 to UTF-8, and back. */
#include "COperationsTexts.h"

#include <CShmScalars.h>

#include <stdbool.h>
#include <string.h>

enum { REPLACEMENT = 0xFFFD, LAST = 0x10FFFF, LARGE = 0x10000 };

static bool is_high(uint32_t unit) { return unit >> 10 == 0xD800 >> 10; }
static bool is_low(uint32_t unit) { return unit >> 10 == 0xDC00 >> 10; }

/* ---- UTF-8 ---- */

/* Returns how many bytes the code point took. */
static size_t put_utf8(char *to, uint32_t code) {
  if (code < 0x80) {
    to[0] = (char)code;
    return 1;
  }
  size_t size = code < 0x800 ? 2 : code < LARGE ? 3 : 4;
  for (size_t i = size - 1; i > 0; i--, code >>= 6)
    to[i] = (char)(0x80 | (code & 0x3F));
  to[0] = (char)(0xF0 << (4 - size) | code);
  return size;
}

/* Reads the code point at *from and advances; false: this is not UTF-8. */
static bool get_utf8(const char **from, const char *end, uint32_t *code) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, LARGE};
  const unsigned char *bytes = (const unsigned char *)*from;
  size_t size = bytes[0] < 0x80   ? 1
                : bytes[0] < 0xC0 ? 0
                : bytes[0] < 0xE0 ? 2
                : bytes[0] < 0xF0 ? 3
                : bytes[0] < 0xF8 ? 4
                                  : 0;
  if (size == 0 || (size_t)(end - *from) < size)
    return false;
  *code = size == 1 ? bytes[0] : bytes[0] & (0x7Fu >> size);
  for (size_t i = 1; i < size; i++) {
    if ((bytes[i] & 0xC0) != 0x80)
      return false;
    *code = *code << 6 | (bytes[i] & 0x3F);
  }
  *from += size;
  return *code >= least[size] && *code <= LAST;
}

size_t cops_units_of(const char *text, size_t length, size_t unit,
                     size_t *bad) {
  *bad = 0;
  if (unit == 1)
    return length;
  const char *next = text, *end = text + length;
  size_t units = 0;
  for (uint32_t code; next < end; units++) {
    size_t place = (size_t)(next - text) + 1;
    if (!get_utf8(&next, end, &code)) {
      *bad = place;
      return units;
    }
    units += unit == 2 && code >= LARGE;
  }
  return units;
}

/* ---- units ---- */

static uint32_t unit_at(const unsigned char *from, size_t unit, size_t place) {
  return (uint32_t)cshm_load_scalar(from + place * unit, unit);
}

size_t cops_text_units(const unsigned char *from, size_t units,
                         size_t unit) {
  if (unit == 1)
    return strnlen((const char *)from, units);
  size_t length = 0;
  while (length < units && unit_at(from, unit, length) != 0)
    length++;
  return length;
}

size_t cops_decode(char *to, const unsigned char *from, size_t units,
                     size_t unit) {
  char *begin = to;
  uint32_t high = 0;
  for (size_t place = 0; place < units; place++) {
    uint32_t code = unit_at(from, unit, place);
    if (code == 0)
      break;
    if (unit == 2 && high != 0 && is_low(code)) {
      to -= 3; /* the other half of the pair stands in front of it */
      code = LARGE + ((high & 0x3FF) << 10) + (code & 0x3FF);
      high = 0;
    } else
      high = is_high(code) ? code : 0;
    to += put_utf8(to, code <= LAST ? code : REPLACEMENT);
  }
  return (size_t)(to - begin);
}

unsigned char *cops_encode(unsigned char *to, const char *text, size_t length,
                           size_t unit) {
  const char *next = text, *end = text + length;
  for (uint32_t code; next < end && get_utf8(&next, end, &code);) {
    if (unit == 2 && code >= LARGE) {
      cshm_store_scalar(to, 2, 0xD800 + ((code - LARGE) >> 10));
      to += 2;
      code = 0xDC00 + (code & 0x3FF);
    }
    cshm_store_scalar(to, unit, code);
    to += unit;
  }
  return to;
}
