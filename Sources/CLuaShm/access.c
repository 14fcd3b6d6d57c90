/* The errors of an access to a view's bytes. */
#include "access.h"

struct luashm_handle *luashm_writable(lua_State *L, const char *verb) {
  struct luashm_handle *view = luashm_open_view(L);
  if (view->access == LUASHM_READ)
    luaL_error(L, "%s: the view of %s is read-only", luashm_word(verb),
               luashm_shown_name(L, 1));
  return view;
}

int luashm_refuse_access(lua_State *L, const char *verb, lua_Integer length,
                         lua_Integer offset, bool writes) {
  if (writes)
    luashm_writable(L, verb);
  return luashm_past_end(L, luashm_word(verb), length, offset);
}

int luashm_refuse_offset(lua_State *L, const char *verb, lua_Integer offset) {
  const struct luashm_handle *view = luashm_open_view(L);
  return luaL_error(L, "%s at offset %I is not inside of %s (%I bytes)",
                    luashm_word(verb), offset, luashm_shown_name(L, 1),
                    (lua_Integer)view->size);
}

int luashm_does_not_fit(lua_State *L, int index, lua_Integer value,
                        const char *type, lua_Integer lowest,
                        lua_Integer highest) {
  return luaL_argerror(L, index,
                       lua_pushfstring(L, "%I does not fit into %s (%I to %I)",
                                       value, type, lowest, highest));
}
