/* Errors about views, and the name of a view's object, for the messages of
   everything that stands on views. */
#include "module.h"

/* A user value of a view and of all that uses its name. */
enum { VIEW_NAME = 1 };

/* ---- names ---- */

struct luashm_bytes luashm_name_of(lua_State *L, int index) {
  struct luashm_bytes name = {NULL, 0};
  if (lua_type(L, index) != LUA_TUSERDATA)
    return name;
  if (lua_getiuservalue(L, index, VIEW_NAME) == LUA_TSTRING)
    name.data = lua_tolstring(L, -1, &name.length);
  lua_pop(L, 1);
  return name;
}

const char *luashm_shown_name(lua_State *L, int index) {
  struct luashm_bytes name = luashm_name_of(L, index);
  if (name.length == 0)
    return lua_pushliteral(L, "an unnamed object");
  return luashm_push_shown(L, name, LUASHM_LINE);
}

/* ---- refusals ---- */

int luashm_closed_view(lua_State *L, int index) {
  return luaL_error(L, "attempt to use a closed view (of %s)",
                    luashm_shown_name(L, index));
}

struct luashm_handle *luashm_open_view(lua_State *L) {
  const struct luashm_head *head = luashm_own(L, TYPE_VIEW);
  struct luashm_handle *view = luashm_handle(head->object);
  if (__builtin_expect(!view->base, 0))
    luashm_closed_view(L, 1);
  return view;
}

int luashm_past_end(lua_State *L, const char *verb, lua_Integer length,
                    lua_Integer offset) {
  const struct luashm_handle *view = luashm_open_view(L); /* or it was closed */
  return luaL_error(L,
                    "%s of %I bytes at offset %I is not inside of %s "
                    "(%I bytes)",
                    verb, length, offset, luashm_shown_name(L, 1),
                    (lua_Integer)view->size);
}

int luashm_lost(lua_State *L, int index, const char *verb) {
  return luaL_error(
      L,
      "%s: the memory of %s is gone: a process truncated its file, or the "
      "pages of an object that was only reserved could not be committed; "
      "close the view and create the object again",
      verb, luashm_shown_name(L, index));
}
