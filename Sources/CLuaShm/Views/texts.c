/*
 * view:text, view:utf16, view:utf32: texts that end with a NUL, as char[],
 * WCHAR[] and Linux's wchar_t[] have them. A limit counts the units of such an
 * array, its NUL included. view:text looks at no encoding.
 */
#include "access.h"
#include "encoding.h"

#include <string.h>

struct encoding {
  const char *verb;
  size_t unit; /* bytes */
};

static const struct encoding bytes_encoding = {"view:text", 1};
static const struct encoding utf16_encoding = {"view:utf16", 2};
static const struct encoding utf32_encoding = {"view:utf32", 4};

/* The text ends at a NUL that came meanwhile. */
static size_t copy_text(char *to, const unsigned char *from, size_t units,
                        const struct encoding *encoding) {
  if (encoding->unit > 1)
    return luashm_decode(to, from, units, encoding->unit);
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
    units = luashm_text_units(view->base + offset, units, encoding->unit);
  luaL_Buffer buffer;
  char *copy = luaL_buffinitsize(
      L, &buffer, units * luashm_most_utf8(encoding->unit));
  view = luashm_open_view(L);
  struct luashm_turn turn;
  luashm_begin(L, &turn, LUASHM_LOAD, encoding->verb, view, (size_t)offset,
               units * encoding->unit);
  const unsigned char *from = view->base + offset;
  if (turn.listening)
    units = luashm_text_units(from, units, encoding->unit);
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
  size_t bad, units = luashm_units_of(text, encoding->unit, &bad);
  if (bad > 0)
    luaL_argerror(L, index, lua_pushfstring(L, "no UTF-8 at byte %I of it",
                                            (lua_Integer)bad));
  return units;
}

/* The text was checked. */
static void put_text(unsigned char *to, struct luashm_bytes text,
                     const struct encoding *encoding) {
  if (encoding->unit > 1) {
    unsigned char *end = luashm_encode(to, text, encoding->unit);
    cshm_store_scalar(end, encoding->unit, 0);
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
