/* What may have been meant by a word that a scenario has written otherwise. */
#include "plays.h"

#include "../module.h"
#include "../near.h"

/* near(name, list) -> the name of the list that was probably meant, or nil */
static int near(lua_State *L) {
  enum { MOST = 64 };
  struct luashm_bytes names[MOST], name;
  size_t count = 0, found[LUASHM_NEAR];
  name.data = luaL_checklstring(L, 1, &name.length);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checkstack(L, MOST, NULL);
  while (count < MOST &&
         lua_rawgeti(L, 2, (lua_Integer)count + 1) == LUA_TSTRING) {
    names[count].data = lua_tolstring(L, -1, &names[count].length);
    count++;
  }
  if (luashm_find_near(names, count, name, found) == 0)
    return 0;
  lua_pushlstring(L, names[found[0]].data, names[found[0]].length);
  return 1;
}

/* hint(message, level) -> what a script would be told of it, or nil; of the
   function so many levels above the one who asks */
static int hint(lua_State *L) {
  luaL_checkstring(L, 1);
  int level = (int)luaL_checkinteger(L, 2);
  return luashm_push_hint(L, 1, level + 1) ? 1 : 0;
}

const luaL_Reg luashm_advice_functions[] = {
    {"near", near}, {"hint", hint}, {NULL, NULL}};
