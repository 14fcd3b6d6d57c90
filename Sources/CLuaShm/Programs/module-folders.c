/*
 * Where a program that contains Lua looks for C modules, in addition to where
 * Debian's Lua does: /usr/lib64, and lib/ of the folder into which it was
 * unpacked. A program that uses the distribution's Lua leaves this to it.
 */
#define _GNU_SOURCE
#include "module.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 1 if the program contains Lua: such a program is linked with another
   definition (scripts/build), and everything else is compiled once for both. */
extern const int luashm_lua_is_inside;
__attribute__((weak)) const int luashm_lua_is_inside = 0;

/* "<prefix>/bin/moonpool" -> "<prefix>"; false: the program is elsewhere. */
static bool prefix_of_program(char *path, size_t size) {
  ssize_t length = readlink("/proc/self/exe", path, size - 1);
  if (length <= 0)
    return false;
  path[length] = 0;
  char *folder = strrchr(path, '/');
  if (!folder)
    return false;
  *folder = 0;
  folder = strrchr(path, '/');
  if (!folder || strcmp(folder, "/bin") != 0)
    return false;
  *folder = 0;
  return true;
}

/* If the user set a path without ";;", it is used exactly as it is. */
static bool is_given(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  bool ignored = lua_toboolean(L, -1);
  lua_pop(L, 1);
  const char *given = getenv("LUA_CPATH_5_4");
  if (!given)
    given = getenv("LUA_CPATH");
  return !ignored && given && !strstr(given, ";;");
}

void luashm_add_module_folders(lua_State *L) {
  char prefix[4096];
  if (!luashm_lua_is_inside || is_given(L))
    return;
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "cpath");
  lua_pushliteral(L, ";/usr/lib64/lua/5.4/?.so");
  int parts = 2;
  if (prefix_of_program(prefix, sizeof prefix)) {
    lua_pushfstring(L, ";%s/lib/lua/5.4/?.so", prefix);
    parts++;
  }
  lua_concat(L, parts);
  lua_setfield(L, -2, "cpath");
  lua_pop(L, 1);
}
