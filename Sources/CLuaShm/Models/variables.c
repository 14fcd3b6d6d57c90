/* What functions can remember: their variables, the tables that they reach
   through them, and what everybody reaches: libraries, modules, the metatable
   of strings.

   A state is known by what everything holds and where it is: a table that is
   met again stands for its address. So the same hash means the same, but what
   is the same may have another one; then it is explored twice. */
#include "models.h"

#include <string.h>

enum { SEEN = 1 << 13, DEEPEST = 100 };

struct walk {
  lua_State *L;
  /* Open addressing; of other walks are those with another number. */
  struct {
    const void *address;
    uint64_t walk;
  } seen[SEEN];
  uint64_t number;
  int count, depth;
  bool is_lost; /* too much, or something that cannot be looked into */
};

static bool is_new(struct walk *walk, const void *address) {
  uint64_t at = (uint64_t)(uintptr_t)address * 0x9E3779B97F4A7C15u >> 51;
  for (; walk->seen[at % SEEN].walk == walk->number; at++)
    if (walk->seen[at % SEEN].address == address)
      return false;
  if (walk->count++ == SEEN / 2)
    walk->is_lost = true;
  if (walk->is_lost)
    return false;
  walk->seen[at % SEEN].address = address;
  walk->seen[at % SEEN].walk = walk->number;
  return true;
}

/* As Digest.swift: a multiplication with a fold, for each of both. */
static uint64_t mix(uint64_t one, uint64_t other) {
  one = (one + 0x243F6A8885A308D3u) * 0xBF58476D1CE4E5B9u;
  one = ((one ^ one >> 31) + other) * 0x94D049BB133111EBu;
  return one ^ one >> 29;
}

static uint64_t value(struct walk *walk, int index);

/* The entries' sum, as their order says nothing. */
static uint64_t table(struct walk *walk, int index) {
  lua_State *L = walk->L;
  uint64_t sum = 11;
  if (lua_getmetatable(L, index)) {
    sum = mix(sum, value(walk, lua_gettop(L)));
    lua_pop(L, 1);
  }
  lua_pushnil(L);
  while (lua_next(L, index)) {
    int top = lua_gettop(L);
    uint64_t key = value(walk, top - 1);
    sum += mix(key, value(walk, top));
    lua_pop(L, 1);
  }
  return sum;
}

static uint64_t address_of(lua_State *L, int index) {
  return (uint64_t)(uintptr_t)lua_topointer(L, index);
}

/* The words of scenarios are not the script's; but an iteration by pairs is. */
static bool is_of_words(lua_State *L, int index) {
  lua_Debug about;
  if (lua_iscfunction(L, index))
    return false;
  lua_pushvalue(L, index);
  lua_getinfo(L, ">S", &about);
  return strncmp(about.source, "=moonpool.", 10) == 0 &&
         strcmp(about.source, "=moonpool.scenario_order") != 0;
}

/* Variables that functions share are theirs by their address. */
static uint64_t function(struct walk *walk, int index) {
  lua_State *L = walk->L;
  uint64_t hash = address_of(L, index);
  for (int i = 1; lua_getupvalue(L, index, i); i++) {
    hash = mix(hash, (uint64_t)(uintptr_t)lua_upvalueid(L, index, i));
    hash = mix(hash, value(walk, lua_gettop(L)));
    lua_pop(L, 1);
  }
  return hash;
}

/* Its bytes: a handle, how far an iterator of C has gone, the state of
   math.random. What their addresses lead to are strings, which never change. */
static uint64_t userdata(struct walk *walk, int index) {
  lua_State *L = walk->L;
  uint64_t hash =
      luashm_digest(lua_touserdata(L, index), lua_rawlen(L, index), 7);
  if (!lua_getmetatable(L, index))
    return hash;
  hash = mix(hash, value(walk, lua_gettop(L)));
  lua_pop(L, 1);
  return hash;
}

static bool is_plain_function(lua_State *L, int index) {
  if (lua_iscfunction(L, index)) {
    if (!lua_getupvalue(L, index, 1))
      return true;
    lua_pop(L, 1);
  }
  return is_of_words(L, index);
}

static uint64_t compound(struct walk *walk, int index) {
  lua_State *L = walk->L;
  uint64_t address = address_of(L, index);
  if (!is_new(walk, lua_topointer(L, index)))
    return mix(13, address);
  if (walk->depth == DEEPEST || !lua_checkstack(L, 10)) {
    walk->is_lost = true;
    return 0;
  }
  walk->depth++;
  uint64_t hash = lua_istable(L, index)      ? table(walk, index)
                  : lua_isfunction(L, index) ? function(walk, index)
                                             : userdata(walk, index);
  walk->depth--;
  return mix(hash, address);
}

static uint64_t string(lua_State *L, int index) {
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  return luashm_digest(text, length, 5);
}

static uint64_t number(lua_State *L, int index) {
  lua_Number floating = lua_tonumber(L, index);
  lua_Integer integer = lua_tointeger(L, index);
  return lua_isinteger(L, index) ? luashm_digest(&integer, sizeof integer, 1)
                                 : luashm_digest(&floating, sizeof floating, 2);
}

static uint64_t value(struct walk *walk, int index) {
  lua_State *L = walk->L;
  switch (lua_type(L, index)) {
  case LUA_TNUMBER:
    return number(L, index);
  case LUA_TSTRING:
    return string(L, index);
  case LUA_TBOOLEAN:
    return 17 + (uint64_t)lua_toboolean(L, index);
  case LUA_TFUNCTION:
    if (is_plain_function(L, index))
      return address_of(L, index);
    return compound(walk, index);
  case LUA_TTABLE:
  case LUA_TUSERDATA:
    return compound(walk, index);
  case LUA_TTHREAD:
    walk->is_lost = true;
    return 0;
  case LUA_TLIGHTUSERDATA:
    return address_of(L, index);
  default:
    return 19;
  }
}

/* What is on top, which is popped. */
static uint64_t root(struct walk *walk) {
  uint64_t hash = value(walk, lua_gettop(walk->L));
  lua_pop(walk->L, 1);
  return hash;
}

/* What no variable has to lead to. */
static uint64_t known_to_all(struct walk *walk) {
  lua_State *L = walk->L;
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  uint64_t hash = root(walk);
  lua_pushliteral(L, "");
  if (lua_getmetatable(L, -1))
    hash = mix(hash, root(walk));
  lua_pop(L, 1);
  return hash;
}

uint64_t luashm_actor_variables(const struct luashm_actor *actor) {
  static struct walk walk;
  static uint64_t lost;
  walk.L = actor->state;
  walk.number++;
  walk.count = walk.depth = 0;
  walk.is_lost = actor->looks_inside;
  luashm_push_properties(walk.L);
  uint64_t hash = root(&walk);
  hash = mix(hash, known_to_all(&walk));
  return walk.is_lost ? mix(hash, ++lost) : hash;
}
