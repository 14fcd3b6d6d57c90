/* The options of shm.layout. What they point at stays on the stack: a
   finalizer may empty the table before it is used. */
#include "record.h"

#include <string.h>

static const char *const abis[] = {"linux", "windows", "mingw", NULL};
static const char *const languages[] = {"", "c", "c++", NULL};
static const char *const orders[] = {"little", "big", NULL};

/* The number of the word at the top among the choices. */
static uint32_t choice(lua_State *L, int index, const char *key,
                       const char *const choices[]) {
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
  luaL_Buffer known;
  for (uint32_t i = 0; choices[i]; i++)
    if (*text && strcmp(text, choices[i]) == 0)
      return i;
  luaL_buffinit(L, &known);
  for (uint32_t i = 0; choices[i]; i++)
    if (*choices[i]) {
      bool last = !choices[i + 1], alone = i == 0 || !*choices[i - 1];
      luaL_addstring(&known, alone ? "\"" : last ? " or \"" : ", \"");
      luaL_addstring(&known, choices[i]);
      luaL_addchar(&known, '"');
    }
  luaL_pushresult(&known);
  luaL_argerror(L, index,
                lua_pushfstring(L, "option '%s' must be %s", key,
                                lua_tostring(L, -1)));
  return 0;
}

static struct luashm_bytes text_value(lua_State *L, int index,
                                      const char *key) {
  struct luashm_bytes text = {NULL, 0};
  if (lua_type(L, -1) != LUA_TSTRING)
    luaL_argerror(L, index,
                  lua_pushfstring(L, "option '%s' must be a string", key));
  text.data = lua_tolstring(L, -1, &text.length);
  return text;
}

/* ---- lists, as one string: each item ends with a NUL ---- */

/* Raises if the string at the top has a NUL in itself. */
static void check_item(lua_State *L, int index, const char *key) {
  size_t length;
  if (strlen(lua_tolstring(L, -1, &length)) != length)
    luaL_argerror(L, index,
                  lua_pushfstring(L, "option '%s': a zero byte", key));
}

/* A string, or a list of them: pushes "one\0two\0". The option is at the
   top. */
static struct luashm_bytes folders(lua_State *L, int index) {
  int option = lua_gettop(L);
  struct luashm_bytes bytes;
  bool single = lua_type(L, option) == LUA_TSTRING;
  if (!single && lua_type(L, option) != LUA_TTABLE)
    luaL_argerror(L, index,
                  "option 'include' must be a folder or a list of them");
  lua_Integer count = single ? 1 : (lua_Integer)lua_rawlen(L, option);
  lua_pushliteral(L, ""); /* what there is so far */
  for (lua_Integer i = 1; i <= count; i++) {
    if (single)
      lua_pushvalue(L, option);
    else if (lua_rawgeti(L, option, i) != LUA_TSTRING)
      luaL_argerror(L, index, "option 'include' must be a list of strings");
    check_item(L, index, "include");
    lua_pushlstring(L, "", 1); /* the NUL */
    lua_concat(L, 3);
  }
  bytes.data = lua_tolstring(L, -1, &bytes.length);
  return bytes;
}

/* { N = 4, WIDE = true, OLD = false, T = "int" }: pushes "N=4\0WIDE=1\0!OLD\0"
   … */
static struct luashm_bytes macros(lua_State *L, int index) {
  int option = lua_gettop(L);
  struct luashm_bytes bytes;
  if (lua_type(L, option) != LUA_TTABLE)
    luaL_argerror(L, index, "option 'define' must be a table by macros' names");
  lua_pushliteral(L, ""); /* what there is so far */
  lua_pushnil(L);
  while (lua_next(L, option)) {
    if (lua_type(L, -2) != LUA_TSTRING)
      luaL_argerror(L, index, "option 'define' has macros by their names");
    const char *name = lua_tostring(L, -2);
    int type = lua_type(L, -1);
    if (type == LUA_TBOOLEAN)
      lua_pushfstring(L, lua_toboolean(L, -1) ? "%s=1" : "!%s", name);
    else if (lua_isinteger(L, -1))
      lua_pushfstring(L, "%s=%I", name, lua_tointeger(L, -1));
    else if (type == LUA_TSTRING)
      lua_pushfstring(L, "%s=%s", name, lua_tostring(L, -1));
    else
      luaL_argerror(L, index,
                    lua_pushfstring(L, "option 'define': %s must be true, "
                                       "false, an integer or a string",
                                    name));
    check_item(L, index, "define");
    lua_pushvalue(L, -4);
    lua_insert(L, -2);
    lua_pushlstring(L, "", 1); /* the NUL */
    lua_concat(L, 3);
    lua_replace(L, -4);
    lua_pop(L, 1); /* the value; the name goes on */
  }
  bytes.data = lua_tolstring(L, -1, &bytes.length);
  return bytes;
}

/* ---- all of them ---- */

/* Where on the stack the strings stay alive. */
enum {
  SLOT_OBJECT,
  SLOT_TYPE,
  SLOT_FILE,
  SLOT_COMPILER,
  SLOT_DEFINE,
  SLOT_INCLUDE,
  SLOTS
};

static void keep(lua_State *L, int slot) { lua_copy(L, -1, slot); }

static void read_option(lua_State *L, int index, const char *key, int first,
                        struct luashm_layout_options *options) {
  if (strcmp(key, "abi") == 0)
    options->abi = choice(L, index, key, abis);
  else if (strcmp(key, "language") == 0)
    options->language = choice(L, index, key, languages);
  else if (strcmp(key, "order") == 0)
    options->big_endian = choice(L, index, key, orders) == 1;
  else if (strcmp(key, "type") == 0) {
    options->type = text_value(L, index, key);
    keep(L, first + SLOT_TYPE);
  } else if (strcmp(key, "object") == 0) {
    text_value(L, index, key);
    keep(L, first + SLOT_OBJECT);
  } else if (strcmp(key, "file") == 0) {
    options->file = text_value(L, index, key);
    keep(L, first + SLOT_FILE);
  } else if (strcmp(key, "compiler") == 0 && lua_isboolean(L, -1))
    options->any_compiler = lua_toboolean(L, -1);
  else if (strcmp(key, "compiler") == 0) {
    options->compiler = text_value(L, index, key);
    keep(L, first + SLOT_COMPILER);
  } else if (strcmp(key, "include") == 0) {
    options->folders = folders(L, index);
    keep(L, first + SLOT_INCLUDE);
    lua_pop(L, 1);
  } else if (strcmp(key, "define") == 0) {
    options->macros = macros(L, index);
    keep(L, first + SLOT_DEFINE);
    lua_pop(L, 1);
  } else
    luaL_argerror(L, index,
                  lua_pushfstring(L, "unknown option '%s' (known: abi, "
                                     "compiler, define, file, include, "
                                     "language, object, order, type)",
                                  key));
}

int luashm_check_layout(lua_State *L, int index,
                        struct luashm_layout_options *options) {
  *options = (struct luashm_layout_options){0};
  luaL_checkstack(L, SLOTS + 12, NULL);
  int first = lua_gettop(L) + 1;
  for (int i = 0; i < SLOTS; i++)
    lua_pushnil(L);
  for (const char *key = luashm_first_option(L, index); key;
       key = luashm_next_option(L, index))
    read_option(L, index, key, first, options);
  return first;
}
