/* The options of shm.layout. Everything that they point at is kept on the
   stack, as a finalizer may empty the script's table before it is used. */
#include "record.h"

#include "options.h"

#include <string.h>

static const struct luashm_word abis[] = {{"linux", CSHM_LINUX},
                                          {"windows", CSHM_WINDOWS},
                                          {"mingw", CSHM_MINGW},
                                          {NULL, 0}};
static const struct luashm_word languages[] = {
    {"c", LUASHM_C}, {"c++", LUASHM_CPP}, {NULL, 0}};
static const struct luashm_word orders[] = {
    {"little", false}, {"big", true}, {NULL, 0}};

/* ---- lists, stored as one string: a NUL ends each item ---- */

/* Raises if the string at the top of the stack contains a NUL. */
static void check_item(lua_State *L, int index, const char *key) {
  size_t length;
  if (strlen(lua_tolstring(L, -1, &length)) != length)
    luaL_argerror(L, index,
                  lua_pushfstring(L, "option '%s': a zero byte", key));
}

/* Reads the option at the top of the stack, a string or a list of strings.
   Pushes "one\0two\0". */
static struct luashm_bytes folders(lua_State *L, int index) {
  int option = lua_gettop(L);
  struct luashm_bytes bytes;
  bool single = lua_type(L, option) == LUA_TSTRING;
  if (!single && lua_type(L, option) != LUA_TTABLE)
    luaL_argerror(L, index,
                  "option 'include' must be a folder or a list of them");
  lua_Integer count = single ? 1 : (lua_Integer)lua_rawlen(L, option);
  lua_pushliteral(L, ""); /* the items so far */
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

/* Reads { N = 4, WIDE = true, OLD = false, T = "int" }.
   Pushes "N=4\0WIDE=1\0!OLD\0" … */
static struct luashm_bytes macros(lua_State *L, int index) {
  int option = lua_gettop(L);
  struct luashm_bytes bytes;
  if (lua_type(L, option) != LUA_TTABLE)
    luaL_argerror(L, index, "option 'define' must be a table by macros' names");
  lua_pushliteral(L, ""); /* the items so far */
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
    lua_pop(L, 1); /* the value; lua_next needs the name */
  }
  bytes.data = lua_tolstring(L, -1, &bytes.length);
  return bytes;
}

/* ---- all options ---- */

/* Stack slots that keep the strings alive. */
enum {
  SLOT_OBJECT,
  SLOT_TYPE,
  SLOT_FILE,
  SLOT_COMPILER,
  SLOT_DEFINE,
  SLOT_INCLUDE,
  SLOTS
};

/* ---- options with readers of their own ---- */

static void read_folders(lua_State *L, int index, const char *key,
                         void *record, int kept) {
  struct luashm_layout_options *options = record;
  (void)key;
  options->folders = folders(L, index);
  lua_copy(L, -1, kept + SLOT_INCLUDE);
  lua_pop(L, 1);
}

static void read_macros(lua_State *L, int index, const char *key, void *record,
                        int kept) {
  struct luashm_layout_options *options = record;
  (void)key;
  options->macros = macros(L, index);
  lua_copy(L, -1, kept + SLOT_DEFINE);
  lua_pop(L, 1);
}

/* Reads the name of a compiler, or true for any. */
static void read_compiler(lua_State *L, int index, const char *key,
                          void *record, int kept) {
  struct luashm_layout_options *options = record;
  if (lua_isboolean(L, -1)) {
    options->any_compiler = lua_toboolean(L, -1);
    return;
  }
  options->compiler = luashm_text_option(L, index, key);
  lua_copy(L, -1, kept + SLOT_COMPILER);
}

/* Reads the object's name, which stays on the stack for the binding. */
static void read_object(lua_State *L, int index, const char *key,
                        void *record, int kept) {
  (void)record;
  luashm_text_option(L, index, key);
  lua_copy(L, -1, kept + SLOT_OBJECT);
}

static const struct luashm_option layout_options[] = {
    {OPTION("abi", struct luashm_layout_options, abi), OPTION_WORD,
     .words = abis},
    {"compiler", .form = OPTION_OWN, .read = read_compiler},
    {"define", .form = OPTION_OWN, .read = read_macros},
    {OPTION("file", struct luashm_layout_options, file), OPTION_TEXT,
     .slot = SLOT_FILE},
    {"include", .form = OPTION_OWN, .read = read_folders},
    {OPTION("language", struct luashm_layout_options, language), OPTION_WORD,
     .words = languages},
    {"object", .form = OPTION_OWN, .read = read_object},
    {OPTION("order", struct luashm_layout_options, big_endian), OPTION_WORD,
     .words = orders},
    {OPTION("type", struct luashm_layout_options, type), OPTION_TEXT,
     .slot = SLOT_TYPE},
    {NULL}};

int luashm_check_layout(lua_State *L, int index,
                        struct luashm_layout_options *options) {
  static const struct luashm_option *const groups[] = {layout_options, NULL};
  *options = (struct luashm_layout_options){0};
  luaL_checkstack(L, SLOTS + 12, NULL);
  int first = lua_gettop(L) + 1;
  for (int i = 0; i < SLOTS; i++)
    lua_pushnil(L);
  luashm_read_options(L, index, groups, options, first);
  return first;
}
