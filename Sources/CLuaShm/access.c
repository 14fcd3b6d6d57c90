/* The slow halves of an access: what is refused, and what a listener hears. */
#include "access.h"

#include <stdio.h>
#include <string.h>

struct luashm_view *luashm_writable(lua_State *L, const char *verb) {
  struct luashm_view *view = luashm_open_view(L);
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
  const struct luashm_view *view = luashm_open_view(L);
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

/* One argument of the script's call: an integer, a float or the text. */
static void note(lua_State *L, struct luashm_turn *turn, int index) {
  struct luashm_operation *operation = &turn->operation;
  if (lua_isinteger(L, index)) {
    if (operation->argument_count < LUASHM_ARGUMENTS)
      operation->arguments[operation->argument_count++] =
          lua_tointeger(L, index);
  } else if (operation->data.data)
    return;
  else if (lua_type(L, index) == LUA_TNUMBER) {
    int length = snprintf(turn->number, sizeof turn->number, LUA_NUMBER_FMT,
                          lua_tonumber(L, index));
    operation->data = (struct luashm_bytes){turn->number, (size_t)length};
  } else if (lua_type(L, index) == LUA_TSTRING)
    operation->data.data = lua_tolstring(L, index, &operation->data.length);
}

/* Where among the arguments the view is; view:copy has two. */
static int index_of(lua_State *L, const struct luashm_view *view) {
  int index = lua_gettop(L);
  while (index > 1 && lua_touserdata(L, index) != view)
    index--;
  return index;
}

void luashm_enter_access(lua_State *L, struct luashm_turn *turn, int kind,
                         const char *verb, const struct luashm_view *view,
                         size_t offset, size_t length) {
  struct luashm_bytes name = luashm_name_of(L, index_of(L, view));
  turn->operation = (struct luashm_operation){.kind = kind,
                                              .name = name,
                                              .key = view->key,
                                              .offset = offset,
                                              .length = length,
                                              .verb = verb,
                                              .timeout = -1,
                                              .state = L};
  for (int index = 2; index <= lua_gettop(L); index++)
    note(L, turn, index);
  luashm_enter(turn->host, &turn->operation);
}
