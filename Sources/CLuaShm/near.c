#include "near.h"

#include <lauxlib.h>
#include <lua.h>

enum { LETTERS = 64, SHOWN = 8 };

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Letters to add, drop, change or swap with their neighbour. */
static size_t distance(struct luashm_bytes a, struct luashm_bytes b) {
  size_t rows[LETTERS + 1][LETTERS + 1];
  for (size_t j = 0; j <= b.length; j++)
    rows[0][j] = j;
  for (size_t i = 1; i <= a.length; i++) {
    rows[i][0] = i;
    for (size_t j = 1; j <= b.length; j++) {
      bool same = (a.data[i - 1] | 0x20) == (b.data[j - 1] | 0x20);
      size_t best = least(least(rows[i - 1][j], rows[i][j - 1]) + 1,
                          rows[i - 1][j - 1] + !same);
      if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
          a.data[i - 2] == b.data[j - 1])
        best = least(best, rows[i - 2][j - 2] + 1);
      rows[i][j] = best;
    }
  }
  return rows[a.length][b.length];
}

/* Its place among the nearest so far, the nearest first. */
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
  return least(count + 1, LUASHM_NEAR);
}

size_t luashm_find_near(const struct luashm_bytes *names, size_t count,
                        struct luashm_bytes name, size_t near[LUASHM_NEAR]) {
  size_t far[LUASHM_NEAR], found = 0;
  name.length = least(name.length, LETTERS);
  for (size_t i = 0; i < count; i++) {
    struct luashm_bytes other = names[i];
    size_t limit = other.length < 3   ? 0
                   : other.length < 6 ? 1
                                      : other.length / 3;
    other.length = least(other.length, LETTERS);
    if (other.length > name.length + limit ||
        name.length > other.length + limit)
      continue; /* so many letters apart at least */
    size_t distant = distance(name, other);
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
