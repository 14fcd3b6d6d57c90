/* Lua modules whose text is inside the binary: compiled when first required. */
#include "module.h"

struct preloading {
  const char *name;
  const char *text;
  size_t length;
};

/* package.preload[name]: the text and its length are upvalues. */
static int load_text(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  const char *text = lua_touserdata(L, lua_upvalueindex(1));
  size_t length = (size_t)lua_tointeger(L, lua_upvalueindex(2));
  const char *chunk = lua_pushfstring(L, "=%s", name);
  if (luaL_loadbufferx(L, text, length, chunk, "t") != LUA_OK)
    return lua_error(L);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

static int preload(lua_State *L) {
  const struct preloading *module = lua_touserdata(L, 1);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushlightuserdata(L, (void *)module->text);
  lua_pushinteger(L, (lua_Integer)module->length);
  lua_pushcclosure(L, load_text, 2);
  lua_setfield(L, -2, module->name);
  return 0;
}

bool luashm_preload(lua_State *L, const char *name, const char *text,
                    size_t length) {
  struct preloading module = {name, text, length};
  lua_pushcfunction(L, preload);
  lua_pushlightuserdata(L, &module);
  return lua_pcall(L, 1, 0, 0) == LUA_OK;
}
