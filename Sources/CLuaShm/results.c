/* Arguments and results that all functions of the module treat alike. */
#include "module.h"

struct luashm_bytes luashm_bytes_at(lua_State *L, int index) {
  struct luashm_bytes bytes = {NULL, 0};
  if (index != 0 && !lua_isnoneornil(L, index))
    bytes.data = luaL_checklstring(L, index, &bytes.length);
  return bytes;
}

int luashm_refuse(lua_State *L, const struct luashm_failure *failure) {
  lua_pushnil(L);
  lua_pushstring(L, failure->message);
  lua_pushinteger(L, failure->code);
  return 3;
}

bool luashm_collects(lua_State *L, int32_t code, bool *collected) {
  enum {
    TOO_MANY_OPEN_FILES = 4,
    NOT_ENOUGH_MEMORY = 8,
    COMMITMENT_LIMIT = 1455
  };
  if (*collected || (code != TOO_MANY_OPEN_FILES && code != NOT_ENOUGH_MEMORY &&
                     code != COMMITMENT_LIMIT))
    return false;
  *collected = true;
  lua_gc(L, LUA_GCCOLLECT);
  return true;
}

struct luashm_object luashm_take(lua_State *L) {
  struct luashm_object object = luashm_take_handle();
  if (__builtin_expect(object.index == 0, 0)) {
    lua_gc(L, LUA_GCCOLLECT);
    object = luashm_take_handle();
  }
  return object;
}
