/* next in one order, so that a scenario does the same in every process and at
   every time: numbers, then strings, then booleans, the rest by address. */
#include "plays.h"

#include <string.h>

static int rank(lua_State *L, int index) {
  switch (lua_type(L, index)) {
  case LUA_TNUMBER:
    return 0;
  case LUA_TSTRING:
    return 1;
  case LUA_TBOOLEAN:
    return 2;
  default:
    return 3;
  }
}

static int sign(bool less, bool more) { return (int)more - (int)less; }

static int compare_strings(lua_State *L, int left, int right) {
  size_t sizes[2];
  const char *first = lua_tolstring(L, left, &sizes[0]);
  const char *second = lua_tolstring(L, right, &sizes[1]);
  size_t shared = sizes[0] < sizes[1] ? sizes[0] : sizes[1];
  int order = memcmp(first, second, shared);
  return order ? order : sign(sizes[0] < sizes[1], sizes[0] > sizes[1]);
}

/* Below 0: the key at `left` comes first. Calls no metamethod. */
static int compare(lua_State *L, int left, int right) {
  int ranks[2] = {rank(L, left), rank(L, right)};
  if (ranks[0] != ranks[1])
    return ranks[0] - ranks[1];
  switch (ranks[0]) {
  case 0:
    return sign(lua_compare(L, left, right, LUA_OPLT),
                lua_compare(L, right, left, LUA_OPLT));
  case 1:
    return compare_strings(L, left, right);
  case 2:
    return lua_toboolean(L, left) - lua_toboolean(L, right);
  default: {
    uintptr_t first = (uintptr_t)lua_topointer(L, left);
    uintptr_t second = (uintptr_t)lua_topointer(L, right);
    return sign(first < second, first > second);
  }
  }
}

/* next(table [, key]): the smallest key above it; it need not be there. */
static int ordered_next(lua_State *L) {
  enum { TABLE = 1, AFTER, BEST, BEST_VALUE };
  luaL_checktype(L, TABLE, LUA_TTABLE);
  lua_settop(L, AFTER);
  lua_pushnil(L);
  lua_pushnil(L);
  lua_pushnil(L);
  while (lua_next(L, TABLE)) {
    int key = lua_gettop(L) - 1;
    bool above = lua_isnil(L, AFTER) || compare(L, key, AFTER) > 0;
    if (above && (lua_isnil(L, BEST) || compare(L, key, BEST) < 0)) {
      lua_copy(L, key, BEST);
      lua_copy(L, key + 1, BEST_VALUE);
    }
    lua_pop(L, 1);
  }
  lua_settop(L, BEST_VALUE);
  return lua_isnil(L, BEST) ? 1 : 2;
}

/* before(left, right) -> the key goes first */
static int before(lua_State *L) {
  lua_pushboolean(L, compare(L, 1, 2) < 0);
  return 1;
}

const luaL_Reg luashm_order_functions[] = {
    {"next", ordered_next}, {"before", before}, {NULL, NULL}};
