#include "near.h"

#include <COperations.h>

#include <lauxlib.h>
#include <lua.h>

enum { SHOWN = 8 };

/* Inserts the name among the nearest so far, the nearest first. */
static size_t insert(size_t near[], size_t far[], size_t count, size_t name,
                     size_t distance) {
  size_t place = count < LUASHM_NEAR ? count : LUASHM_NEAR - 1;
  if (count == LUASHM_NEAR && far[place] <= distance)
    return count;
  for (; place > 0 && far[place - 1] > distance; place--) {
    near[place] = near[place - 1];
    far[place] = far[place - 1];
  }
  near[place] = name;
  far[place] = distance;
  return count < LUASHM_NEAR ? count + 1 : LUASHM_NEAR;
}

size_t luashm_find_near(const struct luashm_bytes *names, size_t count,
                        struct luashm_bytes name, size_t near[LUASHM_NEAR]) {
  size_t far[LUASHM_NEAR], found = 0;
  for (size_t i = 0; i < count; i++) {
    size_t limit = cops_likeness(names[i].length);
    size_t distant = cops_distance(name.data, name.length, names[i].data,
                                   names[i].length, limit);
    if (distant <= limit)
      found = insert(near, far, found, i, distant);
  }
  return found;
}

static void add(luaL_Buffer *text, struct luashm_bytes name, bool first) {
  if (!first)
    luaL_addstring(text, ", ");
  luaL_addlstring(text, name.data, name.length);
}

void luashm_push_near(lua_State *L, const struct luashm_bytes *names,
                      size_t count, struct luashm_bytes name) {
  size_t near[LUASHM_NEAR];
  size_t found = luashm_find_near(names, count, name, near);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  luaL_addstring(&text, found > 0    ? "; near: "
                        : count > 0 ? "; it has: "
                                    : "; it has none");
  for (size_t i = 0; i < found; i++)
    add(&text, names[near[i]], i == 0);
  for (size_t i = 0; found == 0 && i < count && i < SHOWN; i++)
    add(&text, names[i], i == 0);
  if (found == 0 && count > SHOWN)
    luaL_addstring(&text, ", …");
  luaL_pushresult(&text);
}
