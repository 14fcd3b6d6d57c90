/*
 * view:text, view:utf16, view:utf32: texts that end with a NUL, as char[],
 * WCHAR[] and Linux's wchar_t[] have them. A limit counts the units of such an
 * array, its NUL included.
 *
 * In Lua a text is UTF-8. What is no character stays what it was, both ways: a
 * surrogate without its partner is three bytes, as utf8.char makes them; only
 * a UTF-32 unit past U+10FFFF becomes U+FFFD. view:text looks at no encoding.
 */
#include "access.h"

#include <string.h>

struct encoding {
  const char *verb;
  size_t unit;  /* bytes */
  size_t bytes; /* at most so many of UTF-8 for one unit */
};

static const struct encoding bytes_encoding = {"view:text", 1, 1};
static const struct encoding utf16_encoding = {"view:utf16", 2, 3};
static const struct encoding utf32_encoding = {"view:utf32", 4, 4};

enum { REPLACEMENT = 0xFFFD, LAST = 0x10FFFF, LARGE = 0x10000 };

static bool is_high(uint32_t unit) { return unit >> 10 == 0xD800 >> 10; }
static bool is_low(uint32_t unit) { return unit >> 10 == 0xDC00 >> 10; }

/* ---- UTF-8 ---- */

/* Returns the bytes that a code takes. */
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

/* The code at *from, which moves on; false: no UTF-8. */
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

/* ---- units in the memory ---- */

static uint32_t unit_at(const unsigned char *from, size_t unit, size_t place) {
  return (uint32_t)cshm_load_scalar(from + place * unit, unit);
}

/* Units before the first NUL. */
static size_t length_of(const unsigned char *from, size_t units,
                        const struct encoding *encoding) {
  if (encoding->unit == 1)
    return strnlen((const char *)from, units);
  size_t length = 0;
  while (length < units && unit_at(from, encoding->unit, length) != 0)
    length++;
  return length;
}

/* Each unit is loaded once; the text ends at a NUL that came meanwhile. */
static size_t decode(char *to, const unsigned char *from, size_t units,
                     const struct encoding *encoding) {
  char *begin = to;
  uint32_t high = 0;
  for (size_t place = 0; place < units; place++) {
    uint32_t code = unit_at(from, encoding->unit, place);
    if (code == 0)
      break;
    if (encoding->unit == 2 && high != 0 && is_low(code)) {
      to -= 3; /* the partner is in front of it */
      code = LARGE + ((high & 0x3FF) << 10) + (code & 0x3FF);
      high = 0;
    } else
      high = is_high(code) ? code : 0;
    to += put_utf8(to, code <= LAST ? code : REPLACEMENT);
  }
  return (size_t)(to - begin);
}

static size_t copy_text(char *to, const unsigned char *from, size_t units,
                        const struct encoding *encoding) {
  if (encoding->unit > 1)
    return decode(to, from, units, encoding);
  memcpy(to, from, units);
  return strnlen(to, units);
}

/* ---- reading ---- */

/* The buffer may run a finalizer, which may close the view: it comes first.
   With a listener nothing is looked at before the gate, so that it must hold
   all that may come; of that only the text is touched. */
static int read_text(lua_State *L, lua_Integer offset, size_t units,
                     const struct encoding *encoding) {
  struct luashm_view *view = luashm_open_view(L);
  if (!luashm_heard(view->host))
    units = length_of(view->base + offset, units, encoding);
  luaL_Buffer buffer;
  char *copy = luaL_buffinitsize(L, &buffer, units * encoding->bytes);
  view = luashm_open_view(L);
  struct luashm_turn turn;
  luashm_begin(L, &turn, LUASHM_LOAD, encoding->verb, view, (size_t)offset,
               units * encoding->unit);
  const unsigned char *from = view->base + offset;
  if (turn.listening)
    units = length_of(from, units, encoding);
  size_t length = copy_text(copy, from, units, encoding);
  if (turn.listening) {
    luashm_tell(&turn, copy, length, (int64_t)length);
    turn.operation.length = units * encoding->unit;
  }
  if (!luashm_end(&turn, view))
    return luashm_lost(L, luashm_word(encoding->verb));
  luaL_pushresultsize(&buffer, length);
  return 1;
}

/* ---- writing ---- */

/* Units of the text without its NUL; raises for what cannot be one. */
static size_t units_of(lua_State *L, int index, struct luashm_bytes text,
                       const struct encoding *encoding) {
  if (memchr(text.data, 0, text.length))
    luaL_argerror(L, index, "string contains zeros");
  if (encoding->unit == 1)
    return text.length;
  const char *next = text.data, *end = text.data + text.length;
  size_t units = 0;
  for (uint32_t code; next < end; units++) {
    lua_Integer place = next - text.data + 1;
    if (!get_utf8(&next, end, &code))
      luaL_argerror(
          L, index, lua_pushfstring(L, "no UTF-8 at byte %I of it", place));
    units += encoding->unit == 2 && code >= LARGE;
  }
  return units;
}

/* The text was checked. */
static void encode(unsigned char *to, struct luashm_bytes text,
                   const struct encoding *encoding) {
  const char *next = text.data, *end = text.data + text.length;
  for (uint32_t code; next < end && get_utf8(&next, end, &code);) {
    if (encoding->unit == 2 && code >= LARGE) {
      cshm_store_scalar(to, 2, 0xD800 + ((code - LARGE) >> 10));
      to += 2;
      code = 0xDC00 + (code & 0x3FF);
    }
    cshm_store_scalar(to, encoding->unit, code);
    to += encoding->unit;
  }
  cshm_store_scalar(to, encoding->unit, 0);
}

static void put_text(unsigned char *to, struct luashm_bytes text,
                     const struct encoding *encoding) {
  if (encoding->unit > 1) {
    encode(to, text, encoding);
    return;
  }
  memcpy(to, text.data, text.length);
  to[text.length] = 0;
}

static int write_text(lua_State *L, lua_Integer offset, lua_Integer limit,
                      int index, const struct encoding *encoding) {
  struct luashm_bytes text;
  text.data = luaL_checklstring(L, index, &text.length);
  size_t units = units_of(L, index, text, encoding);
  struct luashm_view *view = luashm_writable(L, encoding->verb);
  if (limit >= 0 && units >= (size_t)limit)
    return luaL_argerror(
        L, index,
        lua_pushfstring(L, "its %I units and a NUL do not fit into %I",
                        (lua_Integer)units, limit));
  size_t size = (units + 1) * encoding->unit;
  if (!luashm_inside(view, offset, size))
    return luashm_refuse_access(L, encoding->verb, (lua_Integer)size, offset,
                                true);
  struct luashm_turn turn;
  luashm_begin(L, &turn, LUASHM_STORE, encoding->verb, view, (size_t)offset,
               size);
  put_text(view->base + offset, text, encoding);
  if (!luashm_end(&turn, view))
    return luashm_lost(L, luashm_word(encoding->verb));
  lua_settop(L, 1);
  return 1;
}

/* ---- the methods ---- */

/* Units at most; -1: none given. */
static lua_Integer limit_at(lua_State *L, int index) {
  if (lua_isnoneornil(L, index))
    return -1;
  lua_Integer limit = luaL_checkinteger(L, index);
  luaL_argcheck(L, limit >= 0, index, "a limit is not negative");
  return limit;
}

/* (offset [, limit]) -> string; (offset [, limit], string) -> view */
static int text_method(lua_State *L, const struct encoding *encoding) {
  struct luashm_view *view = luashm_open_view(L);
  lua_Integer offset = luaL_checkinteger(L, 2);
  if (lua_type(L, 3) == LUA_TSTRING)
    return write_text(L, offset, -1, 3, encoding);
  lua_Integer limit = limit_at(L, 3);
  if (lua_gettop(L) > 3)
    return write_text(L, offset, limit, 4, encoding);
  if (!luashm_inside(view, offset, 0))
    return luashm_refuse_offset(L, encoding->verb, offset);
  size_t units = (view->size - (size_t)offset) / encoding->unit;
  if (limit >= 0 && (size_t)limit < units)
    units = (size_t)limit;
  return read_text(L, offset, units, encoding);
}

static int view_text(lua_State *L) { return text_method(L, &bytes_encoding); }
static int view_utf16(lua_State *L) { return text_method(L, &utf16_encoding); }
static int view_utf32(lua_State *L) { return text_method(L, &utf32_encoding); }

const luaL_Reg luashm_text_methods[] = {{"text", view_text},
                                        {"utf16", view_utf16},
                                        {"utf32", view_utf32},
                                        {NULL, NULL}};
