#include "module.h"

#include <stdlib.h>
#include <string.h>

/* The key below the value that lua_next has pushed; NULL: none was left. */
static const char *option(lua_State *L, int index) {
  if (!lua_next(L, index))
    return NULL;
  if (lua_type(L, -2) != LUA_TSTRING)
    luaL_argerror(L, index, "options are given by name");
  return lua_tostring(L, -2);
}

const char *luashm_first_option(lua_State *L, int index) {
  if (lua_isnoneornil(L, index))
    return NULL;
  luaL_checktype(L, index, LUA_TTABLE);
  lua_pushnil(L);
  return option(L, index);
}

const char *luashm_next_option(lua_State *L, int index) {
  lua_pop(L, 1);
  return option(L, index);
}

static const char *const access_names[] = {"rw", "r", "copy", NULL};

static int64_t access_value(lua_State *L, int index) {
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
  for (int i = 0; access_names[i]; i++)
    if (strcmp(text, access_names[i]) == 0)
      return i;
  return luaL_argerror(L, index,
                       "option 'access' must be \"rw\", \"r\" or \"copy\"");
}

static int64_t size_value(lua_State *L, int index, const char *key) {
  int whole;
  lua_Integer value = lua_tointegerx(L, -1, &whole);
  if (!whole || value < 0)
    luaL_argerror(L, index,
                  lua_pushfstring(
                      L, "option '%s' must be a number of bytes from 0", key));
  return value;
}

bool luashm_bool_option(lua_State *L, int index, const char *key) {
  if (!lua_isboolean(L, -1))
    luaL_argerror(L, index,
                  lua_pushfstring(L, "option '%s' must be true or false", key));
  return lua_toboolean(L, -1);
}

/* An integer, or octal digits in a string as in chmod(1): Lua has no octal. */
int64_t luashm_mode_option(lua_State *L, int index, bool *as_integer) {
  *as_integer = lua_isinteger(L, -1);
  if (lua_type(L, -1) == LUA_TSTRING) {
    const char *text = lua_tostring(L, -1);
    size_t digits = strspn(text, "01234567");
    if (digits > 0 && digits <= 6 && text[digits] == 0)
      return strtol(text, NULL, 8);
  } else if (*as_integer)
    return lua_tointeger(L, -1);
  return luaL_argerror(L, index,
                       "option 'mode' must be an integer or octal digits in a "
                       "string, such as \"0644\"");
}

static struct luashm_bytes text_value(lua_State *L, int index,
                                      const char *key) {
  struct luashm_bytes text = {NULL, 0};
  if (lua_type(L, -1) != LUA_TSTRING)
    luaL_argerror(L, index,
                  lua_pushfstring(L, "option '%s' must be a string", key));
  text.data = lua_tolstring(L, -1, &text.length); /* the table keeps it */
  return text;
}

static void read_option(lua_State *L, int index, const char *key,
                        bool creating, bool mapping,
                        struct luashm_options *options) {
  if (strcmp(key, "access") == 0)
    options->access = access_value(L, index);
  else if (strcmp(key, "offset") == 0)
    options->offset = size_value(L, index, key);
  else if (strcmp(key, "length") == 0)
    options->length = size_value(L, index, key);
  else if (strcmp(key, "wine") == 0 && !mapping)
    options->wine = text_value(L, index, key);
  else if (strcmp(key, "hold") == 0 && !mapping)
    options->hold = luashm_bool_option(L, index, key);
  else if (creating && strcmp(key, "mode") == 0)
    options->mode = luashm_mode_option(L, index, &options->mode_as_integer);
  else if (creating && strcmp(key, "exclusive") == 0)
    options->exclusive = luashm_bool_option(L, index, key);
  else if (creating && strcmp(key, "reserve") == 0)
    options->reserve = luashm_bool_option(L, index, key);
  else
    luaL_argerror(
        L, index,
        lua_pushfstring(L, "unknown option '%s' (known: access, offset, "
                           "length%s%s)",
                        luashm_push_shown_word(L, key),
                        creating ? ", mode, exclusive, reserve" : "",
                        mapping ? "" : ", wine, hold"));
}

void luashm_check_options(lua_State *L, int index, bool creating,
                          bool mapping, struct luashm_options *options) {
  *options = (struct luashm_options){.access = mapping ? -1 : LUASHM_READ_WRITE,
                                     .mode = 0600,
                                     .hold = -1};
  for (const char *key = luashm_first_option(L, index); key;
       key = luashm_next_option(L, index))
    read_option(L, index, key, creating, mapping, options);
}
