/* What functions can remember: their variables, and the tables that they reach
   through them. */
#include "models.h"

#include <string.h>

enum { SEEN = 1 << 13, DEEPEST = 100 };

struct walk {
  lua_State *L;
  const void *seen[SEEN]; /* open addressing */
  int count, depth;
  bool is_lost; /* too much, or something that cannot be looked into */
};

/* Libraries hardly remember anything, and none of their functions is asked. */
static const char *const libraries[] = {
    "string", "table", "math",  "os",  "io",      "debug", "coroutine",
    "utf8",   "shm",   "package", "console", NULL};

static bool is_new(struct walk *walk, const void *address) {
  uint64_t at = (uint64_t)(uintptr_t)address * 0x9E3779B97F4A7C15u >> 51;
  for (; walk->seen[at % SEEN]; at++)
    if (walk->seen[at % SEEN] == address)
      return false;
  if (walk->count++ == SEEN / 2)
    walk->is_lost = true;
  if (!walk->is_lost)
    walk->seen[at % SEEN] = address;
  return !walk->is_lost;
}

static uint64_t mix(uint64_t one, uint64_t other) {
  uint64_t words[2] = {one, other};
  return luashm_digest(words, sizeof words, 3);
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

/* The words of scenarios are not the script's. */
static bool is_of_words(lua_State *L, int index) {
  lua_Debug about;
  lua_pushvalue(L, index);
  lua_getinfo(L, ">S", &about);
  return strncmp(about.source, "=moonpool.", 10) == 0;
}

static uint64_t function(struct walk *walk, int index) {
  lua_State *L = walk->L;
  uint64_t hash = (uint64_t)(uintptr_t)lua_topointer(L, index);
  if (lua_iscfunction(L, index) || is_of_words(L, index))
    return hash;
  for (int i = 1; lua_getupvalue(L, index, i); i++) {
    hash = mix(hash, value(walk, lua_gettop(L)));
    lua_pop(L, 1);
  }
  return hash;
}

static uint64_t compound(struct walk *walk, int index) {
  lua_State *L = walk->L;
  if (!is_new(walk, lua_topointer(L, index)))
    return 13;
  if (walk->depth == DEEPEST || !lua_checkstack(L, 10)) {
    walk->is_lost = true;
    return 0;
  }
  walk->depth++;
  uint64_t hash = lua_istable(L, index) ? table(walk, index)
                                        : function(walk, index);
  walk->depth--;
  return hash;
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
  case LUA_TTABLE:
  case LUA_TFUNCTION:
    return compound(walk, index);
  case LUA_TTHREAD:
    walk->is_lost = true;
    return 0;
  case LUA_TUSERDATA: /* ours never change */
    return (uint64_t)(uintptr_t)lua_topointer(L, index);
  default:
    return 19;
  }
}

static void pass_over_libraries(struct walk *walk) {
  lua_State *L = walk->L;
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  is_new(walk, lua_topointer(L, -1));
  for (int i = 0; libraries[i]; i++) {
    lua_getfield(L, -1, libraries[i]);
    is_new(walk, lua_topointer(L, -1));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

uint64_t luashm_actor_variables(const struct luashm_actor *actor) {
  static struct walk walk;
  static uint64_t lost;
  memset(&walk, 0, sizeof walk);
  walk.L = actor->state;
  pass_over_libraries(&walk);
  luashm_push_properties(walk.L);
  uint64_t hash = value(&walk, lua_gettop(walk.L));
  lua_pop(walk.L, 1);
  return walk.is_lost ? mix(hash, ++lost) : hash;
}
