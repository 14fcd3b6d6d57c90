/*
 * The collector's pace beside big strings. Lua's generational collector, which
 * a program begins with, looks at the young objects when memory has grown by a
 * fifth and at all of them when it has doubled. For a small script each string
 * of a MiB doubles it: every other one costs a look at everything, and that
 * comes only after the string has taken a block of its own.
 *
 * So a big string is told to Lua's accounts beforehand, as if it was paid for,
 * and what they would have done is done here: when the big strings are a fifth
 * more, the young ones are looked at, before the next is made, so that it finds
 * the block of the last; all are when memory has doubled and also grown by
 * ALLOWANCE.
 *
 * An incremental collector does a step where the other looks at young objects.
 */
#include "module.h"

#define ALLOWANCE ((size_t)4 << 20)

static size_t bytes_of(lua_State *L) {
  return ((size_t)lua_gc(L, LUA_GCCOUNT) << 10) +
         (size_t)lua_gc(L, LUA_GCCOUNTB);
}

static size_t limit_of(size_t bytes) { return 2 * bytes + ALLOWANCE; }

/* Looks at the young ones, or at all; returns the bytes that remain. */
static size_t look(lua_State *L, struct luashm_pace *pace, size_t bytes) {
  if (pace->made >= bytes / 5) {
    pace->made = 0;
    lua_gc(L, LUA_GCSTEP, 0);
    bytes = bytes_of(L);
  }
  if (pace->limit == 0) /* nobody has looked yet */
    pace->limit = limit_of(bytes);
  if (bytes <= pace->limit)
    return bytes;
  lua_gc(L, LUA_GCCOLLECT);
  pace->limit = SIZE_MAX;
  return bytes_of(L);
}

void luashm_make_room(lua_State *L, size_t length) {
  if (lua_gc(L, LUA_GCISRUNNING) != 1) /* stopped, or in a finalizer */
    return;
  struct luashm_pace *pace = &host_of(L)->pace;
  size_t limit = limit_of(look(L, pace, bytes_of(L)));
  if (limit < pace->limit)
    pace->limit = limit;
  pace->made += length;
  lua_gc(L, LUA_GCSTEP, -(int)(length / 1024 + 1));
}
