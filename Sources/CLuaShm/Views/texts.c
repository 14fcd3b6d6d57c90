/*
 * view:text, view:utf16, view:utf32: texts that end with a NUL, as in char[],
 * WCHAR[] and Linux's wchar_t[]. A limit counts the units of such an array,
 * including the NUL. view:text does not interpret any encoding.
 */
#include "access.h"

#include <COperations.h>

#include <string.h>

struct encoding {
  const char *verb;
  size_t unit; /* bytes */
};

static const struct encoding bytes_encoding = {"view:text", 1};
static const struct encoding utf16_encoding = {"view:utf16", 2};
static const struct encoding utf32_encoding = {"view:utf32", 4};

/* ---- reading ---- */

/* The buffer has room for the longest possible text. Without a world, whose
   memory might be elsewhere, one look shows how much room is enough. */
static int read_text(lua_State *L, lua_Integer offset, size_t units,
                     const struct encoding *encoding) {
  struct luashm_handle *view = luashm_open_view(L);
  if (!view->world)
    units = cops_text_units(view->base + offset, units, encoding->unit);
  luaL_Buffer buffer;
  size_t room = units * cops_most_utf8(encoding->unit);
  char *copy = luaL_buffinitsize(L, &buffer, room);
  struct luashm_operation operation = luashm_access(
      L, LUASHM_OP_LOAD_TEXT, offset, units * encoding->unit);
  operation.type = (uint16_t)encoding->unit;
  operation.bytes = (unsigned char *)copy;
  operation.room = room;
  luashm_perform(L, &operation);
  luaL_pushresultsize(&buffer, (size_t)operation.result);
  return 1;
}

/* ---- writing ---- */

/* Counts the text's units without its NUL; raises if it cannot be a text. */
static size_t units_of(lua_State *L, int index, struct luashm_bytes text,
                       const struct encoding *encoding) {
  if (memchr(text.data, 0, text.length))
    luaL_argerror(L, index, "string contains zeros");
  if (encoding->unit == 1)
    return text.length;
  size_t bad;
  size_t units =
      cops_units_of(text.data, text.length, encoding->unit, &bad);
  if (bad > 0)
    luaL_argerror(L, index, lua_pushfstring(L, "no UTF-8 at byte %I of it",
                                            (lua_Integer)bad));
  return units;
}

static int write_text(lua_State *L, lua_Integer offset, lua_Integer limit,
                      int index, const struct encoding *encoding) {
  struct luashm_bytes text;
  text.data = luaL_checklstring(L, index, &text.length);
  size_t units = units_of(L, index, text, encoding);
  struct luashm_handle *view = luashm_writable(L, encoding->verb);
  if (limit >= 0 && units >= (size_t)limit)
    return luaL_argerror(
        L, index,
        lua_pushfstring(L, "its %I units and a NUL do not fit into %I",
                        (lua_Integer)units, limit));
  size_t size = (units + 1) * encoding->unit;
  if (!luashm_inside(view, offset, size))
    return luashm_refuse_access(L, encoding->verb, (lua_Integer)size, offset,
                                true);
  struct luashm_operation operation =
      luashm_access(L, LUASHM_OP_STORE_TEXT, offset, size);
  operation.type = (uint16_t)encoding->unit;
  operation.text = text;
  luashm_perform(L, &operation);
  lua_settop(L, 1);
  return 1;
}

/* ---- the methods ---- */

/* The most units; -1: no limit was given. */
static lua_Integer limit_at(lua_State *L, int index) {
  if (lua_isnoneornil(L, index))
    return -1;
  lua_Integer limit = luaL_checkinteger(L, index);
  luaL_argcheck(L, limit >= 0, index, "a limit is not negative");
  return limit;
}

/* (offset [, limit]) -> string; (offset [, limit], string) -> view */
static int text_method(lua_State *L, const struct encoding *encoding) {
  struct luashm_handle *view = luashm_open_view(L);
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
