/*
 * shm.layouts: the bundled layouts, by name. The modules inside the binary are
 * compiled when somebody looks into it; each layout is parsed when it is asked
 * for.
 */
#include "module.h"
#include "near.h"

#include <string.h>

/* Fields of the metatable, which is upvalue UPVALUE_OWN here: shm.layout, the
   module's table, and the layouts that have been parsed. */
static const char PARSE[] = "parse", MODULE[] = "module", PARSED[] = "parsed";

/* Pushes the chunk of a module inside the binary. */
static void push_chunk(lua_State *L, const char *name) {
  struct luashm_host *host = host_of(L);
  struct luashm_bytes text = {name, strlen(name)};
  if (host->module)
    text = host->module(host->context, text);
  if (!host->module || !text.data)
    luaL_error(L, "no module '%s' is inside the binary", name);
  const char *chunk = lua_pushfstring(L, "=moonpool.%s", name);
  if (luaL_loadbufferx(L, text.data, text.length, chunk, "t") != LUA_OK)
    lua_error(L);
  lua_remove(L, -2);
}

/* How the module finds its parts: name -> the part's table. */
static int load_part(lua_State *L) {
  push_chunk(L, luaL_checkstring(L, 1));
  lua_call(L, 0, 1);
  return 1;
}

static void load_module(lua_State *L) {
  push_chunk(L, "layouts");
  for (int upvalue = UPVALUE_OWN; upvalue <= UPVALUE_TYPES; upvalue++)
    lua_pushvalue(L, lua_upvalueindex(upvalue));
  lua_pushcclosure(L, load_part, UPVALUE_TYPES);
  lua_call(L, 1, 1);
  lua_pushvalue(L, -1);
  lua_setfield(L, lua_upvalueindex(UPVALUE_OWN), MODULE);
}

/* Pushes a function of the module. */
static void push_function(lua_State *L, const char *name) {
  if (lua_getfield(L, lua_upvalueindex(UPVALUE_OWN), MODULE) != LUA_TTABLE) {
    lua_pop(L, 1);
    load_module(L);
  }
  lua_getfield(L, -1, name);
  lua_remove(L, -2);
}

/* Pushes the table of parsed layouts. A script can reach the metatable, so
   anything may stand in it. */
static void push_parsed(lua_State *L) {
  if (lua_getfield(L, lua_upvalueindex(UPVALUE_OWN), PARSED) == LUA_TTABLE)
    return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, lua_upvalueindex(UPVALUE_OWN), PARSED);
}

/* Pushes the layout with the name at stack index 2, or nil; each is parsed
   once. */
static void push_layout(lua_State *L) {
  push_parsed(L);
  int parsed = lua_gettop(L);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, parsed) != LUA_TNIL)
    return;
  push_function(L, "find");
  lua_pushvalue(L, 2);
  lua_getfield(L, lua_upvalueindex(UPVALUE_OWN), PARSE);
  lua_call(L, 2, 1);
  if (lua_isnil(L, -1))
    return;
  lua_pushvalue(L, 2);
  lua_pushvalue(L, -2);
  lua_rawset(L, parsed);
}

/* Those that begin as what was written does: "mumble" is mumble_linux and
   mumble_windows. */
static size_t find_longer(const struct luashm_bytes *names, size_t count,
                          struct luashm_bytes name, size_t near[LUASHM_NEAR]) {
  size_t found = 0;
  for (size_t i = 0; name.length > 2 && i < count && found < LUASHM_NEAR; i++)
    if (names[i].length > name.length &&
        memcmp(names[i].data, name.data, name.length) == 0)
      near[found++] = i;
  return found;
}

/* Pushes "; near: a, b", or "": no name is like this one. */
static void push_near(lua_State *L, struct luashm_bytes name) {
  push_function(L, "names");
  lua_call(L, 0, 1);
  int list = lua_gettop(L);
  size_t count = (size_t)lua_rawlen(L, list);
  struct luashm_bytes *names = lua_newuserdatauv(L, count * sizeof *names, 0);
  luaL_checkstack(L, (int)count + LUA_MINSTACK, NULL);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, list, (lua_Integer)i + 1); /* stays, as what names[i] is */
    names[i].data = luaL_checklstring(L, -1, &names[i].length);
  }
  size_t near[LUASHM_NEAR];
  size_t found = find_longer(names, count, name, near);
  if (found == 0)
    found = luashm_find_near(names, count, name, near);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (size_t i = 0; i < found; i++) {
    luaL_addstring(&text, i == 0 ? "; near: " : ", ");
    luaL_addlstring(&text, names[near[i]].data, names[near[i]].length);
  }
  luaL_pushresult(&text);
}

/* shm.layouts.name -> layout */
static int layouts_index(lua_State *L) {
  struct luashm_bytes name;
  name.data = luaL_tolstring(L, 2, &name.length);
  push_layout(L);
  if (!lua_isnil(L, -1))
    return 1;
  push_near(L, name);
  const char *near = lua_tostring(L, -1);
  return luaL_error(L,
                    "shm.layouts has no '%s'%s; pairs(shm.layouts) goes "
                    "through what it has",
                    luashm_push_shown_word(L, name.data), near);
}

/* For the prompt's completion, as with records: the names; or, with a key, the
   layout or nil. */
static int layouts_fields(lua_State *L) {
  lua_settop(L, 2);
  if (lua_isnil(L, 2)) {
    push_function(L, "names");
    lua_call(L, 0, 1);
  } else
    push_layout(L);
  return 1;
}

/* pairs(shm.layouts): each name and its description; parses nothing */
static int layouts_pairs(lua_State *L) {
  push_function(L, "pairs");
  lua_call(L, 0, 1);
  return 1;
}

static const luaL_Reg metamethods[] = {{"__index", layouts_index},
                                       {"__pairs", layouts_pairs},
                                       {"__fields", layouts_fields},
                                       {NULL, NULL}};

void luashm_set_layouts(lua_State *L, int host, int types) {
  int shm = lua_gettop(L);
  lua_newuserdatauv(L, 0, 0);
  luaL_newlibtable(L, metamethods);
  int own = lua_gettop(L);
  lua_getfield(L, shm, "layout");
  lua_setfield(L, own, PARSE);
  lua_pushvalue(L, own);
  lua_pushvalue(L, host);
  lua_pushvalue(L, types);
  luaL_setfuncs(L, metamethods, UPVALUE_TYPES);
  lua_pushliteral(L, "shm.layouts");
  lua_setfield(L, own, "__name");
  lua_setmetatable(L, -2);
  lua_setfield(L, shm, "layouts");
}
