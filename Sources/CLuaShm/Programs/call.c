/* Protected calls, with tracebacks. */
#include "script-interruption.h"

/* Message handler: turns an error object into a message with a traceback, as
   lua.c of Lua 5.4 does. */
static int with_traceback(lua_State *L) {
  const char *message = lua_tostring(L, 1);
  luashm_note_uncaught(message);
  if (!message) {
    if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING)
      return 1; /* its __tostring describes it */
    message = lua_pushfstring(L, "(error object is a %s value)",
                              luaL_typename(L, 1));
  }
  if (luashm_push_hint(L, 1, 1))
    message = lua_pushfstring(L, "%s\n%s", message, lua_tostring(L, -1));
  luaL_traceback(L, L, message, 1);
  return 1;
}

int luashm_call(lua_State *L, int arguments, int results) {
  int handler = lua_gettop(L) - arguments;
  lua_pushcfunction(L, with_traceback);
  lua_insert(L, handler);
  int status = lua_pcall(L, arguments, results, handler);
  lua_remove(L, handler);
  return status;
}

int luashm_call_interruptibly(lua_State *L, int arguments, int results) {
  luashm_begin_interruptible(L);
  int status = luashm_call(L, arguments, results);
  luashm_end_interruptible();
  return status;
}
