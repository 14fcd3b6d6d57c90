/* Arrays of characters as texts: bytes, or UTF-16 and UTF-32 as UTF-8. */
#include "record.h"

#include <string.h>

enum { REPLACEMENT = 0xFFFD, LAST = 0x10FFFF };

static uint32_t unit_at(const unsigned char *bytes, uint64_t width,
                        uint64_t index) {
  uint16_t narrow;
  uint32_t broad;
  if (width == 2) {
    memcpy(&narrow, bytes + 2 * index, sizeof narrow);
    return narrow;
  }
  memcpy(&broad, bytes + 4 * index, sizeof broad);
  return broad;
}

static bool is_high(uint32_t unit) { return unit >> 10 == 0xD800 >> 10; }
static bool is_low(uint32_t unit) { return unit >> 10 == 0xDC00 >> 10; }

/* The character at *index, which moves on. A surrogate without its partner
   stays what it is, as in view:utf16; what is no character at all is U+FFFD. */
static uint32_t decode(const unsigned char *bytes, uint64_t width,
                       uint64_t count, uint64_t *index) {
  uint32_t unit = unit_at(bytes, width, (*index)++);
  if (width == 2 && is_high(unit) && *index < count) {
    uint32_t next = unit_at(bytes, width, *index);
    if (is_low(next)) {
      ++*index;
      return 0x10000 + ((unit & 0x3FF) << 10) + (next & 0x3FF);
    }
  }
  return unit > LAST ? REPLACEMENT : unit;
}

static void add_utf8(luaL_Buffer *text, uint32_t character) {
  if (character < 0x80) {
    luaL_addchar(text, (char)character);
    return;
  }
  int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  luaL_addchar(text, (char)(0xFFu << (7 - more) | character >> (6 * more)));
  while (more-- > 0)
    luaL_addchar(text, (char)(0x80 | ((character >> (6 * more)) & 0x3F)));
}

void luashm_push_text(lua_State *L, uint64_t width, const unsigned char *bytes,
                      uint64_t room) {
  if (width == 1) {
    lua_pushlstring(L, (const char *)bytes,
                    strnlen((const char *)bytes, room));
    return;
  }
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  uint64_t count = room / width;
  for (uint64_t index = 0; index < count;) {
    uint32_t character = decode(bytes, width, count, &index);
    if (character == 0)
      break;
    add_utf8(&text, character);
  }
  luaL_pushresult(&text);
}

/* The character of UTF-8 at *index, which moves on; -1: it is none. */
static int64_t decode_utf8(struct luashm_bytes text, size_t *index) {
  static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
  unsigned char first = (unsigned char)text.data[*index];
  int more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
  if ((first >= 0x80 && first < 0xC0) || first >= 0xF8 ||
      text.length - *index <= (size_t)more)
    return -1;
  uint32_t character = more == 0 ? first : first & (0x3Fu >> more);
  for (int i = 1; i <= more; i++) {
    unsigned char next = (unsigned char)text.data[*index + (size_t)i];
    if ((next & 0xC0) != 0x80)
      return -1;
    character = character << 6 | (next & 0x3F);
  }
  if (character < least[more] || character > LAST)
    return -1;
  *index += (size_t)more + 1;
  return character;
}

int64_t luashm_wide_length(struct luashm_bytes text, uint64_t width) {
  int64_t length = 0;
  for (size_t index = 0; index < text.length;) {
    int64_t character = decode_utf8(text, &index);
    if (character < 0)
      return -1 - (int64_t)index;
    length += width == 2 && character >= 0x10000 ? 4 : (int64_t)width;
  }
  return length;
}

static unsigned char *put(unsigned char *to, uint64_t width, uint32_t unit) {
  memcpy(to, &unit, width);
  return to + width;
}

void luashm_encode(struct luashm_bytes text, uint64_t width,
                   unsigned char *bytes) {
  for (size_t index = 0; index < text.length;) {
    uint32_t character = (uint32_t)decode_utf8(text, &index);
    if (width == 2 && character >= 0x10000) {
      bytes = put(bytes, 2, 0xD800 + ((character - 0x10000) >> 10));
      character = 0xDC00 + (character & 0x3FF);
    }
    bytes = put(bytes, width, character);
  }
}
