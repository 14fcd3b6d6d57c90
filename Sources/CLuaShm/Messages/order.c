/* The keys of a table in an order that is the same in each process. */
#include "messages.h"

#include <stdlib.h>
#include <string.h>

/* Booleans come first, then numbers, then strings by their bytes. */
struct key {
  int rank, place; /* its place in the list of keys */
  bool is_integer;
  lua_Integer integer;
  lua_Number number;
  struct luashm_bytes text;
};

static struct key key_at_top(lua_State *L, int place) {
  struct key key = {.place = place};
  switch (lua_type(L, -1)) {
  case LUA_TBOOLEAN:
    key.integer = lua_toboolean(L, -1);
    break;
  case LUA_TNUMBER:
    key.rank = 1;
    key.is_integer = lua_isinteger(L, -1);
    key.integer = key.is_integer ? lua_tointeger(L, -1) : 0;
    key.number = lua_tonumber(L, -1);
    break;
  case LUA_TSTRING:
    key.rank = 2;
    key.text.data = lua_tolstring(L, -1, &key.text.length);
    break;
  default: /* whoever asked refuses it */
    key.rank = 3;
  }
  return key;
}

static int sign(bool is_more, bool is_less) { return is_more - is_less; }

static int compared(const void *left, const void *right) {
  const struct key *one = left, *other = right;
  if (one->rank != other->rank)
    return one->rank - other->rank;
  if (one->rank == 2) {
    size_t shorter = one->text.length < other->text.length
                         ? one->text.length
                         : other->text.length;
    int order = memcmp(one->text.data, other->text.data, shorter);
    return order != 0 ? order
                      : sign(one->text.length > other->text.length,
                             one->text.length < other->text.length);
  }
  if (one->number != other->number)
    return sign(one->number > other->number, one->number < other->number);
  return sign(one->integer > other->integer, one->integer < other->integer);
}

/* Pushes the list of the table's keys, then a userdata with as many of them as
   there is room for; *found: how many there are. */
static struct key *push_keys(lua_State *L, int index, lua_Integer count,
                             lua_Integer *found) {
  lua_createtable(L, count < INT32_MAX ? (int)count : 0, 0);
  int list = lua_gettop(L);
  void *room = luashm_push_scratch(L, (size_t)count * sizeof(struct key) + 1);
  struct key *keys = room;
  *found = 0;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    if (*found < count) {
      lua_pushvalue(L, -1);
      lua_rawseti(L, list, *found + 1);
      keys[*found] = key_at_top(L, (int)*found + 1);
    }
    ++*found;
  }
  return keys;
}

bool luashm_push_ordered_keys(lua_State *L, int index, lua_Integer count) {
  lua_Integer found;
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  struct key *keys = push_keys(L, index, count, &found);
  int list = lua_gettop(L) - 1;
  if (found != count)
    return false;
  qsort(keys, (size_t)count, sizeof *keys, compared);
  lua_createtable(L, count < INT32_MAX ? (int)count : 0, 0);
  for (lua_Integer i = 0; i < count; i++) {
    lua_rawgeti(L, list, keys[i].place);
    lua_rawseti(L, -2, i + 1);
  }
  lua_replace(L, list);
  lua_pop(L, 1);
  return true;
}
