/* Makes texts from anywhere fit for a terminal. The host has the rule, which is
   the same for the whole program. */
#include "module.h"

#include <string.h>

const char *luashm_push_shown_by(lua_State *L, luashm_shower *show,
                                 struct luashm_bytes text,
                                 enum luashm_manner manner) {
  luaL_Buffer shown;
  char *room = luaL_buffinitsize(L, &shown, text.length * LUASHM_GROWTH);
  luaL_pushresultsize(&shown, show(text, manner, room));
  return lua_tostring(L, -1);
}

const char *luashm_push_shown(lua_State *L, struct luashm_bytes text,
                              enum luashm_manner manner) {
  return luashm_push_shown_by(L, host_of(L)->show, text, manner);
}

const char *luashm_push_shown_word(lua_State *L, const char *word) {
  struct luashm_bytes text = {word, strlen(word)};
  return luashm_push_shown(L, text, LUASHM_LINE);
}

int luashm_show_string(lua_State *L, luashm_shower *show) {
  static const char *const manners[] = {[LUASHM_LINE] = "line",
                                        [LUASHM_LINES] = "lines",
                                        [LUASHM_QUOTED] = "quoted",
                                        [LUASHM_QUOTED + 1] = NULL};
  struct luashm_bytes text = {NULL, 0};
  text.data = luaL_checklstring(L, 1, &text.length);
  int manner = luaL_checkoption(L, 2, manners[LUASHM_LINE], manners);
  luashm_push_shown_by(L, show, text, (enum luashm_manner)manner);
  return 1;
}
