/* A file is compiled once; each part of each run is a fork that plays it. */
#define _GNU_SOURCE
#include "plays.h"

#include "../module.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Closing a state frees it object by object, and of a fork each page that this
   touches is copied first: half of what a short run takes. quick_exit(3) gives
   all names up as well, and leaves out the destructors of all libraries. Only a
   script with finalizers, modules or pipes of its own needs more. */
static bool has_finalizers;

/* Its address is the registry's key for the function that plays a part. */
static const char performing = 0;

static void push_bytes(lua_State *L, struct luashm_bytes bytes) {
  lua_pushlstring(L, bytes.data, bytes.length);
}

static void load(lua_State *L, struct luashm_bytes text, const char *name) {
  if (luaL_loadbufferx(L, text.data, text.length, name, "t") != LUA_OK)
    lua_error(L);
}

static void push_primitives(lua_State *L, const struct luashm_script *script) {
  lua_newtable(L);
  luaL_setfuncs(L, luashm_play_functions, 0);
  luaL_setfuncs(L, luashm_order_functions, 0);
  luaL_setfuncs(L, luashm_advice_functions, 0);
  push_bytes(L, script->text);
  lua_setfield(L, -2, "text");
  push_bytes(L, script->name);
  lua_setfield(L, -2, "file");
  push_bytes(L, script->folder);
  lua_setfield(L, -2, "folder");
}

/* The module's function takes the primitives and the file's chunk, and returns
   the function that plays a part. */
static int prepare(lua_State *L) {
  const struct luashm_script *script = lua_touserdata(L, 1);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "moonpool.scenario");
  lua_call(L, 1, 1);
  push_primitives(L, script);
  lua_pushliteral(L, "@");
  push_bytes(L, script->name);
  lua_concat(L, 2);
  load(L, script->text, lua_tostring(L, -1));
  lua_remove(L, -2);
  lua_call(L, 2, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &performing);
  lua_gc(L, LUA_GCGEN, 0, 0);
  lua_gc(L, LUA_GCCOLLECT, 0); /* what is dead is not copied by each fork */
  luashm_seal_staying(L);
  return 0;
}

/* But as a method: cell:load() is none of Lua's. */
static bool has(struct luashm_bytes text, const char *word) {
  const char *end = text.data + text.length, *at = text.data;
  while ((at = memmem(at, (size_t)(end - at), word, strlen(word)))) {
    if (at == text.data || at[-1] != ':')
      return true;
    at++;
  }
  return false;
}

bool luashm_play_prepare(lua_State *L, struct luashm_play *play,
                         const struct luashm_script *script, char **message) {
  luashm_player()->play = play;
  has_finalizers = has(script->text, "__gc") || has(script->text, "require") ||
                   has(script->text, "popen") || has(script->text, "load");
  lua_pushcfunction(L, prepare);
  lua_pushlightuserdata(L, (void *)script);
  bool well = lua_pcall(L, 1, 0, 0) == LUA_OK;
  if (!well) {
    const char *said = lua_tostring(L, -1);
    *message = strdup(said ? said : "not enough memory");
    lua_pop(L, 1);
  }
  return well;
}

void luashm_prepare_forks(void) {
  enum { ROOM = 128 << 10, LARGEST = 64 << 10, SMALLEST = 24 };
  mallopt(M_TOP_PAD, ROOM);
  mallopt(M_TRIM_THRESHOLD, 8 * ROOM);
  free(malloc(ROOM - 4096)); /* brk(2) is ours, not that of each */
  char *top = (char *)sbrk(0) - mallinfo2().keepcost;
  for (size_t size = LARGEST; size >= SMALLEST;
       size -= size > 1024 ? size / 8 : 16)
    for (;;) {
      char *hole = malloc(size);
      if (hole && hole < top)
        continue; /* kept for good */
      free(hole);
      break;
    }
  dup2(STDOUT_FILENO, STDOUT_FILENO); /* binds the symbol, as each would */
}

/* Never 0, and another one for each part of each seed. */
static uint64_t seed_of(const struct luashm_play *play, int part) {
  uint64_t seed = (uint64_t)play->seed * 0x9E3779B97F4A7C15u + (uint64_t)part;
  return (seed ^ seed >> 31) | 1;
}

/* Whoever ends before he is through, or has more to do at his end than to close
   his handles, does not stay. */
static bool may_stay(const struct luashm_play *play, int part) {
  return play->stays && !has_finalizers &&
         play->parts[part].phase == LUASHM_IS_OVER;
}

int luashm_play_part(lua_State *L, struct luashm_play *play, int part) {
  struct luashm_player *player = luashm_player();
  *player = (struct luashm_player){.play = play,
                                   .part = part,
                                   .rule = LUASHM_DECLARES,
                                   .generation = cshm_generation(),
                                   .random = seed_of(play, part)};
  setvbuf(stdout, NULL, _IOLBF, 0);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &performing);
  bool well = lua_pcall(L, 0, 1, 0) == LUA_OK && lua_toboolean(L, -1);
  player->play = NULL; /* closing is no act of the scenario's */
  int status = well ? EXIT_SUCCESS : EXIT_FAILURE;
  if (may_stay(play, part))
    return status;
  if (has_finalizers) {
    lua_close(L);
    exit(status);
  }
  fflush(NULL);
  quick_exit(status);
}
